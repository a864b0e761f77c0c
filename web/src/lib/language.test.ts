import { afterEach, describe, expect, it } from 'vitest';
import { decimals, in_clauses, instant, number, say, sentence, set_language, signed, t } from './language.svelte.ts';

afterEach(() => set_language('en'));

describe('numbers and dates', () => {
  it('are written in English as the command line writes them', () => {
    expect([6137671, 1234.56, 10.07824, 0.05, 0.0000123, -35.1, null, NaN].map(number)).toEqual([
      '6,137,671',
      '1,234.6',
      '10.0782',
      '0.05',
      '0.0000123',
      '-35.1',
      '–',
      '–',
    ]);
  });
  it('are written in Spanish with a comma, and points from 1.000 on', () => {
    set_language('es');
    expect([6137671, 1234.56, 10.07824].map(number)).toEqual(['6.137.671', '1.234,6', '10,0782']);
    expect(decimals(2.5, 2)).toBe('2,50');
    expect(signed(3.25, 1)).toBe('+3,3');
  });
  it('keep an instant on its own clock', () => {
    expect(instant('2019-10-20T19:40:57')).toMatch(/October 20, 2019.*7:40/);
    set_language('es');
    expect(instant('2019-10-20T19:40:57')).toMatch(/20 de octubre de 2019.*19:40/);
  });
});

describe('texts', () => {
  it('stay in English unless another language is chosen', () => {
    expect(t('At stake: {} votes, against a slack of {}.', 1, 2)).toBe('At stake: 1 votes, against a slack of 2.');
    expect(say('The challenges')).toBe('The challenges');
  });
  it('of the page are filled after they are translated', () => {
    set_language('es');
    expect(t('At stake: {} votes, against a slack of {}.', '10', '20')).toBe('En juego: 10 votos, frente a una holgura de 20.');
  });
  it("of an answer are one sentence, clause by clause in the reader's language", () => {
    const clauses = [
      'A won, by 1,500 votes to spare',
      'The margin went from 7.87 points in the 28,975 early units to 10.08 in all: the 5,580 late units had 22.35',
    ];
    expect(sentence(clauses)).toBe(
      'A won, by 1,500 votes to spare; The margin went from 7.87 points in the 28,975 early units to 10.08 in all: the 5,580 late units had 22.35.',
    );
    set_language('es');
    expect(sentence(in_clauses({ clauses }).clauses)).toBe(
      'A ganó, con 1.500 votos de margen; El margen pasó de 7,87 puntos en las 28.975 unidades tempranas a 10,08 en total: las 5.580 tardías tuvieron 22,35.',
    );
  });
  it('of findings have their numbers written anew', () => {
    set_language('es');
    expect(say('The margin went from 7.87 points in the 28,975 early units to 10.08 in all: the 5,580 late units had 22.35.')).toBe(
      'El margen pasó de 7,87 puntos en las 28.975 unidades tempranas a 10,08 en total: las 5.580 tardías tuvieron 22,35.',
    );
  });
});
