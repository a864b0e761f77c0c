import { describe, expect, it } from 'vitest';
import { lines_in, scale_of } from './outlines.svelte.ts';

const box = { west: 0, east: 10, south: 0, north: 10 };

describe('outlines under a map', () => {
  it('are cut at the frame', () => {
    expect(lines_in([{ name: 'A', rings: [[-500, 500, 1500, 500]] }], box)).toEqual([
      [
        [0, 5],
        [10, 5],
      ],
    ]);
  });
  it('leave out what lies elsewhere', () => {
    expect(lines_in([{ name: 'A', rings: [[2000, 500, 2500, 600]] }], box)).toEqual([]);
  });
  it('draw no line across the map where a country lies on both sides of the 180th meridian', () => {
    expect(lines_in([{ name: 'Fiji', rings: [[17900, 500, 18000, 500, -18000, 500, -17900, 500]] }], box)).toEqual([]);
  });
  it('come with a round number of kilometres, a fifth of the width at most', () => {
    const { km, degrees } = scale_of({ west: -70, east: -57, south: -23, north: -10 });
    expect(km).toBe(200);
    expect(degrees / 13).toBeLessThan(0.2);
    expect(degrees).toBeCloseTo(200 / (111.32 * Math.cos((16.5 * Math.PI) / 180)), 6);
  });
});
