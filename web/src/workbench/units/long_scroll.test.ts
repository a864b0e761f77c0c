// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { longest, real_height, to_real, to_virtual } from './long_scroll';

describe('a list longer than a browser bears', () => {
  it('is scrolled as it is while it fits', () => {
    expect(real_height(1000)).toBe(1000);
    expect(to_virtual(123, 1000, 500)).toBe(123);
  });
  it('reaches its last row when the scroll bar is at its end', () => {
    const total = 28_000_000;
    expect(real_height(total)).toBe(longest);
    expect(to_virtual(longest - 600, total, 600)).toBeCloseTo(total - 600, 3);
    expect(to_virtual(0, total, 600)).toBe(0);
  });
  it('goes back and forth without loss', () => {
    for (const at of [0, 1, 5e6, 27_999_000]) expect(to_virtual(to_real(at, 28e6, 700), 28e6, 700)).toBeCloseTo(at, 4);
  });
});
