// Every text of the registry of methods, as the program tells it (`cotejo methods --json`), has its Spanish. COTEJO_PROGRAM names the program.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { is_translated } from './language.svelte.ts';

interface Method {
  id: string;
  title: string;
  question: string;
  takes: string;
  assumes: string;
  cost: string;
  options: { name: string; text: string; unit?: string }[];
}
const program = process.env.COTEJO_PROGRAM;

it.skipIf(!program)('no text of the registry is without its Spanish', () => {
  const methods = JSON.parse(execFileSync(program!, ['methods', '--json'], { encoding: 'utf8' })) as Method[];
  expect(methods.length).toBeGreaterThan(20);
  const texts = methods.flatMap((method) => [method.title, method.question, method.takes, method.assumes, method.cost, ...method.options.flatMap((option) => [option.text, option.unit ?? ''])]);
  const missing = [...new Set(texts.filter((text) => text && /[a-z]{2}/i.test(text) && !is_translated(text)))];
  expect(missing).toEqual([]);
});
