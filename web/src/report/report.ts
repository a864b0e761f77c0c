// What the dossier puts into the page: schema cotejo.report/1, written by src/dossier/report.cpp; and what its first page shows of it.
import { input_of, type Cell, type Figure, type Finding, type ForOutcome, type SetAside, type Table } from '../lib/finding.ts';
import { say } from '../lib/language.svelte.ts';
import type { Messages } from '../lib/messages.ts';
import { pictures_of } from '../charts/from_tables.ts';
import type { Outline } from '../charts/outlines.svelte.ts';

export interface Answer {
  id: string;
  question: string;
  primary: boolean;
  findings: string[];
  for_outcome: ForOutcome | null;
  sentence: string;
  clauses: string[];
  messages?: Messages;
}

export interface Report {
  schema: 'cotejo.report/1';
  program: { name: string; version: string };
  plan: { id: string; title: string; question: string; author: string; date: string; seed: number; sha256: string; language: string | null; licence?: string };
  synthetic: boolean;
  evidence?: Table | null;
  answers: Answer[];
  findings: (Finding & { command: string })[];
  counts: {
    id: string;
    title: string;
    source: string;
    sha256: string;
    file: string;
    units: number;
    set_aside: { row: number; column: string; value: string; reason: string }[];
    votes_set_aside: SetAside;
    set_aside_accepted: string;
  }[];
  assemblies?: { id: string; title: string; source: string; sha256: string; file: string; members: number; roll_calls: number }[];
  challenges: { id: string; count: string; by: string; reason: string; source: string; units: Table }[];
  inputs: { role: string; path: string; sha256: string; bytes: number }[];
  files: string[];
  outlines?: Outline[]; // under its maps
}

// Those that answer it, in its order.
export function findings_of(report: { findings: Finding[] }, answer: Answer): Finding[] {
  return answer.findings.flatMap((id) => report.findings.filter((finding) => finding.id === id));
}

// Every caveat of the data once, in the order of the findings, with its number.
export function caveats_of(findings: Finding[]): Map<string, number> {
  const out = new Map<string, number>();
  for (const caveat of findings.flatMap((finding) => finding.caveats)) if (!out.has(caveat)) out.set(caveat, out.size + 1);
  return out;
}

// What tells a finding from another with the same question: the units objected to, else the counts it takes.
export type Subject = { kind: 'units'; units: number } | { kind: 'counts'; titles: string[] };
export function subject_of(finding: Finding, report: Pick<Report, 'findings' | 'counts'>): Subject | null {
  if (report.findings.filter((other) => other.question === finding.question).length < 2) return null;
  const units = objected(finding);
  if (units !== null) return { kind: 'units', units };
  const titles = finding.inputs
    .map(input_of)
    .flatMap(({ kind, id }) => (kind === 'count' ? report.counts.filter((count) => count.id === id).map((count) => count.title || count.id) : []));
  return titles.length ? { kind: 'counts', titles } : null;
}

// The findings that answer the primary questions, in their order; of a report without one, those of the first question.
export function leading(report: { answers: Answer[]; findings: Finding[] }): Finding[] {
  const primary = report.answers.filter((answer) => answer.primary);
  const ids = new Set((primary.length ? primary : report.answers.slice(0, 1)).flatMap((answer) => answer.findings));
  return [...ids].flatMap((id) => report.findings.filter((finding) => finding.id === id));
}

// How a finding is told from others of its method: by the units objected to.
export function objected(finding: Finding): number | null {
  return finding.estimates.units_objected?.value ?? null;
}

// Every reading of every one of these findings that applies the rule again, in one thermometer; nothing when none does. The group of a row is
// how many units are objected to.
export function thermometer(findings: Finding[]): Figure | null {
  const parts = findings.flatMap((finding) =>
    pictures_of(finding)
      .filter((figure) => figure.kind === 'outcome')
      .map((figure) => ({ finding, figure })),
  );
  const [first] = parts;
  if (!first) return null;
  const unit = first.figure.data.unit;
  const same = parts.filter(
    ({ finding, figure }) => say(String(figure.data.unit)) === say(String(unit)) && finding.inputs[0]?.sha256 === first.finding.inputs[0]?.sha256,
  );
  const rows: unknown[][] = [];
  for (const [i, { finding, figure }] of same.entries())
    for (const row of figure.data.rows as unknown[][]) {
      const counted = row[0] === 'as-counted';
      if (!counted || i === 0) rows.push([...row, counted || same.length < 2 ? null : objected(finding)]);
    }
  return {
    id: 'outcome',
    kind: 'outcome',
    title: 'How far each reading is from another outcome',
    data: { columns: ['reading', 'slack', 'survives', 'outcome', 'group'], rows, unit },
  };
}

