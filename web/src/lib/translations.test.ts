// Every text that a finding shows has its Spanish. Findings: the demo's golden file, and those that COTEJO_FINDINGS names (paths with ':' between).
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from './finding.ts';
import { is_translated } from './language.svelte.ts';

const golden = resolve(__dirname, '../../../tests/golden/demo-findings.json');
const files = [golden, ...(process.env.COTEJO_FINDINGS ?? '').split(':').filter(Boolean)];

// A text that is a name, a number or a formula says the same in both languages.
const speaks = (text: string) => /[a-z]/.test(text) && /[a-z]{2,} [a-z]|^[a-z]{3,}$/i.test(text) && !/^[A-Za-z]+_[a-z_]+$/.test(text);

function texts_of(finding: Finding): string[] {
  return [
    finding.title,
    finding.question,
    finding.headline,
    ...Object.values(finding.estimates ?? {}).flatMap((e) => [e.unit, e.definition]),
    finding.test?.null ?? '',
    ...finding.conditions.map((condition) => condition.text),
    ...finding.caveats,
    ...finding.does_not_show,
    ...(finding.tables ?? []).flatMap((table) => [table.title, ...table.columns.flatMap((column) => [column.unit ?? '', column.definition ?? ''])]),
    ...(finding.figures ?? []).map((figure) => figure.title),
  ].filter((text) => text && speaks(text));
}

describe.each(files)('%s', (file) => {
  it('has no text without its Spanish', () => {
    const findings = JSON.parse(readFileSync(file, 'utf8')) as Finding[];
    const missing = new Set(findings.flatMap((finding) => texts_of(finding).filter((text) => !is_translated(text)).map((text) => `${finding.method}: ${text}`)));
    expect([...missing]).toEqual([]);
  });
});
