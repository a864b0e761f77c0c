import { afterEach, describe, expect, it } from 'vitest';
import { cell_text, whole_votes } from './cells.ts';
import { set_language } from './language.svelte.ts';

afterEach(() => set_language('en'));

describe('votes', () => {
  it('are whole in a sentence and in a cell, and never none where there is a part of one', () => {
    expect(whole_votes(34671.9)).toBe('34,672');
    expect(whole_votes(-46.1)).toBe('-46');
    expect(whole_votes(0.4)).toBe('0.4');
    expect(whole_votes(null)).toBe('–');
    expect(cell_text(34672.5, { name: 'slack_votes', unit: 'votes' })).toBe('34,673');
    expect(cell_text(34672.5, { name: 'share', unit: 'x' })).toBe('34,672.5');
  });
});

describe('a cell that is yes or no', () => {
  it('is a word of the language', () => {
    const column = { name: 'decisive' };
    expect([cell_text(true, column), cell_text(false, column)]).toEqual(['yes', 'no']);
    set_language('es');
    expect([cell_text(true, column), cell_text(false, column)]).toEqual(['sí', 'no']);
  });
  it('is so where the word is a text, and a name is not translated', () => {
    expect(cell_text('yes', { name: 'may_vote' })).toBe('yes');
    set_language('es');
    expect(cell_text('yes', { name: 'may_vote' })).toBe('sí');
    expect(cell_text('depends', { name: 'reaches' })).toBe('depende');
    expect(cell_text('leans-against', { name: 'stance' })).toBe('se inclina en contra');
    expect(cell_text('for', { name: 'place' })).toBe('for');
  });
});
