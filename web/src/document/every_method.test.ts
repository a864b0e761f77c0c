// No English stands in the Spanish document of any method of the registry: every finding that the program makes on a small election and a small
// assembly is drawn, and every text of it and of its pictures is looked at. COTEJO_EVERY_METHOD names the program (minutes), or a
// file of findings that it made.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Base64 } from 'js-base64';
import { render } from '@testing-library/svelte';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findings_of_every_method } from '../../tests/every_method.mjs';
import type { Finding } from '../lib/finding.ts';
import { set_language } from '../lib/language.svelte.ts';
import Page from './Document.svelte';
import type { Input } from './input.ts';

const program = process.env.COTEJO_EVERY_METHOD;
const bodies = resolve(__dirname, '../../../data/bodies');
// What the typed facts on assemblies hold stays in the language of their sources.
const typed = readdirSync(bodies, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(csv|toml)$/.test(name))
  .map((name) => readFileSync(resolve(bodies, name), 'utf8').replaceAll('""', '"'))
  .join('\n');
// Its names, and those of scenarios, stand inside sentences too.
const names = [
  ...new Set(
    typed
      .split(/[\n",]/)
      .map((cell) => cell.trim())
      .filter((cell) => cell.length > 6 && cell.includes(' ')),
  ),
].sort((a, b) => b.length - a.length);
const without_names = (text: string) => names.reduce((left, name) => left.replaceAll(name, ''), text);
const of_data = (text: string) =>
  typed.includes(text) ||
  (text.includes('…') && text.split('…').every((part) => typed.includes(part.trim()))) ||
  text.split(/; |: /).every((part) => typed.includes(part) || !english.test(part));
// Not translated yet: why a membership is disputed, joined by the program with conditions typed in English.
const known = (text: string) => /^no member: the notice of .*; a member: /.test(text);
const english = /(?<![-_\w/.=])(the|and|of|with|which|not|from|is|are|units|votes|where|by|for|than|under|each|every|between)(?![-_\w=])/i;

function texts_in(root: ParentNode): string[] {
  const walker = document.createTreeWalker(root as Node, NodeFilter.SHOW_TEXT);
  const out: string[] = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest('code, style')) out.push(walker.currentNode.textContent!.trim());
  return out.filter(Boolean);
}

function spanish_of(finding: Finding): string[] {
  // As the program makes them: a clause is a text of the finding, with its message; the question is the reader's own.
  const short = finding.in_short?.length ? finding.in_short : [finding.headline.replace(/\.$/, '')];
  const messages = Object.fromEntries(
    short.flatMap((_, i) => {
      const found = finding.messages?.[finding.in_short?.length ? `/in_short/${i}` : '/headline'];
      return found ? [[`/clauses/${i}`, found]] : [];
    }),
  );
  const input: Input = {
    language: 'es',
    manifest_sha256: '0',
    outlines: [],
    findings: [finding],
    plan: { id: 'p', title: 'P', author: 'A', date: '2020-01-01', seed: 1, sha256: '0' },
    answers: [
      {
        id: 'q',
        question: '¿Y bien?',
        primary: true,
        findings: [finding.id],
        for_outcome: null,
        sentence: finding.headline,
        clauses: short,
        messages,
      },
    ],
    manifest: { program: { name: 'cotejo', version: '0' }, synthetic: false, inputs: [], counts: [], assemblies: [] },
  };
  const { container, unmount } = render(Page, { props: { input } });
  const pictures = [...container.querySelectorAll('img')].flatMap((image) => {
    const svg = new DOMParser().parseFromString(Base64.decode(image.src.slice(image.src.indexOf(',') + 1)), 'image/svg+xml');
    return [image.alt, ...[...svg.querySelectorAll('text, title')].map((text) => text.textContent!.trim())];
  });
  const texts = [...texts_in(container), ...pictures];
  unmount();
  return texts;
}

let made: { findings: Finding[]; refused: string[] };
beforeAll(() => {
  if (program)
    made = program.endsWith('.json') ? { findings: JSON.parse(readFileSync(program, 'utf8')) as Finding[], refused: [] } : findings_of_every_method(program);
  set_language('es');
}, 1_200_000);
afterAll(() => set_language('en'));

it.skipIf(!program)('every method of the registry answers on the small cases', () => {
  expect(made.refused).toEqual([]);
});

it.skipIf(!program)('no cell is an English yes, or another answer in one word', () => {
  const words = /^(yes|depends|unknown|undetermined|adopted|rejected|any|moved|voided|added|withdrawn|miscounted|abstain|disputed|undeclared)$/;
  const left = made.findings.flatMap((finding) =>
    spanish_of(finding)
      .filter((text) => words.test(text))
      .map((text) => `${finding.method}: ${text}`),
  );
  expect([...new Set(left)]).toEqual([]);
});

it.skipIf(!program)(
  'no English stands in the Spanish of any method',
  () => {
    const left = made.findings.flatMap((finding) =>
      spanish_of(finding)
        .filter(
          (text) =>
            english.test(without_names(text).replaceAll(/"[^"]*"|«[^»]*»|“[^”]*”|`[^`]*`/g, '')) &&
            !finding.references.includes(text) &&
            !of_data(text) &&
            !known(text),
        )
        .map((text) => `${finding.method}: ${text}`),
    );
    expect([...new Set(left)]).toEqual([]);
  },
  600_000,
);
