// Which units are shown, and which of those are selected. Masks are one byte a unit, so that 34,555 units take well under
// a millisecond and a million a few; every view reads the same masks.

// Closed interval; null: no bound on that side.
export interface Range {
  low: number | null;
  high: number | null;
}

export function bounded(range: Range): boolean {
  return range.low !== null || range.high !== null;
}

export interface Condition {
  values: ArrayLike<number>;
  range: Range;
}

// Units that meet every condition (a unit whose value is not known meets no bounded one) and, where given, are in `within`.
export function mask(units: number, conditions: Condition[], within?: Uint8Array | null): Uint8Array {
  const out = within ? within.slice() : new Uint8Array(units).fill(1);
  for (const { values, range } of conditions) {
    if (!bounded(range)) continue;
    // Percentages come in single precision; a bound typed as 33.3 means the number that 33.3 became there.
    const exact = values instanceof Float32Array ? Math.fround : (bound: number) => bound;
    const low = exact(range.low ?? -Infinity);
    const high = exact(range.high ?? Infinity);
    for (let unit = 0; unit < units; unit++) {
      const value = values[unit] ?? NaN;
      if (!(value >= low && value <= high)) out[unit] = 0;
    }
  }
  return out;
}

export function counted(m: Uint8Array): number {
  let out = 0;
  for (const one of m) out += one;
  return out;
}

export function indices(m: Uint8Array): Uint32Array {
  const out = new Uint32Array(counted(m));
  for (let unit = 0, at = 0; unit < m.length; unit++) if (m[unit]) out[at++] = unit;
  return out;
}

export function masked(units: number, list: Iterable<number>): Uint8Array {
  const out = new Uint8Array(units);
  for (const unit of list) out[unit] = 1;
  return out;
}

// Units that are in both.
export function both(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((one, unit) => one & (b[unit] ?? 0));
}

export type Combine = 'replace' | 'add' | 'remove';

// What a new gesture does to the selection there was.
export function combined(before: Uint8Array | null, gesture: Uint8Array, how: Combine): Uint8Array {
  if (!before || how === 'replace') return gesture.slice();
  const out = before.slice();
  const put = how === 'add' ? 1 : 0;
  for (let unit = 0; unit < out.length; unit++) if (gesture[unit]) out[unit] = put;
  return out;
}

// Ascending or descending by one column; unknown values last either way; ties keep the order of the count.
export function ordered(list: Uint32Array, values: ArrayLike<number> | string[], descending: boolean): Uint32Array {
  const out = list.slice();
  const sign = descending ? -1 : 1;
  if (typeof values[0] === 'string') {
    const texts = values as string[];
    if (texts.every((text) => /^\d{1,15}$/.test(text))) return ordered(list, Float64Array.from(texts, Number), descending);
    const collator = new Intl.Collator(undefined, { numeric: true });
    const text = (unit: number) => texts[unit] ?? '';
    return out.sort((a, b) => sign * collator.compare(text(a), text(b)) || a - b);
  }
  const numbers = values as ArrayLike<number>;
  return out.sort((a, b) => {
    const x = numbers[a] ?? NaN;
    const y = numbers[b] ?? NaN;
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return sign * (x - y) || a - b;
  });
}
