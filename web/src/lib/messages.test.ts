// The catalogues of the rooms, as the pages read them; src/finding/tests/catalogue_test.cpp holds the program to the same files.
import { afterEach, describe, expect, it } from 'vitest';
import { in_language, say, say_of, set_language } from './language.svelte.ts';
import { message_languages, render, with_messages } from './messages.ts';
import type { Finding } from './finding.ts';

afterEach(() => set_language('en'));

function say_in_spanish(name: string): string {
  set_language('es');
  return say(name);
}
const appended = { id: 'texts.appended', args: { first: 'a', then: 'b' } };

describe('a message', () => {
  it('has the languages that the rooms have files of', () => {
    expect(message_languages).toContain('es');
    expect(message_languages).not.toContain('en');
  });
  it('shows the digits that it has, with the marks of the language', () => {
    expect(render({ id: 'texts.appended', args: { first: { decimal: '34671.90' }, then: { decimal: '–' } } }, 'es')).toBe('34.671,90 –');
    expect(render({ id: 'texts.appended', args: { first: { decimal: '1234.5' }, then: 'x' } }, 'es')).toBe('1.234,5 x');
  });
  it('is a sentence of the language, with its plurals and its marks', () => {
    const outcome = {
      id: 'support.outcome_of',
      args: { outcome: { id: 'support.outcome', args: { verdict: 'winner' } }, options: { list: ['A'], join: 'and' } },
    } as const;
    const args = {
      outcome: { ...outcome, capital: true, args: { ...outcome.args, options: { list: ['A'], join: 'and' as const } } },
      leader: 'A',
      votes: 249121,
      valid: 531344,
      margin: { decimal: '10.4019' },
      clause: '40 % and 10 points: 10 points ahead of the second',
      met: 'yes',
      slack: 2136,
    };
    expect(render({ id: 'count.headline', args }, 'es', say_in_spanish)).toBe(
      'Ganador: A. A tiene 249.121 de 531.344 votos válidos y aventaja en 10,4019 puntos; la cláusula que decide (40 % y 10 puntos: 10 puntos por delante del segundo) tiene una holgura de 2.136 votos.',
    );
    expect([1, 1500].map((n) => render({ id: 'support.came_to.adopted', args: { n } }, 'es'))).toEqual([
      'la propuesta quedó aprobada, con 1 voto de margen',
      'la propuesta quedó aprobada, con 1.500 votos de margen',
    ]);
  });
  it('holds messages and lists in the same language', () => {
    expect(render({ id: 'texts.appended', args: { first: { ...appended, capital: true }, then: { list: ['x', 'y', 'z'], join: 'and' } } }, 'es')).toBe(
      'A b x, y y z',
    );
  });
  it('that a language lacks leaves the English that stands in the finding', () => {
    expect(render({ id: 'no.such', args: {} }, 'es')).toBeNull();
    expect(render({ id: 'texts.appended', args: { first: { id: 'no.such', args: {} }, then: 'b' } }, 'es')).toBeNull();
    expect(render({ id: 'texts.appended', args: { first: 'a' } }, 'es')).toBeNull();
    expect(with_messages({ headline: 'As it stands', messages: { '/headline': { id: 'no.such', args: {} } } }, 'es').headline).toBe('As it stands');
  });
});

describe("a finding in the reader's language", () => {
  const finding = {
    id: 'f',
    method: 'count',
    title: 'The challenges',
    question: 'q',
    answer: 'yes',
    headline: 'one',
    in_short: ['two'],
    inputs: [],
    options: {},
    seed: 1,
    estimates: { 'net_A/B': { value: 1, low: null, high: null, level: null, unit: 'votes', definition: 'd' } },
    test: null,
    at_stake: null,
    conditions: [{ text: 'c', met: true }],
    caveats: [],
    does_not_show: [],
    references: [],
    tables: [{ id: 't', title: 'T', columns: [{ name: 'x' }], rows: [['1'], ['kept']] }],
    figures: [],
    messages: {
      '/headline': appended,
      '/in_short/0': appended,
      '/estimates/net_A~1B/definition': appended,
      '/tables/0/rows/0/0': appended,
      '/conditions/0/text': appended,
      '/nowhere/3/title': appended,
      '/tables/7/title': appended,
    },
  } as unknown as Finding;
  it('has its messages rendered where they stand, and is itself left as it was', () => {
    set_language('es');
    const shown = in_language(finding);
    expect(shown.title).toBe('Las objeciones');
    expect(shown).toMatchObject({
      headline: 'a b',
      in_short: ['a b'],
      estimates: { 'net_A/B': { definition: 'a b' } },
      tables: [{ rows: [['a b'], ['kept']] }],
      conditions: [{ text: 'a b' }],
    });
    expect(finding).toMatchObject({ headline: 'one', tables: [{ rows: [['1'], ['kept']] }], estimates: { 'net_A/B': { definition: 'd' } } });
    expect(say_of(finding, 'headline')).toBe('a b');
  });
  it('has the other texts by their English', () => {
    set_language('es');
    expect(in_language(finding).title).toBe('Las objeciones');
    expect(in_language(in_language(finding))).toBe(in_language(finding));
  });
  it('is in English what it is', () => {
    expect(in_language(finding)).toBe(finding);
  });
});
