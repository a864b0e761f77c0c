// Every text that a page gives to `t` or `counted`, and every word of the glossary, has its Spanish.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { has_template } from './language.svelte.ts';
import { words } from './glossary.ts';

const root = resolve(__dirname, '..');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(svelte|ts)$/.test(name) && !name.endsWith('.test.ts'));

// The literals in the first argument of `t` and in all of `counted`: up to the comma, or the bracket, that ends it.
function literals(source: string, call: RegExp, all: boolean): string[] {
  const out: string[] = [];
  for (const found of source.matchAll(call)) {
    let depth = 0;
    for (let at = found.index + found[0].length; at < source.length; ++at) {
      const literal = /^'((?:[^'\\\n]|\\.)*)'|^"((?:[^"\\\n]|\\.)*)"/.exec(source.slice(at, at + 2000));
      if (literal) {
        if (depth === 0) out.push((literal[1] ?? literal[2] ?? '').replaceAll(/\\(.)/g, '$1'));
        at += literal[0].length - 1;
      } else if (/[([{]/.test(source.charAt(at))) ++depth;
      else if (/[)\]}]/.test(source.charAt(at)) && depth-- === 0) break;
      else if (source[at] === ',' && depth === 0 && !all) break;
    }
  }
  return out;
}

it('every text of the pages has its Spanish', () => {
  const texts = sources.flatMap((name) => {
    const source = readFileSync(join(root, name), 'utf8');
    return [...literals(source, /(?<![\w.])t\(/g, false), ...literals(source, /(?<![\w.])(?:counted|with_noun)\(/g, true)].map((text) => ({ name, text }));
  });
  expect(texts.length).toBeGreaterThan(200);
  expect(texts.filter(({ text }) => /[a-z]{2}/.test(text) && !has_template(text)).map(({ name, text }) => `${name}: ${text}`)).toEqual([]);
});

it('every word of the glossary has its Spanish, and its meaning too', () => {
  expect(words.flatMap(({ word, meaning }) => [word, meaning]).filter((text) => !has_template(text))).toEqual([]);
});
