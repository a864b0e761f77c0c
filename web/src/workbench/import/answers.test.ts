// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { answered } from './answers.ts';

describe('answers to a proposal', () => {
  it('go by the key that the command line names', () => {
    expect(answered('--member', 'a.csv')).toEqual({ member: 'a.csv' });
    expect(answered('--header', '3')).toEqual({ header: 3 });
    expect(answered('--key', 'Mesa, Recinto')).toEqual({ key: ['Mesa', 'Recinto'] });
    expect(answered('--option', 'A,B')).toEqual({ options: ['A', 'B'] });
    expect(answered('--not-option', 'Total')).toEqual({ not_options: ['Total'] });
  });
});
