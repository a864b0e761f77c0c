// What the program answers: the Finding (docs/formats/finding.md), as it stands in findings.json and in every reply of the server.

import type { Messages } from './messages.ts';

export type Answer = 'yes' | 'no' | 'depends' | 'undetermined' | 'descriptive';
export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  unit?: string;
  definition?: string;
}

export interface Table {
  id: string;
  title: string;
  columns: Column[];
  rows: Cell[][];
  brief?: string[]; // the columns that decide: they are shown first
}

export interface Figure {
  id: string;
  kind: string;
  title: string;
  data: Record<string, unknown>;
}

export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
  level: number | null;
  unit: string;
  definition: string;
}

export interface Test {
  statistic: number | null;
  p_value: number | null;
  p_error?: number;
  at_most?: boolean;
  kind: 'exact' | 'calibrated' | 'asymptotic';
  null: string;
  replicates: number;
  p_adjusted: number | null;
}

export interface AtStake {
  votes: number | null;
  votes_low?: number | null;
  votes_high?: number | null;
  mechanism?: string;
  needed?: number | null;
  of_slack: number | null;
  decisive: boolean;
}

// One of the keys count, challenge, crosswalk, arrival, ... holds the id.
export interface SetAside {
  rows: number;
  votes_at_least: number;
  votes_at_most: number;
  could_decide: boolean;
}
export type Input = { sha256: string; units: number; revision?: number; revisions?: number; set_aside?: SetAside } & Record<
  string,
  string | number | SetAside | undefined
>;
export type ForOutcome = 'holds' | 'changes' | 'depends' | 'unknown';

export interface Finding {
  id: string;
  method: string;
  title: string;
  question: string;
  answer: Answer;
  for_outcome?: ForOutcome | null;
  primary?: boolean;
  headline: string;
  in_short?: string[]; // clauses for the answer to a question
  inputs: Input[];
  options: Record<string, Cell>;
  seed: number;
  estimates: Record<string, Estimate>;
  test: Test | null;
  at_stake: AtStake | null;
  conditions: { text: string; met: boolean }[];
  caveats: string[];
  does_not_show: string[];
  references: string[];
  see_also?: string[]; // methods that answer what it does not show; a finding of an earlier version has none
  tables: Table[];
  figures: Figure[];
  messages?: Messages; // which of the texts are messages; a finding of an earlier version has none
  runtime?: { seconds: number; threads: number; ranks: number } | null;
}

const not_ids = new Set(['sha256', 'units', 'revision', 'revisions', 'set_aside']);

// What an input is and its id: the one key that is not one of the fixed ones.
export function input_of(input: Input): { kind: string; id: string } {
  const entry = Object.entries(input).find(([key]) => !not_ids.has(key));
  return { kind: entry?.[0] ?? '', id: String(entry?.[1] ?? '') };
}
