import type { Finding } from '../src/lib/finding.ts';

export function findings_of_every_method(program: string): { findings: Finding[]; refused: string[] };
