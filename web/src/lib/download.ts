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

// The picture as a file of its own: what the page's style sheet and colours give it is written into it, on white.
export function svg_text(picture: SVGSVGElement): string {
  const copy = picture.cloneNode(true) as SVGSVGElement;
  const { width, height } = picture.viewBox.baseVal;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('font-family', 'system-ui, sans-serif');
  const originals = [picture, ...picture.querySelectorAll<SVGElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  for (let i = 0; i < originals.length; ++i)
    for (const name of ['fill', 'stroke', 'color'])
      for (const value of [copies[i].getAttribute(name)])
        if (value && /var\(|currentColor/i.test(value)) copies[i].setAttribute(name, getComputedStyle(originals[i])[name as 'fill']);
  return new XMLSerializer().serializeToString(copy);
}

export function save_svg(name: string, picture: SVGSVGElement): void {
  save(`${name}.svg`, new Blob([svg_text(picture)], { type: 'image/svg+xml' }));
}

// Twice the size on the page, so that it can be printed.
export async function save_png(name: string, picture: SVGSVGElement, background: string): Promise<void> {
  const { width, height } = picture.viewBox.baseVal;
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg_text(picture)], { type: 'image/svg+xml' }));
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = height * 2;
  const context = canvas.getContext('2d')!;
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
  if (blob) save(`${name}.png`, blob);
}
