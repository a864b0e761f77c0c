// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { combined, counted, indices, mask, masked, ordered } from './selection.ts';

describe('which units are shown and selected', () => {
  const share = Float32Array.from([10, 50, NaN, 90.1, 33.3]);

  it('keeps the units within every bound, both ends included; a unit without a value meets none', () => {
    expect([...mask(5, [{ values: share, range: { low: 10, high: 50 } }])]).toEqual([1, 1, 0, 0, 1]);
    expect([...mask(5, [{ values: share, range: { low: null, high: null } }])]).toEqual([1, 1, 1, 1, 1]);
  });
  it('takes a bound that was typed as the number that the column holds', () => {
    expect([...mask(5, [{ values: share, range: { low: 33.3, high: 33.3 } }])]).toEqual([0, 0, 0, 0, 1]);
    expect([...mask(5, [{ values: share, range: { low: 90.1, high: null } }])]).toEqual([0, 0, 0, 1, 0]);
  });
  it('stays inside what is shown', () => {
    expect([...mask(5, [{ values: share, range: { low: 0, high: null } }], masked(5, [0, 2]))]).toEqual([1, 0, 0, 0, 0]);
  });
  it('replaces, adds and removes, and leaves the earlier selection as it was', () => {
    const before = masked(4, [0, 1]);
    const gesture = masked(4, [1, 2]);
    expect([...combined(before, gesture, 'replace')]).toEqual([0, 1, 1, 0]);
    expect([...combined(before, gesture, 'add')]).toEqual([1, 1, 1, 0]);
    expect([...combined(before, gesture, 'remove')]).toEqual([1, 0, 0, 0]);
    expect([...combined(null, gesture, 'add')]).toEqual([0, 1, 1, 0]);
    expect([...before]).toEqual([1, 1, 0, 0]);
  });
  it('counts and lists the same units', () => {
    const m = masked(100_000, [7, 99_999, 3]);
    expect(counted(m)).toBe(3);
    expect([...indices(m)]).toEqual([3, 7, 99_999]);
  });
});

describe('the order of the table', () => {
  const all = Uint32Array.from([0, 1, 2, 3]);
  it('puts units without a value last in both directions, and ties in the order of the count', () => {
    const values = Float64Array.from([5, NaN, 1, 5]);
    expect([...ordered(all, values, false)]).toEqual([2, 0, 3, 1]);
    expect([...ordered(all, values, true)]).toEqual([0, 3, 2, 1]);
  });
  it('orders keys as numbers where all are, else as texts with their numbers', () => {
    expect([...ordered(all, ['10', '9', '100', '1'], false)]).toEqual([3, 1, 0, 2]);
    expect([...ordered(all, ['b-10', 'b-9', 'a-1', 'b-9'], false)]).toEqual([2, 1, 3, 0]);
  });
  it('does not lose exactness above 2^24', () => {
    expect([...ordered(Uint32Array.from([0, 1]), Float64Array.from([16_777_217, 16_777_216]), false)]).toEqual([1, 0]);
  });
});
