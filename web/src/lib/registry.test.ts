// Every text of the registry of methods, as the program tells it (`cotejo methods --json`), has its Spanish. COTEJO_PROGRAM names the program.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { is_translated } from './language.svelte.ts';
import { render, type Messages } from './messages.ts';

interface Method {
  id: string;
  title: string;
  question: string;
  takes: string;
  assumes: string;
  cost: string;
  options: { name: string; text: string; unit?: string }[];
  messages: Messages;
}
const program = process.env.COTEJO_PROGRAM;

it.skipIf(!program)('no text of the registry is without its Spanish', () => {
  const methods = JSON.parse(execFileSync(program!, ['methods', '--json'], { encoding: 'utf8' })) as Method[];
  expect(methods.length).toBeGreaterThan(20);
  const own = (method: Method) => (['title', 'question', 'assumes', 'cost'] as const).filter((key) => !method.messages[`/${key}`]).map((key) => method[key]);
  const texts = methods.flatMap((method) => [...own(method), method.takes, ...method.options.flatMap((option) => [option.text, option.unit ?? ''])]);
  const missing = [...new Set(texts.filter((text) => text && /[a-z]{2}/i.test(text) && !is_translated(text)))];
  expect(missing).toEqual([]);
  expect(methods.flatMap((method) => Object.values(method.messages)).filter((message) => render(message, 'es') === null)).toEqual([]);
});
