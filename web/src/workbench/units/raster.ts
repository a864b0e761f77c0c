// Units as a picture: counted into bins of a plane, the bins painted as pixels. The picture costs the same for a
// thousand units and for a million but for one pass over the two columns.

import type { Grid } from '../api.ts';

export interface Extent {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

export interface Bins {
  width: number;
  height: number;
  extent: Extent;
  counts: Uint32Array; // row by row from the top: the y axis points up
  most: number;
  total: number; // units counted
  outside: number; // units with a known place in the plane but outside the extent
  unknown: number; // units with no place in the plane
}

function fresh(width: number, height: number, extent: Extent): Bins {
  return { width, height, extent, counts: new Uint32Array(width * height), most: 0, total: 0, outside: 0, unknown: 0 };
}

// Units of `m` (all, when null) counted by bin. The upper edges belong to the last bins.
export function binned(x: ArrayLike<number>, y: ArrayLike<number>, m: Uint8Array | null, extent: Extent, width: number, height: number): Bins {
  const out = fresh(width, height, extent);
  const { counts } = out;
  const { x0, y1 } = extent;
  const sx = width / (extent.x1 - x0);
  const sy = height / (y1 - extent.y0);
  let [most, total, outside, unknown] = [0, 0, 0, 0];
  for (let unit = 0; unit < x.length; unit++) {
    if (m && !m[unit]) continue;
    const fx = ((x[unit] ?? NaN) - x0) * sx;
    const fy = (y1 - (y[unit] ?? NaN)) * sy;
    if (fx !== fx || fy !== fy) {
      unknown++;
      continue;
    }
    if (fx < 0 || fy < 0 || fx > width || fy > height) {
      outside++;
      continue;
    }
    const column = fx >= width ? width - 1 : fx | 0;
    const row = fy >= height ? height - 1 : fy | 0;
    const at = row * width + column;
    const count = (counts[at] ?? 0) + 1;
    counts[at] = count;
    if (count > most) most = count;
    total++;
  }
  return Object.assign(out, { most, total, outside, unknown });
}

const reach = 7; // pixels

// The unit of `m` (of all, when null) nearest to a point of a picture of the extent, so many pixels wide and high; null: none is within reach.
export function nearest(
  [px, py]: [number, number],
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  m: Uint8Array | null,
  { x0, x1, y0, y1 }: Extent,
  width: number,
  height: number,
): number | null {
  const [kx, ky] = [width / (x1 - x0), height / (y1 - y0)];
  let found: number | null = null;
  let least = reach * reach;
  for (let unit = 0; unit < x.length; unit++) {
    if (m && !m[unit]) continue;
    const dx = ((x[unit] ?? NaN) - x0) * kx - px;
    const dy = (y1 - (y[unit] ?? NaN)) * ky - py;
    const away = dx * dx + dy * dy;
    if (away < least) [least, found] = [away, unit];
  }
  return found;
}

// A grid of the server, whose rows begin at the lowest y.
export function of_server(grid: Grid): Bins {
  const [width, height] = [grid.x.bins, grid.y.bins];
  const out = fresh(width, height, { x0: grid.x.low, x1: grid.x.high, y0: grid.y.low, y1: grid.y.high });
  for (let row = 0; row < height; row++) out.counts.set(grid.counts.slice(row * width, (row + 1) * width), (height - 1 - row) * width);
  const most = grid.counts.reduce((high, count) => Math.max(high, count), 0);
  return Object.assign(out, { most, total: grid.total - grid.outside - grid.missing, outside: grid.outside, unknown: grid.missing });
}

export type Colour = [number, number, number];

// Light to strong between two colours, by the logarithm of the count: one unit is visible beside a thousand.
export function painted(bins: Bins, weak: Colour, strong: Colour, into: Uint32Array): void {
  const scale = bins.most > 1 ? 1 / Math.log(bins.most) : 1;
  bins.counts.forEach((count, at) => {
    if (count === 0) return;
    const t = bins.most > 1 ? Math.log(count) * scale : 1;
    const r = weak[0] + (strong[0] - weak[0]) * t;
    const g = weak[1] + (strong[1] - weak[1]) * t;
    const b = weak[2] + (strong[2] - weak[2]) * t;
    into[at] = (255 << 24) | ((b & 255) << 16) | ((g & 255) << 8) | (r & 255);
  });
}

// Which bin has units, each drawn as a square of `size` pixels so that a single unit is seen.
export function stamped(bins: Bins, colour: Colour, size: number, into: Uint32Array): void {
  const packed = (255 << 24) | (colour[2] << 16) | (colour[1] << 8) | colour[0];
  const half = size >> 1;
  const { width, height, counts } = bins;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (counts[row * width + column] === 0) continue;
      const r1 = Math.min(height, row - half + size);
      const c1 = Math.min(width, column - half + size);
      for (let r = Math.max(0, row - half); r < r1; r++) for (let c = Math.max(0, column - half); c < c1; c++) into[r * width + c] = packed;
    }
  }
}

function bounds(values: ArrayLike<number>, m: Uint8Array | null, trim: number): [number, number] | null {
  const known = new Float32Array(values.length);
  let n = 0;
  for (let unit = 0; unit < values.length; unit++) {
    const value = values[unit];
    if (value !== undefined && !Number.isNaN(value) && (!m || m[unit])) known[n++] = value;
  }
  const sorted = known.subarray(0, n).sort();
  const cut = Math.floor(n * trim);
  const [low, high] = [sorted[cut], sorted[n - 1 - cut]];
  return low === undefined || high === undefined ? null : [low, high]; // none is known
}

const least_margin = 0.01; // degrees, about a kilometre: the units of one place are not a line

// The extent on a map of the units of `m`, with a margin of 3 %; null when none has a place in the plane. The share `trim` of them may lie
// beyond each side: a few wrong coordinates do not shrink a country to a dot.
export function extent_of(x: ArrayLike<number>, y: ArrayLike<number>, m: Uint8Array | null, trim = 0.002): Extent | null {
  const across = bounds(x, m, trim);
  const up = bounds(y, m, trim);
  if (!across || !up) return null;
  const mx = Math.max((across[1] - across[0]) * 0.03, least_margin);
  const my = Math.max((up[1] - up[0]) * 0.03, least_margin);
  return { x0: across[0] - mx, x1: across[1] + mx, y0: up[0] - my, y1: up[1] + my };
}

// The extent widened so that a degree is as long in both directions at its middle latitude: no country is squeezed.
export function true_to_scale(extent: Extent, width: number, height: number): Extent {
  const middle = (extent.y0 + extent.y1) / 2;
  const squeeze = Math.max(0.05, Math.cos((middle * Math.PI) / 180));
  const wide = (extent.x1 - extent.x0) * squeeze;
  const high = extent.y1 - extent.y0;
  const per_pixel = Math.max(wide / width, high / height);
  const dx = (per_pixel * width) / squeeze / 2;
  const dy = (per_pixel * height) / 2;
  const cx = (extent.x0 + extent.x1) / 2;
  return { x0: cx - dx, x1: cx + dx, y0: middle - dy, y1: middle + dy };
}

export function zoomed(extent: Extent, factor: number, cx: number, cy: number): Extent {
  return {
    x0: cx + (extent.x0 - cx) * factor,
    x1: cx + (extent.x1 - cx) * factor,
    y0: cy + (extent.y0 - cy) * factor,
    y1: cy + (extent.y1 - cy) * factor,
  };
}
