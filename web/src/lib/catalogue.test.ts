import { describe, expect, it } from 'vitest';
import { Translator } from './catalogue.ts';

const spanish = (english: string) => english.replaceAll(',', '#').replace('.', ',').replaceAll('#', '.');
const made = new Translator(
  [
    {
      'The count': 'El cómputo',
      '{} of {} units differ.': '{} de {} unidades difieren.',
      '{} of {} units differ; {} are missing.': '{} de {} unidades difieren; faltan {}.',
      'the {} of {}': '{1}: {0}',
      'Winner: {}': 'Ganador: {}',
      '{}. {} leads.': '{}. Va primero {}.',
      'Nothing else.': 'Nada más.',
    },
  ],
  [{ '{} to {}': '{} a {}' }],
  spanish,
);

describe('the catalogue', () => {
  it('translates a text as a whole, and writes its numbers as the language does', () => {
    expect(made.translate('The count')).toBe('El cómputo');
    expect(made.translate('1,234 of 34,555 units differ.')).toBe('1.234 de 34.555 unidades difieren.');
  });
  it('takes the pattern with the most literal text', () => {
    expect(made.translate('1 of 2 units differ; 3 are missing.')).toBe('1 de 2 unidades difieren; faltan 3.');
  });
  it('puts gaps in another order', () => {
    expect(made.translate('the votes of A')).toBe('A: votes');
  });
  it('translates what was filled in', () => {
    expect(made.translate('Winner: A. A leads.')).toBe('Ganador: A. Va primero A.');
  });
  it('falls back to sentences', () => {
    expect(made.translate('1 of 2 units differ. Nothing else.')).toBe('1 de 2 unidades difieren. Nada más.');
  });
  it('lets no pattern that ends in a gap swallow the sentences after it', () => {
    const two = new Translator([{ 'At {}: {}.': 'En {}: {}.', 'With {}: {}.': 'Con {}: {}.', '{} votes': '{} votos' }], [], spanish);
    expect(two.translate('At X: 5 votes. With Y: 6 votes.')).toBe('En X: 5 votos. Con Y: 6 votos.');
  });
  it('takes a number alone where the pattern asks for one', () => {
    const dates = new Translator([{ '{#} October {#}': '{} de octubre de {}' }], [], spanish);
    expect(dates.translate('21 October 2020')).toBe('21 de octubre de 2020');
    expect(dates.translate('Everyone with support by October 2020')).toBeNull();
    expect(dates.translate('voted on 6 October 2022 to reopen')).toBeNull();
  });
  it('keeps an id before a text', () => {
    expect(made.translate('bo-2019/computo: The count')).toBe('bo-2019/computo: El cómputo');
  });
  it('knows when it does not know', () => {
    expect(made.translate('Something else entirely')).toBeNull();
    expect(made.translate('1 of 2 units differ. Something else.')).toBeNull();
  });
  it('never matches a text of the pages against one of the program', () => {
    expect(made.translate('from here to there')).toBeNull();
    expect(made.template('{} to {}')).toBe('{} a {}');
  });
  it('takes no longer for a hostile text than its length asks', () => {
    const begin = performance.now();
    made.translate(' of '.repeat(50_000));
    made.translate('the '.repeat(50_000) + ' of ');
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
