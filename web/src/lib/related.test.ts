import { expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { related_of } from './related.ts';

const finding = (id: string, method: string, count: string) => ({ id, method, inputs: [{ count, sha256: '', units: 1 }] }) as unknown as Finding;

it('names the findings of a method on the same count, not those on another', () => {
  const strike = finding('strike-a', 'strike', 'official');
  const all = [strike, finding('headroom', 'headroom', 'official'), finding('headroom-quick', 'headroom', 'quick'), finding('strike-b', 'strike', 'official')];
  expect(related_of(strike, 'headroom', all)).toEqual(['headroom']);
  expect(related_of(strike, 'strike', all)).toEqual(['strike-b']);
  expect(related_of(strike, 'grounds', all)).toEqual([]);
});
