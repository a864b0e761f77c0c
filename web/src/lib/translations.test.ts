// Every text that a finding shows has its Spanish. Findings: the demo's golden file, and those that COTEJO_FINDINGS names (paths with ':' between).
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pictures_of } from '../charts/from_tables.ts';
import type { Finding } from './finding.ts';
import { in_language, is_translated, say, set_language } from './language.svelte.ts';
import { render } from './messages.ts';

const golden = resolve(__dirname, '../../../tests/golden/demo-findings.json');
const files = [golden, ...(process.env.COTEJO_FINDINGS ?? '').split(':').filter(Boolean)];

// A text that is a name, a number or a formula says the same in both languages.
const speaks = (text: string) => /[a-z]/.test(text) && /[a-z]{2,} [a-z]|^[a-z]{3,}$/i.test(text) && !/^[A-Za-z]+_[a-z_]+$/.test(text);

// By the JSON pointer of each, as `messages` has it.
function texts_of(finding: Finding): [string, string][] {
  const list = (pointer: string, texts: string[]) => texts.map((text, i): [string, string] => [`${pointer}/${i}`, text]);
  const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
  const made = pictures_of({ ...finding, figures: finding.figures ?? [], tables: finding.tables ?? [] }).slice((finding.figures ?? []).length);
  const all: [string, string][] = [
    ['/title', finding.title],
    ['/question', finding.question],
    ['/headline', finding.headline],
    ...list('/in_short', finding.in_short ?? []),
    ...Object.entries(finding.estimates ?? {}).flatMap(([name, e]): [string, string][] => [
      [`/estimates/${escaped(name)}/unit`, e.unit],
      [`/estimates/${escaped(name)}/definition`, e.definition],
    ]),
    ['/test/null', finding.test?.null ?? ''],
    ...finding.conditions.map((condition, i): [string, string] => [`/conditions/${i}/text`, condition.text]),
    ...list('/caveats', finding.caveats),
    ...list('/does_not_show', finding.does_not_show),
    ...(finding.tables ?? []).flatMap((table, i): [string, string][] => [
      [`/tables/${i}/title`, table.title],
      ...table.columns.flatMap((column, c): [string, string][] => [
        [`/tables/${i}/columns/${c}/unit`, column.unit ?? ''],
        [`/tables/${i}/columns/${c}/definition`, column.definition ?? ''],
      ]),
    ]),
    ...(finding.figures ?? []).map((figure, i): [string, string] => [`/figures/${i}/title`, figure.title]),
    // Drawn from a table, under its title.
    ...made.map((figure): [string, string] => {
      const table = (finding.tables ?? []).findIndex(({ title }) => title === figure.title);
      return [table < 0 ? `of tables: ${figure.id}` : `/tables/${table}/title`, figure.title];
    }),
  ];
  return all.filter(([, text]) => text && speaks(text));
}

const has_spanish = (finding: Finding, pointer: string, text: string) => {
  const message = finding.messages?.[pointer];
  return message ? render(message, 'es') !== null : is_translated(text);
};

// What stands in the cells of tables and labels of pictures: an outcome, a reason, a condition. Names of places and people are what they are.
function cells_of(finding: Finding): string[] {
  const cells = (finding.tables ?? []).flatMap((table) => table.rows.flat());
  const labels = (finding.figures ?? [])
    .flatMap((figure) => (Array.isArray(figure.data.rows) ? (figure.data.rows as unknown[]).flat() : []))
    .map((label) => (typeof label === 'string' ? say(label) : label)); // as charts do
  return [...new Set([...cells, ...labels])].filter((cell): cell is string => typeof cell === 'string' && cell.includes(' ') && !cell.includes(' / '));
}

// Words that no Spanish text has.
const english = /(?<![-_\w])(the|and|of|with|which|not|from|is|are|units|votes|where|by)(?![-_\w])/i;
// What a case brings with it, given back in either language as it stands.
const quoted = (text: string) => text.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`|«[^»]*»|“[^”]*”/g, '');

describe.each(files)('%s', (file) => {
  it('has no text without its Spanish', () => {
    const findings = JSON.parse(readFileSync(file, 'utf8')) as Finding[];
    const missing = new Set(
      findings.flatMap((finding) =>
        texts_of(finding)
          .filter(([pointer, text]) => !has_spanish(finding, pointer, text))
          .map(([, text]) => `${finding.method}: ${text}`),
      ),
    );
    expect([...missing]).toEqual([]);
  });
  it('has no text that stays half English', () => {
    set_language('es');
    const findings = JSON.parse(readFileSync(file, 'utf8')) as Finding[];
    const half = new Set(
      findings
        .map((finding) => in_language({ ...finding, estimates: finding.estimates ?? {}, tables: finding.tables ?? [], figures: finding.figures ?? [] }))
        .flatMap((finding) =>
          [...texts_of(finding).map(([pointer, text]) => (pointer.startsWith('of tables') ? say(text) : text)), ...cells_of(finding)]
            .map((text) => `${finding.method}: ${text}`)
            .filter((text) => english.test(quoted(text))),
        ),
    );
    expect([...half]).toEqual([]);
  });
});
