// What the end-to-end tests of the workbench share: a case made by the program, served by it, and a browser on it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const program = process.env.COTEJO_PROGRAM ?? join(root, 'build/release/bin/cotejo');
export const data = resolve(root, process.env.COTEJO_DATA ?? '../shared/data');
const browser_path = process.env.COTEJO_BROWSER ?? '/usr/bin/chromium';

// Why a test cannot run here; with COTEJO_REQUIRE_DATA that is a failure.
export function absent(...files) {
  const missing = files.map((file) => join(data, file)).filter((file) => !existsSync(file));
  if (missing.length === 0) return false;
  if (process.env.COTEJO_REQUIRE_DATA) throw new Error(`COTEJO_REQUIRE_DATA is set, but there is no ${missing[0]}`);
  return `the published files are not in ${data}; README.md says where they were published`;
}

export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'cotejo-workbench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function cotejo(...words) {
  return execFileSync(program, words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
}

// `cotejo serve`; stop() ends it as Ctrl-C does and waits.
export async function serve(case_path, ...options) {
  const child = spawn(program, ['serve', case_path, '--no-open', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const link = await new Promise((found, failed) => {
    let out = '';
    child.stdout.on('data', (text) => {
      out += text;
      const url = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(out);
      if (url && out.includes('\n')) found(url[0]);
    });
    child.on('exit', (code) => failed(new Error(`cotejo serve ended with ${code}: ${said}`)));
  });
  const ended = new Promise((done) => child.on('exit', (code) => done(code)));
  return {
    link,
    base: new URL('/', link).href,
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

export function browse() {
  return chromium.launch({
    executablePath: browser_path,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

// A page that remembers what went wrong in it and every address that it asked for.
export async function open(browser, link, { width = 1440, height = 900, scheme = 'light', locale = 'en-GB' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale });
  const page = await context.newPage();
  const faults = [];
  const asked = [];
  page.on('pageerror', (fault) => faults.push(String(fault)));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  const under_way = new Map(); // request -> when it was asked
  page.on('request', (request) => {
    asked.push(request.url());
    if (!request.url().includes('/events')) under_way.set(request, Date.now());
  });
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => under_way.delete(request));
  waiting.set(page, under_way);
  await page.goto(link);
  return { context, page, faults, asked };
}

const waiting = new WeakMap(); // requests without an answer, by page

// Until `holds` is true in the page; its own loop, because the page's policy forbids the driver's.
export async function until(page, holds, argument) {
  for (const begin = Date.now(); Date.now() - begin < 90_000;) {
    if (await page.evaluate(holds, argument)) return;
    await new Promise((next) => setTimeout(next, 20));
  }
  throw new Error(`never: ${holds}`);
}

// A request whose end the browser did not report within 20 seconds is named and no longer waited for: what the page itself is still
// reading stands in it.
function forget_lost(page) {
  for (const [request, since] of waiting.get(page)) {
    if (Date.now() - since < 20_000) continue;
    console.warn(`no end was reported of ${request.method()} ${request.url()}`);
    waiting.get(page).delete(request);
  }
}

// Until nothing is asked for any more and two frames were drawn without anything being asked: what was to come is there.
export async function settled(page) {
  for (const begin = Date.now(); Date.now() - begin < 90_000;) {
    forget_lost(page);
    await page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 60)));
    const still =
      waiting.get(page).size === 0 &&
      (await page.evaluate(() => ![...document.querySelectorAll('main [role=status]')].some((each) => /Reading|Leyendo/.test(each.textContent))));
    if (!still) continue;
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    if (waiting.get(page).size === 0) return;
  }
  throw new Error('the page does not come to rest');
}

// Milliseconds of processor time that the page's own scripts, styles and layout take for one of `times` gestures. Not the time on the clock,
// which is whatever else the machine does.
export async function spent(page, times, gesture) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const seconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name).value;
    return of('ScriptDuration') + of('LayoutDuration') + of('RecalcStyleDuration');
  };
  const begin = await seconds();
  for (let at = 0; at < times; at++) {
    await gesture(at / times);
    await page.evaluate(() => new Promise(requestAnimationFrame)); // each gesture has its frame
  }
  const end = await seconds();
  await session.detach();
  return (1000 * (end - begin)) / times;
}

// To another page of the workbench by its address, without loading it anew.
export async function go(page, hash) {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
}
