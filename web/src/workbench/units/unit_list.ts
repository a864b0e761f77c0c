// A list of units from a file (CSV or one key a line): the column whose cells are keys of this count is found by trying.
import { dsvFormat } from 'd3';

export interface UnitList {
  units: number[]; // each once, in the file's order
  unknown: string[]; // cells of that column that are no unit of the count
  repeated: number;
  column: string; // its title; empty when the file has none
}

export function units_of_list(text: string, keys: string[]): UnitList {
  const index = new Map(keys.map((key, unit) => [key, unit]));
  let best: string[][] = [];
  let best_column = 0;
  let most = -1;
  for (const separator of [',', ';', '\t', '|']) {
    const rows = dsvFormat(separator).parseRows(text.replace(/^\ufeff/, ''));
    const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
    for (let column = 0; column < Math.min(width, 50); column++) {
      const found = rows.reduce((sum, row) => sum + Number(index.has((row[column] ?? '').trim())), 0);
      if (found > most) [best, best_column, most] = [rows, column, found];
    }
  }
  const cells = best.map((row) => (row[best_column] ?? '').trim()).filter((cell) => cell !== '');
  const [first = ''] = cells;
  const column = index.has(first) ? '' : first; // no cell is empty
  const seen = new Set<number>();
  const unknown: string[] = [];
  let repeated = 0;
  for (const cell of column ? cells.slice(1) : cells) {
    const unit = index.get(cell);
    if (unit === undefined) unknown.push(cell);
    else if (seen.has(unit)) repeated++;
    else seen.add(unit);
  }
  return { units: [...seen], unknown, repeated, column };
}