// A picture of one line a member, or a body, fills a page of its own: it stands in the annex.
const tall = (figure: Figure) =>
  figure.kind === 'membership-timeline' ||
  (['intervals', 'bars', 'ideal-points'].includes(figure.kind) && Array.isArray(figure.data.rows) && figure.data.rows.length > 20);

// The picture of the core: an assembly's decision as it was voted; else the readings of what was objected to; else the first there is.
export function first_picture(findings: Finding[]): { figure: Figure; finding?: Finding } | null {
  const all = findings.flatMap((finding) => pictures_of(finding).map((figure) => ({ figure, finding })));
  const vote = all.find(({ figure }) => figure.kind === 'hemicycle');
  if (vote) return vote;
  const readings = thermometer(findings);
  return readings ? { figure: readings } : (all.find(({ figure }) => !tall(figure)) ?? null);
}

type Wanted = { name: string; of: string }[]; // columns, of a table

const shown = {
  decisions: [
    { name: 'date', of: 'date' },
    { name: 'decision', of: 'subject' },
    { name: 'adopted under every reading', of: 'answer' },
    { name: 'in favour', of: 'yes' },
    { name: 'against', of: 'no' },
    { name: 'abstentions', of: 'abstain' },
    { name: 'needed', of: 'needed' },
    { name: 'outcome', of: 'outcome' },
  ],
  readings: [
    { name: 'reading', of: 'reading' },
    { name: 'outcome', of: 'outcome' },
    { name: 'votes to spare', of: 'slack_votes' },
    { name: 'lead in points', of: 'margin_points' },
  ],
} satisfies Record<string, Wanted>;

function columns_of(table: Table, wanted: Wanted): Cell[][] | null {
  const at = wanted.map(({ of }) => table.columns.findIndex((column) => column.name === of));
  return at.includes(-1) ? null : table.rows.map((row) => at.map((i) => row[i] ?? null));
}

// The table of the first page: an assembly's decisions, those that depend on a reading first; else the readings of what was objected to;
// else the first table there is. `name` is of the file that the reader saves.
export function first_table(
  findings: Finding[],
  objected_to: (units: number) => string,
): { table: Pick<Table, 'title' | 'columns' | 'rows'>; name: string } | null {
  const tables = findings.flatMap((finding) => finding.tables.filter((table) => table.rows.length).map((table) => ({ finding, table })));
  for (const { finding, table } of tables) {
    if (table.id !== 'decisions') continue;
    const rows = columns_of(table, shown.decisions);
    if (!rows) continue;
    const answer = shown.decisions.findIndex(({ of }) => of === 'answer');
    const depends = (row: Cell[]) => (row[answer] === 'depends' ? 0 : 1);
    return {
      name: `${finding.id}.decisions`,
      table: { title: table.title, columns: shown.decisions.map(({ name }) => ({ name })), rows: [...rows].sort((a, b) => depends(a) - depends(b)) },
    };
  }
  const read = tables.flatMap(({ finding, table }) => {
    const units = objected(finding);
    if (table.id !== 'readings' || units === null) return [];
    const rows = columns_of(table, shown.readings);
    const whole = (slack: Cell) => (typeof slack === 'number' && Math.abs(slack) >= 1 ? Math.round(slack) : slack); // votes
    return (rows ?? []).map((row) => ({ units, row: row.map((cell, at) => (shown.readings[at]?.of === 'slack_votes' ? whole(cell) : cell)) }));
  });
  if (read.length) {
    const rows = read
      .filter(({ row }, i) => row[0] !== 'as-counted' || i === 0)
      .map(({ units, row }) => [row[0] === 'as-counted' ? null : objected_to(units), ...row]);
    return {
      name: 'readings',
      table: { title: 'The outcome under every reading', columns: [{ name: 'objected to' }, ...shown.readings.map(({ name }) => ({ name }))], rows },
    };
  }
  const [first] = tables;
  return first ? { name: `${first.finding.id}.${first.table.id}`, table: first.table } : null;
}
