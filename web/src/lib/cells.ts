// How the cells and columns of a table are shown: the same in the pages and in the document.
import type { Cell, Column, Table } from './finding.ts';
import { label, reading_label } from './labels.ts';
import { number, say, say_word, t } from './language.svelte.ts';
import { printable } from './text.ts';

// Votes and seats are whole; one of less than 1 is shown as it is, so that it is never written as none.
export function whole_votes(votes: number | null): string {
  return number(votes === null || Math.abs(votes) < 1 ? votes : Math.round(votes));
}
export function is_whole(column: Column): boolean {
  return /^(votes|seats|ballots|voters)$/.test(column.unit ?? '');
}

export function cell_text(cell: Cell, column: Column): string {
  if (cell === null) return '–';
  if (typeof cell === 'number') return is_whole(column) ? whole_votes(cell) : number(cell);
  if (typeof cell === 'boolean') return cell ? t('yes') : t('no');
  if (column.name === 'reading') return printable(t(reading_label(cell)));
  if (column.name === 'unit' || column.name === 'statistic') return printable(say(cell)); // a unit of measure; a key stays as it is
  return printable(cell.includes(' ') ? say(cell) : say_word(cell, column.name));
}

export interface ShownColumn {
  at: number; // its place in every row
  column: Column;
  numeric: boolean; // it holds numbers alone
}

// The columns in the order in which they are shown: those that decide first.
export function shown_columns(table: Pick<Table, 'columns' | 'rows' | 'brief'>): ShownColumn[] {
  const cells = (at: number) => table.rows.map((row) => row[at] ?? null);
  const place = ({ column }: ShownColumn) => {
    const place = table.brief?.indexOf(column.name) ?? -1;
    return place < 0 ? Infinity : place;
  };
  return table.columns
    .map((column, at) => {
      const known = cells(at).filter((cell) => cell !== null);
      return { at, column, numeric: known.length > 0 && known.every((cell) => typeof cell === 'number') };
    })
    .sort((a, b) => place(a) - place(b) || a.at - b.at);
}

export function heading_of(column: Column): string {
  return printable(t(label(column.name)));
}
