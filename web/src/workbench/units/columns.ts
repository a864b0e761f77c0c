// Whole columns of a count as the server sends them (GET /api/columns): `CTJ1`, a JSON header, then the columns, little-endian.

export const missing = -2147483648; // a whole number that was left empty
export const most_cells = 4_000_000; // that the server gives at once

export type Values = Int32Array | Float32Array | string[];

interface Header {
  count: string;
  revision: number;
  units: number;
  columns: { name: string; type: 'i32' | 'f32' | 'text'; offset: number; bytes: number }[];
}

export interface Columns {
  units: number;
  revision: number;
  values: Record<string, Values>;
}

// Throws where the bytes are not such an answer.
export function decoded(buffer: ArrayBuffer): Columns {
  const view = new DataView(buffer);
  const text = new TextDecoder();
  if (buffer.byteLength < 8 || text.decode(new Uint8Array(buffer, 0, 4)) !== 'CTJ1') throw new Error('these are no columns');
  const header = JSON.parse(text.decode(new Uint8Array(buffer, 8, view.getUint32(4, true)))) as Header;
  const values: Record<string, Values> = {};
  for (const { name, type, offset, bytes } of header.columns) {
    if (type === 'i32') values[name] = new Int32Array(buffer, offset, header.units);
    else if (type === 'f32') values[name] = new Float32Array(buffer, offset, header.units);
    else {
      const ends = new Uint32Array(buffer, offset, header.units);
      const texts = new Uint8Array(buffer, offset + 4 * header.units, bytes - 4 * header.units);
      let begin = 0;
      values[name] = Array.from(ends, (end) => {
        const bytes_of_text = texts.subarray(begin, end);
        begin = end;
        return text.decode(bytes_of_text);
      });
    }
  }
  return { units: header.units, revision: header.revision, values };
}

// Numbers to bound, sort and draw by: a missing cell is NaN. Whole numbers stay exact.
export type Numbers = Float32Array | Float64Array;

export function as_numbers(values: Int32Array | Float32Array): Numbers {
  if (values instanceof Float32Array) return values;
  const out = new Float64Array(values.length);
  values.forEach((value, unit) => (out[unit] = value === missing ? NaN : value));
  return out;
}

// Columns of one revision of one count, fetched when first asked for and kept.
export class Store {
  private columns = new Map<string, Promise<Values>>();

  constructor(
    readonly count: string,
    readonly units: number,
    private fetch_columns: (count: string, names: string[]) => Promise<ArrayBuffer>,
  ) {}

  // As many a request as the server gives; a count with more units than that cannot be held by a page.
  async get(names: string[]): Promise<Values[]> {
    const lacking = names.filter((name) => !this.columns.has(name));
    const at_once = Math.max(1, Math.floor(most_cells / Math.max(1, this.units)));
    for (let from = 0; from < lacking.length; from += at_once) {
      const part = lacking.slice(from, from + at_once);
      const answer = this.fetch_columns(this.count, part).then(decoded);
      for (const name of part) {
        const values = answer.then((columns) => {
          const column = columns.values[name];
          if (!column) throw new Error(`the answer has no column ${name}`);
          return column;
        });
        values.catch(() => this.columns.delete(name));
        this.columns.set(name, values);
      }
    }
    return Promise.all(names.map((name) => this.columns.get(name)!));
  }

  async numbers(name: string): Promise<Numbers> {
    const [values] = await this.get([name]);
    if (!values || Array.isArray(values)) throw new Error(`column ${name} holds no numbers`);
    return as_numbers(values);
  }

  // Of the units, in the order of the count.
  async keys(): Promise<string[]> {
    const [keys] = await this.get(['key']);
    if (!Array.isArray(keys)) throw new Error('column key holds no texts');
    return keys;
  }
}
