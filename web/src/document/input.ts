// What the program hands over (src/dossier/convert.cpp): the dossier's files, parsed.
import type { Outline } from '../charts/outlines.svelte.ts';
import type { Language } from '../lib/language.svelte.ts';
import type { Finding } from '../lib/finding.ts';
import type { Answer } from '../report/report.ts';

export interface Input {
  language: Language;
  manifest_sha256: string;
  plan: { id: string; title: string; author: string; date: string; seed: number; sha256: string };
  answers: Answer[];
  findings: Finding[];
  outlines: Outline[];
  manifest: {
    program: { name: string; version: string };
    synthetic: boolean;
    inputs: { role: string; path: string; sha256: string; bytes: number }[];
    counts: { id: string; sha256: string; units: number; rows_set_aside: number }[];
    assemblies: { id: string; sha256: string; members: number; roll_calls: number }[];
  };
}
