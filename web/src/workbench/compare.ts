// Two findings side by side: estimates by name, tables by id, their rows by what the first cell says.
import type { Cell, Finding, Table } from '../lib/finding.ts';

export interface EstimateRow {
  name: string;
  unit: string;
  first: number | null;
  second: number | null;
  difference: number | null; // second - first; null unless both are numbers of one unit
  definition: string;
  same_definition: boolean;
}

export interface CellPair {
  first: Cell;
  second: Cell;
  difference: number | null;
  differs: boolean;
}

export interface TableComparison {
  id: string;
  title: string;
  columns: string[]; // the shared ones, after the key
  key: string; // the name of the first column
  rows: { key: string; where: 'both' | 'first' | 'second'; cells: CellPair[] }[];
  left_out: string[]; // columns of only one of the two
}

export interface Comparison {
  estimates: EstimateRow[];
  tables: TableComparison[];
  only_first: string[]; // ids of tables
  only_second: string[];
  different: { name: string; first: string; second: string }[]; // inputs, options, seed
}

const number_or_null = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function compared_estimates(first: Finding, second: Finding): EstimateRow[] {
  const names = [...new Set([...Object.keys(first.estimates), ...Object.keys(second.estimates)])];
  return names.map((name) => {
    const a = first.estimates[name];
    const b = second.estimates[name];
    const x = a ? number_or_null(a.value) : null;
    const y = b ? number_or_null(b.value) : null;
    const comparable = a && b && a.unit === b.unit && x !== null && y !== null;
    return {
      name,
      unit: a?.unit === b?.unit || !b ? (a?.unit ?? '') : a ? `${a.unit} / ${b.unit}` : b.unit,
      first: x,
      second: y,
      difference: comparable ? y - x : null,
      definition: a?.definition ?? b?.definition ?? '',
      same_definition: !a || !b || a.definition === b.definition,
    };
  });
}

// A key that occurs twice is told apart by its turn, so that no row is lost.
function keyed(table: Table): Map<string, Cell[]> {
  const out = new Map<string, Cell[]>();
  for (const row of table.rows) {
    const base = String(row[0] ?? '');
    let key = base;
    for (let turn = 2; out.has(key); turn++) key = `${base} (${turn})`;
    out.set(key, row);
  }
  return out;
}

function compared_table(first: Table, second: Table): TableComparison {
  const names = first.columns.map((column) => column.name);
  const others = second.columns.map((column) => column.name);
  const shared = names.slice(1).filter((name) => others.includes(name));
  const a = keyed(first);
  const b = keyed(second);
  const keys = [...new Set([...a.keys(), ...b.keys()])];
  return {
    id: first.id,
    title: first.title,
    key: names[0] ?? '',
    columns: shared,
    left_out: [...names.slice(1), ...others.slice(1)].filter((name) => !shared.includes(name)),
    rows: keys.map((key) => {
      const x = a.get(key);
      const y = b.get(key);
      return {
        key,
        where: x && y ? 'both' : x ? 'first' : 'second',
        cells: shared.map((name) => {
          const left = x ? (x[names.indexOf(name)] ?? null) : null;
          const right = y ? (y[others.indexOf(name)] ?? null) : null;
          const numbers = typeof left === 'number' && typeof right === 'number';
          return { first: left, second: right, difference: numbers ? right - left : null, differs: left !== right };
        }),
      };
    }),
  };
}

function said(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

export function compared(first: Finding, second: Finding): Comparison {
  const different: Comparison['different'] = [];
  const differ = (name: string, a: unknown, b: unknown) => {
    if (said(a) !== said(b)) different.push({ name, first: said(a), second: said(b) });
  };
  differ('method', first.method, second.method);
  differ('answer', first.answer, second.answer);
  const inputs = (finding: Finding) =>
    finding.inputs.map((input) => `${input.count ?? input.challenge ?? input.arrival ?? input.crosswalk ?? ''} ${input.sha256.slice(0, 12)}`).join(', ');
  differ('inputs', inputs(first), inputs(second));
  for (const name of new Set([...Object.keys(first.options), ...Object.keys(second.options)])) differ(name, first.options[name], second.options[name]);
  differ('seed', first.seed, second.seed);
  const ids = second.tables.map((table) => table.id);
  return {
    estimates: compared_estimates(first, second),
    tables: first.tables.flatMap((table) => {
      const other = second.tables.find((candidate) => candidate.id === table.id);
      return other ? [compared_table(table, other)] : [];
    }),
    only_first: first.tables.map((table) => table.id).filter((id) => !ids.includes(id)),
    only_second: ids.filter((id) => !first.tables.some((table) => table.id === id)),
    different,
  };
}
