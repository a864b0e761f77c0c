// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { binned, extent_of, nearest, of_server, painted, stamped, true_to_scale } from './raster.ts';

const square = { x0: 0, x1: 10, y0: 0, y1: 10 };

describe('units counted into bins', () => {
  it('counts every unit once: in a bin, outside, or without a place', () => {
    const x = Float32Array.from([0, 5, 10, 11, NaN, 5]);
    const y = Float32Array.from([0, 5, 10, 5, 5, 5]);
    const bins = binned(x, y, null, square, 10, 10);
    expect(bins.total + bins.outside + bins.unknown).toBe(6);
    expect([bins.total, bins.outside, bins.unknown, bins.most]).toEqual([4, 1, 1, 2]);
  });
  it('has the y axis pointing up and the upper edges in the last bins', () => {
    const bins = binned([0, 10], [0, 10], null, square, 10, 10);
    expect(bins.counts[9 * 10 + 0]).toBe(1); // lowest, leftmost: last row
    expect(bins.counts[0 * 10 + 9]).toBe(1); // highest, rightmost: first row
  });
  it('counts a million units with the same totals as one by one', () => {
    const n = 1_000_000;
    const x = Float32Array.from({ length: n }, (_, at) => (at * 7919) % 10);
    const y = Float32Array.from({ length: n }, (_, at) => (at * 104_729) % 10);
    const bins = binned(x, y, null, square, 200, 100);
    expect(bins.counts.reduce((sum, count) => sum + count, 0)).toBe(n);
  });
  it('leaves out what is not shown', () => {
    expect(binned([1, 2, 3], [1, 2, 3], Uint8Array.from([1, 0, 1]), square, 10, 10).total).toBe(2);
  });
});

describe('the unit under a pointer', () => {
  const [x, y] = [Float32Array.from([1, 5, 5.25, NaN]), Float32Array.from([1, 5, 5, 5])];
  const at = (px: number, py: number, m: Uint8Array | null = null) => nearest([px, py], x, y, m, square, 100, 100);
  it('is the nearest that is shown, with the y axis pointing up', () => {
    expect(at(51, 50)).toBe(1);
    expect(at(52, 50)).toBe(2);
    expect(at(52, 50, Uint8Array.from([1, 1, 0, 1]))).toBe(1);
    expect(at(10, 90)).toBe(0);
  });
  it('is none where no unit is within seven pixels', () => {
    expect(at(10, 80)).toBeNull();
    expect(at(10, 83.5)).toBe(0);
  });
});

describe('bins as pixels', () => {
  it('shows a single unit beside a thousand, and nothing where none is', () => {
    const bins = binned([...Array(1000).fill(1), 9], [...Array(1000).fill(1), 9], null, square, 10, 10);
    const pixels = new Uint32Array(100);
    painted(bins, [200, 200, 200], [0, 0, 0], pixels);
    expect(pixels.filter((pixel) => pixel !== 0).length).toBe(2);
    expect(new Set(pixels).size).toBe(3);
  });
  it('stamps squares that stay inside the picture', () => {
    const bins = binned([0, 10], [0, 10], null, square, 10, 10);
    const pixels = new Uint32Array(100);
    stamped(bins, [1, 2, 3], 3, pixels);
    expect(pixels.filter((pixel) => pixel !== 0).length).toBe(8); // a quarter of each square but for its middle lines
  });
});

describe('extents', () => {
  it('is not moved by a few wrong coordinates', () => {
    const x = Float32Array.from({ length: 10_000 }, (_, at) => -65 + (at % 100) / 100);
    const y = Float32Array.from({ length: 10_000 }, (_, at) => -17 + (at % 50) / 50);
    x[5] = 0;
    y[5] = 0;
    const extent = extent_of(x, y, null)!;
    expect(extent.x1).toBeLessThan(-63.9);
    expect(extent.y1).toBeLessThan(-15.9);
  });
  it('takes all of few units, and says when there are none', () => {
    const extent = extent_of([1, 5], [2, 2], null)!;
    expect(extent.x0).toBeLessThan(1);
    expect(extent.x1).toBeGreaterThan(5);
    expect(extent.y1).toBeGreaterThan(extent.y0);
    expect(extent_of([NaN], [1], null)).toBeNull();
  });
  it('makes a degree as long in both directions at its latitude', () => {
    const extent = true_to_scale({ x0: -70, x1: -60, y0: 55, y1: 65 }, 400, 400);
    const per_x = 400 / (extent.x1 - extent.x0) / Math.cos((60 * Math.PI) / 180);
    const per_y = 400 / (extent.y1 - extent.y0);
    expect(per_x).toBeCloseTo(per_y, 6);
  });
  it('turns a grid of the server so that its first row is the highest', () => {
    const bins = of_server({
      x: { column: 'a', low: 0, high: 2, bins: 2 },
      y: { column: 'b', low: 0, high: 4, bins: 2 },
      counts: [1, 2, 3, 4],
      total: 12,
      outside: 1,
      missing: 1,
    });
    expect([...bins.counts]).toEqual([3, 4, 1, 2]);
    expect(bins).toMatchObject({ width: 2, height: 2, most: 4, total: 10, outside: 1, unknown: 1, extent: { x0: 0, x1: 2, y0: 0, y1: 4 } });
  });
});
