// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { as_numbers, decoded, missing, Store } from './columns.ts';

// As docs/api/openapi.yaml lays it out.
function answer(columns: { name: string; type: 'i32' | 'f32' | 'text'; bytes: Uint8Array }[], units: number): ArrayBuffer {
  const place = (length: number) => Math.ceil(length / 8) * 8;
  let header = '';
  for (let offset_width = 0; offset_width < 2; offset_width++) {
    let at = place(8 + 400);
    header = JSON.stringify({
      count: 'a/b',
      revision: 2,
      units,
      columns: columns.map(({ name, type, bytes }) => {
        const offset = at;
        at += place(bytes.length);
        return { name, type, offset, bytes: bytes.length };
      }),
    });
  }
  const out = new Uint8Array(place(8 + 400) + columns.reduce((sum, { bytes }) => sum + place(bytes.length), 0));
  out.set(new TextEncoder().encode('CTJ1'));
  new DataView(out.buffer).setUint32(4, 400, true);
  out.set(new TextEncoder().encode(header.padEnd(400)), 8);
  let at = place(8 + 400);
  for (const { bytes } of columns) {
    out.set(bytes, at);
    at += place(bytes.length);
  }
  return out.buffer;
}
const bytes_of = (array: Int32Array | Float32Array | Uint32Array) => new Uint8Array(array.buffer);
function texts(all: string[]): Uint8Array {
  const encoded = all.map((text) => new TextEncoder().encode(text));
  let end = 0;
  const ends = Uint32Array.from(encoded, (part) => (end += part.length));
  const out = new Uint8Array(ends.byteLength + end);
  out.set(bytes_of(ends));
  let at = ends.byteLength;
  for (const part of encoded) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

describe('columns from the server', () => {
  it('are read as they were sent, texts in any script and empty ones too', () => {
    const columns = decoded(
      answer(
        [
          { name: 'key', type: 'text', bytes: texts(['1', '', 'Ñuflo ☂', 'x']) },
          { name: 'valid', type: 'i32', bytes: bytes_of(Int32Array.from([1, missing, 3, 2147483647])) },
          { name: 'turnout_percent', type: 'f32', bytes: bytes_of(Float32Array.from([1.5, NaN, 3, 4])) },
        ],
        4,
      ),
    );
    expect(columns.revision).toBe(2);
    expect(columns.values.key).toEqual(['1', '', 'Ñuflo ☂', 'x']);
    expect([...as_numbers(columns.values.valid as Int32Array)]).toEqual([1, NaN, 3, 2147483647]);
    expect([...(columns.values.turnout_percent as Float32Array)]).toEqual([1.5, NaN, 3, 4]);
  });
  it('are refused when they are something else', () => {
    expect(() => decoded(new TextEncoder().encode('<html>no</html>').buffer as ArrayBuffer)).toThrow();
  });
  it('are fetched once, no more at once than the server gives, and again after a failure', async () => {
    const asked: string[][] = [];
    let fail = true;
    const store = new Store('a/b@1', 2_000_000, (_, names) => {
      asked.push(names);
      if (fail) return Promise.reject(new Error('no'));
      return Promise.resolve(
        answer(
          names.map((name) => ({ name, type: 'i32' as const, bytes: bytes_of(Int32Array.from([1])) })),
          1,
        ),
      );
    });
    await expect(store.get(['a'])).rejects.toThrow('no');
    fail = false;
    await store.get(['a', 'b', 'c']);
    await store.get(['c', 'a']);
    expect(asked).toEqual([['a'], ['a', 'b'], ['c']]);
  });
});
