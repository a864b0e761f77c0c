// Every text that a finding shows has its Spanish. Findings: the demo's golden file, and those that COTEJO_FINDINGS names (paths with ':' between).
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pictures_of } from '../charts/from_tables.ts';
import type { Finding } from './finding.ts';
import { is_translated, say, set_language } from './language.svelte.ts';

const golden = resolve(__dirname, '../../../tests/golden/demo-findings.json');
const files = [golden, ...(process.env.COTEJO_FINDINGS ?? '').split(':').filter(Boolean)];

// A text that is a name, a number or a formula says the same in both languages.
const speaks = (text: string) => /[a-z]/.test(text) && /[a-z]{2,} [a-z]|^[a-z]{3,}$/i.test(text) && !/^[A-Za-z]+_[a-z_]+$/.test(text);

function texts_of(finding: Finding): string[] {
  return [
    finding.title,
    finding.question,
    finding.headline,
    ...(finding.in_short ?? []),
    ...Object.values(finding.estimates ?? {}).flatMap((e) => [e.unit, e.definition]),
    finding.test?.null ?? '',
    ...finding.conditions.map((condition) => condition.text),
    ...finding.caveats,
    ...finding.does_not_show,
    ...(finding.tables ?? []).flatMap((table) => [table.title, ...table.columns.flatMap((column) => [column.unit ?? '', column.definition ?? ''])]),
    ...pictures_of({ ...finding, figures: finding.figures ?? [], tables: finding.tables ?? [] }).map((figure) => figure.title),
  ].filter((text) => text && speaks(text));
}

// What stands in the cells of tables and labels of pictures: an outcome, a reason, a condition. Names of places and people are what they are.
function cells_of(finding: Finding): string[] {
  const cells = (finding.tables ?? []).flatMap((table) => table.rows.flat());
  const labels = (finding.figures ?? []).flatMap((figure) => (Array.isArray(figure.data.rows) ? (figure.data.rows as unknown[]).flat() : []));
  return [...new Set([...cells, ...labels])].filter((cell): cell is string => typeof cell === 'string' && cell.includes(' ') && !cell.includes(' / '));
}

// Words that no Spanish text has.
const english = /(?<![-_\w])(the|and|of|with|which|not|from|is|are|units|votes|where|by)(?![-_\w])/i;
// What a case brings with it, given back in either language as it stands.
const quoted = (text: string) => text.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`|«[^»]*»|“[^”]*”/g, '');

describe.each(files)('%s', (file) => {
  it('has no text without its Spanish', () => {
    const findings = JSON.parse(readFileSync(file, 'utf8')) as Finding[];
    const missing = new Set(findings.flatMap((finding) => texts_of(finding).filter((text) => !is_translated(text)).map((text) => `${finding.method}: ${text}`)));
    expect([...missing]).toEqual([]);
  });
  it('has no text that stays half English', () => {
    set_language('es');
    const findings = JSON.parse(readFileSync(file, 'utf8')) as Finding[];
    const half = new Set(findings.flatMap((finding) => [...texts_of(finding), ...cells_of(finding)].map((text) => `${finding.method}: ${say(text)}`).filter((text) => english.test(quoted(text)))));
    expect([...half]).toEqual([]);
  });
});
