// What the dossier puts into the page: schema cotejo.report/1, written by src/dossier/report.cpp.
import type { Figure, Finding, SetAside, Table } from '../lib/finding.ts';
import { pictures_of } from '../charts/from_tables.ts';

export interface Report {
  schema: 'cotejo.report/1';
  program: { name: string; version: string };
  plan: { id: string; title: string; question: string; seed: number; sha256: string; language: string | null };
  synthetic: boolean;
  evidence?: Table | null;
  findings: (Finding & { command: string })[];
  counts: { id: string; title: string; source: string; sha256: string; file: string; units: number; set_aside: { row: number; column: string; value: string; reason: string }[]; votes_set_aside: SetAside; set_aside_accepted: string }[];
  assemblies?: { id: string; title: string; source: string; sha256: string; file: string; members: number; roll_calls: number }[];
  challenges: { id: string; count: string; by: string; reason: string; source: string; units: Table }[];
  inputs: { role: string; path: string; sha256: string; bytes: number }[];
  files: string[];
}

// Every reading of every finding that applies the rule again, in one thermometer; nothing when no finding does.
export function thermometer(findings: Finding[]): Figure | null {
  const parts = findings.flatMap((finding) =>
    pictures_of(finding)
      .filter((figure) => figure.kind === 'outcome')
      .map((figure) => ({ finding, figure })),
  );
  const unit = parts[0]?.figure.data.unit;
  const same = parts.filter(({ finding, figure }) => figure.data.unit === unit && finding.inputs[0]?.sha256 === parts[0].finding.inputs[0]?.sha256);
  if (!same.length) return null;
  const rows: unknown[][] = [];
  for (const [i, { finding, figure }] of same.entries())
    for (const row of figure.data.rows as unknown[][]) {
      const counted = row[0] === 'as-counted';
      if (!counted || i === 0) rows.push([...row, counted ? null : finding.id]);
    }
  return { id: 'outcome', kind: 'outcome', title: 'How far every reading of every challenge is from another outcome', data: { columns: ['reading', 'slack', 'survives', 'outcome', 'group'], rows, unit } };
}
