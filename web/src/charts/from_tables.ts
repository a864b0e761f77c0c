// Pictures that a finding's own tables already hold: told by the table's id and columns, for methods whose findings do not bring their own figure
// yet. Nothing is computed here but a choice of columns.
import type { Cell, Figure, Finding, Table } from '../lib/finding.ts';

type Made = Omit<Figure, 'id' | 'title'> & { title?: string };
type Maker = (table: Table, finding: Finding) => Made | Made[];

interface Recipe {
  table: string | RegExp;
  columns: string[]; // that the table must have
  make: Maker;
}

function pick(table: Table, names: (string | null)[], keep?: (row: Cell[]) => boolean): Cell[][] {
  const index = names.map((name) => (name === null ? -1 : table.columns.findIndex((column) => column.name === name)));
  return table.rows.filter((row) => !keep || keep(row)).map((row) => index.map((i) => (i < 0 ? null : (row[i] ?? null))));
}
const at = (table: Table, row: Cell[], name: string) => row[table.columns.findIndex((column) => column.name === name)] ?? null;
const unit_of = (table: Table, name: string) => table.columns.find((column) => column.name === name)?.unit ?? '';
const has = (table: Table, name: string) => table.columns.some((column) => column.name === name);

const intervals =
  (label: string, value: string, low: string, high: string): Maker =>
  (table) => ({
    kind: 'intervals',
    data: { columns: ['label', 'value', 'low', 'high'], rows: pick(table, [label, value, low, high]), unit: unit_of(table, value) },
  });

const recipes: Recipe[] = [
  {
    table: 'readings',
    columns: ['reading', 'outcome'],
    make: (table) => {
      const slack = has(table, 'slack_seats') ? 'slack_seats' : 'slack_votes';
      if (!has(table, slack)) throw new Error('no slack');
      const [first] = pick(table, ['outcome']).flat();
      const rows = table.rows.map((row) => {
        const outcome = at(table, row, 'outcome');
        // A reading may be told by two words, as a rule and who holds the credential.
        const reading = has(table, 'credential') ? `${at(table, row, 'reading')}, ${at(table, row, 'credential')}` : at(table, row, 'reading');
        // Where the table does not say whether the outcome is the same, the first reading is the one to compare with.
        const survives = has(table, 'survives') ? at(table, row, 'survives') : outcome === first;
        return [reading, at(table, row, slack), survives, outcome];
      });
      return {
        kind: 'outcome',
        title: 'How far each reading is from another outcome',
        data: { columns: ['reading', 'slack', 'survives', 'outcome'], rows, unit: slack === 'slack_seats' ? 'seats' : 'votes' },
      };
    },
  },
  {
    table: 'regressions',
    columns: ['outcome', 'effects', 'late_points', 'low_95', 'high_95'],
    make: (table) => ({
      kind: 'intervals',
      title: 'How much higher the margin of late units is, with more and more held fixed',
      data: {
        columns: ['label', 'value', 'low', 'high'],
        unit: 'points of valid votes',
        rows: table.rows.map((row) => [
          `${at(table, row, 'outcome')}, ${at(table, row, 'effects')}`,
          at(table, row, 'late_points'),
          at(table, row, 'low_95'),
          at(table, row, 'high_95'),
        ]),
      },
    }),
  },
  { table: 'projections', columns: ['projection', 'margin_points', 'low_95', 'high_95'], make: intervals('projection', 'margin_points', 'low_95', 'high_95') },
  {
    table: 'tests',
    columns: ['method', 'p_value', 'p_holm'],
    make: (table) => ({ kind: 'p-values', data: { columns: ['method', 'p_value', 'p_adjusted'], rows: pick(table, ['method', 'p_value', 'p_holm']) } }),
  },
  {
    table: 'decomposition',
    columns: ['level', 'composition_points', 'within_points', 'without_early_points'],
    make: (table) => ({
      kind: 'decomposition',
      title: 'What moved the margin: which places were late, and what changed within them',
      data: {
        columns: ['label', 'which places were late', 'a change within the places', 'places without an early unit: either'],
        rows: pick(table, ['level', 'composition_points', 'within_points', 'without_early_points']),
        unit: unit_of(table, 'within_points'),
      },
    }),
  },
  {
    table: 'rivals', // one picture for each quantity that they speak of
    columns: ['analysis', 'says', 'low_95', 'high_95', 'of'],
    make: (table) =>
      [...new Set(table.rows.map((row) => String(at(table, row, 'of'))))].map((of) => ({
        kind: 'intervals',
        title: `What the analyses say of: ${of}`,
        data: {
          columns: ['label', 'value', 'low', 'high'],
          rows: pick(table, ['analysis', 'says', 'low_95', 'high_95'], (row) => String(at(table, row, 'of')) === of),
          unit: unit_of(table, 'says'),
        },
      })),
  },
];

// The finding's own figures, and those its tables give.
export function pictures_of(finding: Finding): Figure[] {
  const figures = [...finding.figures];
  const taken = new Set(figures.map((figure) => figure.kind));
  for (const table of finding.tables) {
    if (!table.rows.length) continue;
    for (const recipe of recipes) {
      const fits =
        (typeof recipe.table === 'string' ? recipe.table === table.id : recipe.table.test(table.id)) && recipe.columns.every((name) => has(table, name));
      if (!fits) continue;
      try {
        for (const [i, made] of [recipe.make(table, finding)].flat().entries())
          if (!taken.has(made.kind) || made.kind === 'intervals')
            figures.push({ id: `of-${table.id}${i ? `-${i + 1}` : ''}`, title: made.title ?? table.title, kind: made.kind, data: made.data });
      } catch {
        // The table has not what the picture needs: the table itself is shown.
      }
    }
  }
  return figures;
}
