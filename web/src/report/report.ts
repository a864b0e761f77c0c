// What the dossier puts into the page: schema cotejo.report/1, written by src/dossier/report.cpp.
import type { Finding } from '../lib/finding.ts';

export interface Report {
  schema: 'cotejo.report/1';
  program: { name: string; version: string };
  plan: { id: string; title: string; question: string; seed: number; sha256: string; language: string | null };
  synthetic: boolean;
  findings: (Finding & { command: string })[];
  counts: { id: string; title: string; source: string; sha256: string; file: string; units: number; set_aside: { row: number; column: string; value: string; reason: string }[] }[];
  challenges: { id: string; count: string; by: string; reason: string; source: string; units: string[] }[];
  inputs: { role: string; path: string; sha256: string; bytes: number }[];
  files: string[];
}
