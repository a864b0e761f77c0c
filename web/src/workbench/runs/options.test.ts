// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../lib/finding.ts';
import type { Method, OptionInfo } from '../api.ts';
import { asked_of, chosen, fault, seed_fault } from './options.ts';

const option = (changes: Partial<OptionInfo>): OptionInfo => ({ name: 'n', unit: '', text: '', type: 'real', default: 0.5, ...changes });

describe('the values of options', () => {
  it('are checked as the option table says', () => {
    expect(fault(option({ type: 'whole' }), '1.5')).toBe('whole');
    expect(fault(option({ type: 'whole', low: 1 }), '0')).toBe('low');
    expect(fault(option({ type: 'whole', low: 1, high: 9 }), '10')).toBe('high');
    expect(fault(option({ type: 'whole', low: 1, high: 9 }), ' 9 ')).toBeNull();
    expect(fault(option({}), '')).toBe('number');
    expect(fault(option({}), 'Infinity')).toBe('number');
    expect(fault(option({}), '1e-3')).toBeNull();
    expect(fault(option({ type: 'flag' }), 'perhaps')).toBe('choice');
    expect(fault(option({ type: 'text', choices: ['a'] }), 'b')).toBe('choice');
    expect(fault(option({ type: 'text' }), '<script>')).toBeNull();
  });
  it('are sent only where they differ from the default', () => {
    const options = [option({ name: 'a', default: 999 }), option({ name: 'b', default: 'x', type: 'text' })];
    expect(chosen(options, { a: '999', b: 'y' })).toEqual({ b: 'y' });
  });
  it('have a seed that JSON carries exactly', () => {
    expect(seed_fault('20191020')).toBe(false);
    expect(seed_fault('9007199254740991')).toBe(false);
    for (const wrong of ['9007199254740992', '-1', '1.5', '', 'abc']) expect(seed_fault(wrong)).toBe(true);
  });
});

describe('a finding asked again', () => {
  it('has the count first and the others as what it was held against, and only options that were set', () => {
    const finding = {
      method: 'rivals',
      options: { replicates: 99, kind: 'a' },
      inputs: [{ count: 'x/final' }, { count: 'x/quick' }, { arrival: 'x/times' }, { challenge: 'c' }, { crosswalk: 'w' }],
    } as unknown as Finding;
    const method = { options: [option({ name: 'replicates', default: 999 }), option({ name: 'kind', type: 'text', default: 'a' })] } as unknown as Method;
    expect(asked_of(finding, method)).toEqual({
      method: 'rivals',
      count: 'x/final',
      against: ['x/quick'],
      challenges: ['c'],
      arrivals: ['x/times'],
      crosswalk: 'w',
      options: { replicates: 99 },
    });
  });
});
