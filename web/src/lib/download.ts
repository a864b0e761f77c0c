// Files that the reader takes away: tables as CSV, pictures as SVG and PNG. Made in the page; nothing is fetched.
import type { Cell, Table } from './finding.ts';

// A text that a spreadsheet would run as a formula gets an apostrophe before it.
export function csv_cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv_of(table: Pick<Table, 'columns' | 'rows'>): string {
  const lines = [table.columns.map((column) => csv_cell(column.name)), ...table.rows.map((row) => row.map(csv_cell))];
  return lines.map((line) => line.join(',') + '\r\n').join('');
}

export function file_name(name: string): string {
  return name.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 120) || 'cotejo';
}

export function save(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = file_name(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function save_csv(name: string, table: Pick<Table, 'columns' | 'rows'>): void {
  save(`${name}.csv`, new Blob([csv_of(table)], { type: 'text/csv;charset=utf-8' }));
}

export function save_svg(name: string, svg: string): void {
  save(`${name}.svg`, new Blob([svg], { type: 'image/svg+xml' }));
}

// Twice the size, so that it can be printed.
export async function save_png(name: string, svg: string): Promise<void> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * 2;
  canvas.height = image.naturalHeight * 2;
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (blob) save(`${name}.png`, blob);
}
