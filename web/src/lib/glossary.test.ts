import { describe, expect, it } from 'vitest';
import { glossary_of, words } from './glossary.ts';

describe('the glossary', () => {
  it('holds the words that the text uses, as they are written there, and no others', () => {
    expect(glossary_of('34,672 votes to spare; two Precincts differ.').map(({ word }) => word)).toEqual(['precinct', 'slack']);
    expect(glossary_of('The country is seated.')).toEqual([]);
  });
  it('is in the order of the alphabet, each word once', () => {
    const all = words.map(({ word }) => word);
    expect(all).toEqual([...new Set(all)].sort((a, b) => a.localeCompare(b)));
  });
});
