// How the cells and columns of a table are shown: the same in the pages and in the document.
import type { Cell, Column, Table } from './finding.ts';
import { label, reading_label } from './labels.ts';
import { number, say, t } from './language.svelte.ts';
import { printable } from './text.ts';

// Votes and seats are whole; one of less than 1 is shown as it is, so that it is never written as none.
export function is_whole(column: Column): boolean {
  return /^(votes|seats|ballots|voters)$/.test(column.unit ?? '');
}

export function cell_text(cell: Cell, column: Column): string {
  if (cell === null) return '–';
  if (typeof cell === 'number') return number(is_whole(column) && Math.abs(cell) >= 1 ? Math.round(cell) : cell);
  if (typeof cell === 'boolean') return cell ? t('yes') : t('no');
  if (column.name === 'reading') return printable(t(reading_label(cell)));
  if (column.name === 'unit' || column.name === 'statistic') return printable(say(cell)); // a unit of measure; a key stays as it is
  return printable(cell.includes(' ') ? say(cell) : cell); // a single word is a name: of a reading, a level, an option
}

// The places of the columns in the order in which they are shown: those that decide first.
export function order_of(table: Pick<Table, 'columns' | 'brief'>): number[] {
  const place = (column: number) => {
    const at = table.brief?.indexOf(table.columns[column].name) ?? -1;
    return at < 0 ? Infinity : at;
  };
  return [...table.columns.keys()].sort((a, b) => place(a) - place(b) || a - b);
}

// Which columns hold numbers.
export function numeric_of(table: Pick<Table, 'columns' | 'rows'>): boolean[] {
  return table.columns.map(
    (_, i) => table.rows.some((row) => typeof row[i] === 'number') && table.rows.every((row) => typeof row[i] === 'number' || row[i] === null),
  );
}

export function heading_of(column: Column): string {
  return printable(t(label(column.name)));
}
