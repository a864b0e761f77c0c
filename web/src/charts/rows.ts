// The data of a figure as rows, whatever its kind: the common layout { columns: [name, ...], rows: [[...], ...] }, or the parts of the object.
import type { Cell, Figure, Table } from '../lib/finding.ts';
import { number, say, t } from '../lib/language.svelte.ts';

export type Row = Record<string, Cell>;

function cell(value: unknown): Cell {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value) ? (value as Cell) : JSON.stringify(value);
}

// The rows as objects by column name. Throws when the data has not this layout.
export function objects(figure: Figure, key = 'rows'): Row[] {
  const columns = figure.data[key === 'rows' ? 'columns' : `${key}_columns`];
  const rows = figure.data[key];
  if (!Array.isArray(columns) || !Array.isArray(rows)) throw new Error(`no ${key} with columns`);
  return rows.map((row: unknown[]) => Object.fromEntries(columns.map((name: string, i: number) => [name, cell(row[i] ?? null)])));
}

export function rows_of(figure: Figure): Pick<Table, 'title' | 'columns' | 'rows'> {
  const { columns, rows } = figure.data as { columns?: unknown; rows?: unknown };
  if (Array.isArray(columns) && Array.isArray(rows) && rows.every(Array.isArray))
    return {
      title: figure.title,
      columns: columns.map((name) => ({ name: String(name) })),
      rows: rows.map((row: unknown[]) => columns.map((_, i) => cell(row[i] ?? null))),
    };
  return {
    title: figure.title,
    columns: [{ name: 'part' }, { name: 'value' }],
    rows: Object.entries(figure.data).flatMap(([part, value]): Cell[][] =>
      Array.isArray(value) ? value.map((v, i) => [`${part}[${i}]`, cell(v)]) : [[part, cell(value)]],
    ),
  };
}

// The unit of a figure's values, in the reader's language.
export function unit_of(figure: Figure, otherwise = ''): string {
  return say(String(figure.data.unit ?? otherwise));
}

// Texts in a row; of more than so many, how many more there are.
export function the_first(most: number, texts: string[]): string {
  return [...texts.slice(0, most), ...(texts.length > most ? [t('{} more', number(texts.length - most))] : [])].join('; ');
}
