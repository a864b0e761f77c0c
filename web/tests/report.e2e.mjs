// The dossier's report, opened from disk in a real browser: nothing is fetched, everything is drawn, hostile text is inert, both languages and
// every width can be read, no serious fault of accessibility. Makes its dossiers itself with --program.
//   node tests/report.e2e.mjs --program build/release/bin/cotejo --work DIR [--data DIR] [--shots DIR]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { hostile_text, write_hostile_case } from './hostile.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const argument = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);
const program = resolve(argument('--program') ?? join(root, 'build/release/bin/cotejo'));
const work = resolve(argument('--work') ?? join(root, 'build/report-e2e'));
const data = resolve(argument('--data') ?? join(root, '../shared/data'));
const shots = argument('--shots');
const browser_path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const failures = [];
let passed = 0;
function check(claim, holds, detail = '') {
  if (holds) ++passed;
  else failures.push(claim);
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${claim}${detail === '' ? '' : ` (${detail})`}`);
}

// ------------------------------------------------------------------------------------------------ the dossiers
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
function audit(plan, name, ...options) {
  const out = join(work, name);
  const done = spawnSync(program, ['audit', plan, '--out', out, ...options], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`cotejo audit ${plan}: exit ${done.status}\n${done.stderr}`);
  return out;
}

// The plan of the real election without its heaviest findings, unless COTEJO_WHOLE_AUDIT is set: what is looked at here is the page.
const heavy = /^method\s*=\s*"(battery|mixture|rivals|discontinuity|projection)"/m;
function bolivia() {
  const plan = readFileSync(join(root, 'plans/bolivia-2019.toml'), 'utf8');
  const asked_of_heavy = /^\[\[question\]\][^]*^findings\s*=.*"(battery|mixture)"/m;
  const parts = plan.split(/(?=^\[\[)/m).filter((part) => process.env.COTEJO_WHOLE_AUDIT || !(heavy.test(part) || asked_of_heavy.test(part)));
  const light = parts.join('').replace(/^when_absent.*$/m, '');
  const file = join(root, 'plans', `.report-e2e-${process.pid}.toml`);
  writeFileSync(file, light);
  try {
    return audit(file, 'bolivia', '--data', data);
  } finally {
    rmSync(file, { force: true });
  }
}

// The real election's report is hundreds of pages long, and a browser takes a minute for each PDF of it: made with the whole audit only.
const on_paper = (name) => name !== 'bolivia' || Boolean(process.env.COTEJO_WHOLE_AUDIT);

const dossiers = { hostile: audit(write_hostile_case(join(work, 'hostile-input')), 'hostile'), demo: audit(join(root, 'plans/demo.toml'), 'demo') };
if (existsSync(join(data, 'bolivia-2019'))) dossiers.bolivia = bolivia();
else if (process.env.COTEJO_REQUIRE_DATA) throw new Error(`the published files are not in ${data}`);
else console.log(`the published files are not in ${data}: the real election is not looked at`);

// ------------------------------------------------------------------------------------------------ the browser
const profile = mkdtempSync(join(work, 'profile-'));
const browser = await chromium.launch({
  executablePath: browser_path,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--disk-cache-dir=${profile}`,
  ],
});

async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const seen = { requests: [], errors: [], dialogs: 0 };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && seen.errors.push(message.text()));
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('dialog', (dialog) => {
    ++seen.dialogs;
    dialog.dismiss();
  });
  await page.goto(pathToFileURL(join(dossiers[name], 'report.html')).href);
  return { context, page, seen };
}
const first_picture = (page) =>
  page.waitForFunction(() => document.querySelector('figure svg') && performance.now(), null, { polling: 16 }).then((handle) => handle.jsonValue());
async function serious(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map((violation) => `${violation.id} (${violation.nodes.length}: ${violation.nodes[0].html.slice(0, 200)})`);
}
async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

for (const name of Object.keys(dossiers)) {
  const size = statSync(join(dossiers[name], 'report.html')).size;
  check(`${name}: the page is under 4 MB`, size < 4e6, `${(size / 1e6).toFixed(2)} MB`);

  for (const scheme of ['light', 'dark']) {
    const widths = { hostile: { light: [1440, 390], dark: [] }, demo: { light: [1440, 390], dark: [768] }, bolivia: { light: [1440, 768], dark: [390] } };
    for (const width of widths[name][scheme]) {
      const { context, page, seen } = await open(name, { viewport: { width, height: 900 }, colorScheme: scheme });
      await first_picture(page);
      await page.waitForSelector('[data-drawn=true]');
      const state = await page.evaluate(() => ({
        wide: document.scrollingElement.scrollWidth - innerWidth,
        broken: window.broken,
        undrawn: [...document.querySelectorAll('figure')]
          .filter((figure) => !figure.querySelector('svg'))
          .map((figure) => figure.querySelector('h3')?.textContent),
        unnamed: [...document.querySelectorAll('figure svg[role=img]')].filter((svg) => (svg.getAttribute('aria-label') ?? '').length < 20).length,
        pictures: document.querySelectorAll('figure svg[role=img]').length,
        empty: [...document.querySelectorAll('article')].filter((article) => !article.querySelector('figure')).map((article) => article.id),
      }));
      const at = `${name}, ${width} px, ${scheme}`;
      check(`${at}: nothing is wider than the screen`, state.wide <= 0, state.wide);
      check(
        `${at}: nothing is fetched`,
        seen.requests.every((url) => url.startsWith('file:') && url.includes('report.html')),
        `${new Set(seen.requests).size} requests`,
      );
      check(`${at}: no error, no dialog, nothing of the data ran`, !seen.errors.length && !seen.dialogs && !state.broken, seen.errors[0] ?? '');
      check(
        `${at}: every picture is drawn and named`,
        state.pictures > 0 && !state.undrawn.length && !state.unnamed,
        `${state.pictures} pictures${state.undrawn.length ? `, not: ${state.undrawn.join(', ')}` : ''}`,
      );
      if (name !== 'hostile' && width === 1440 && scheme === 'light')
        check(`${name}: every finding has its picture`, !state.empty.length, state.empty.join(', '));
      await shot(page, `${name}-${width}-${scheme}`);
      if (scheme === 'light' ? width === 1440 : name === 'demo') {
        const faults = await serious(page);
        check(`${at}: axe has no serious finding`, !faults.length, faults.join('; '));
      }
      await context.close();
    }
  }

  // The first page: every question with its answer in one sentence, then a picture and a table.
  {
    const { context, page } = await open(name);
    await first_picture(page);
    const { answers } = JSON.parse(readFileSync(join(dossiers[name], 'answers.json'), 'utf8'));
    const shown = await page.$$eval('section.answer', (sections) =>
      sections.map((section) => ({
        question: section.querySelector('h2').textContent,
        sentence: section.querySelector('.sentence').textContent.replace(/\s+/g, ' '),
      })),
    );
    check(
      `${name}: the first page has every question with its answer`,
      answers.length > 0 &&
        shown.length === answers.length &&
        (name === 'hostile' || answers.every((answer, i) => shown[i].question.endsWith(answer.question) && shown[i].sentence.includes(answer.sentence))),
      shown[0]?.sentence ?? '',
    );
    const place = await page.evaluate(() => {
      const bottom = (of) => document.querySelector(of)?.getBoundingClientRect().bottom ?? Infinity;
      const top = (of) => document.querySelector(of)?.getBoundingClientRect().top ?? 0;
      return { picture: bottom('section.answer figure'), table: top('section.answer .wide'), findings: top('.findings') };
    });
    await page.waitForSelector('[data-drawn=true]');
    const contents = await page.evaluate(() => {
      scrollTo(0, document.documentElement.scrollHeight / 2);
      const nav = document.querySelector('nav');
      const box = nav.getBoundingClientRect();
      const links = [...nav.querySelectorAll('a')];
      return {
        in_sight: box.top < innerHeight && box.bottom > 0 && nav.querySelector('details').open,
        lost: links.map((link) => link.getAttribute('href')).filter((href) => !document.getElementById(decodeURIComponent(href.slice(1)))),
        links: links.length,
      };
    });
    check(
      `${name}: the contents stay in sight and lead to every part`,
      contents.in_sight && !contents.lost.length && contents.links > answers.length,
      contents.lost.join(', '),
    );
    const twice = await page.evaluate(() => {
      const seen = [...document.querySelectorAll('h2')].map((heading) => heading.textContent.trim());
      return seen.filter((text, i) => seen.indexOf(text) !== i);
    });
    check(`${name}: no two parts have one heading`, !twice.length, twice.join('; '));
    const machine = await page.$$eval('th button', (heads) =>
      heads.map((head) => head.textContent.trim()).filter((text) => /^[a-z]+(_[a-z0-9]+)+$/.test(text)),
    );
    check(
      `${name}: columns have labels, their machine names in tooltips`,
      !machine.length && (await page.locator('th button[title*="_"]').count()) > 0,
      machine.slice(0, 5).join(', '),
    );
    check(`${name}: the first page has a picture, then a table, before the findings`, place.picture < place.table && place.table < place.findings);
    await context.close();
  }

  // Spanish, chosen by the reader; print; without scripts.
  {
    const { context, page } = await open(name);
    await first_picture(page);
    await page.getByRole('button', { name: 'Español' }).click();
    await page.getByRole('heading', { name: 'Los hallazgos' }).waitFor();
    check(`${name}: the page says that it is in Spanish`, (await page.evaluate(() => document.documentElement.lang)) === 'es');
    await shot(page, `${name}-1440-es`);
    if (on_paper(name)) {
      const pdf = await page.pdf({ format: 'A4', path: shots ? join(shots, `${name}.pdf`) : undefined });
      check(`${name}: it prints`, pdf.length > 20_000, `${(pdf.length / 1e6).toFixed(2)} MB of PDF`);
    }
    await context.close();
  }
  // Print is complete, however early: every row of every table is there before beforeprint returns, and the PDF that is asked for at once holds
  // the same text as one after a second.
  {
    const printed = async (wait) => {
      // A browser of its own: a second long document that one browser prints may fail ("Printing failed").
      const printer = await chromium.launch({ executablePath: browser_path, args: ['--no-sandbox', '--disable-gpu'] });
      const context = await printer.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
      const page = await context.newPage();
      await page.goto(pathToFileURL(join(dossiers[name], 'report.html')).href, { waitUntil: 'commit' });
      await page.waitForSelector('.page'); // the script has begun to draw
      await page.waitForTimeout(wait);
      const before = await page.evaluate(() => {
        const rows = () => document.querySelectorAll('tbody tr').length;
        const early = rows();
        window.dispatchEvent(new Event('beforeprint'));
        const state = {
          early,
          rows: rows(),
          sections: document.querySelectorAll('article').length,
          undrawn: [...document.querySelectorAll('figure')].filter((figure) => !figure.querySelector('svg')).length,
        };
        window.dispatchEvent(new Event('afterprint'));
        return state;
      });
      const file = join(work, `${name}-${wait}.pdf`);
      if (on_paper(name)) await page.pdf({ format: 'A4', path: file, timeout: 600_000 });
      await printer.close();
      if (!on_paper(name)) return before;
      const text = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });
      return { ...before, text: text.error ? null : text.stdout };
    };
    const findings = JSON.parse(readFileSync(join(dossiers[name], 'findings.json'), 'utf8'));
    const rows = findings.reduce(
      (sum, finding) => sum + finding.tables.reduce((inner, table) => inner + table.rows.length, 0) + Object.keys(finding.estimates).length,
      0,
    );
    const at_once = await printed(0);
    const later = await printed(1000);
    check(
      `${name}: before beforeprint returns every section is there`,
      at_once.sections === findings.length && later.sections === findings.length,
      `${at_once.sections} of ${findings.length}`,
    );
    check(
      `${name}: before beforeprint returns every row of every table is there`,
      at_once.rows >= rows && at_once.rows === later.rows,
      `${at_once.early} rows, then ${at_once.rows}; the findings have ${rows}`,
    );
    check(`${name}: before beforeprint returns every picture is drawn`, at_once.undrawn === 0 && later.undrawn === 0, `${at_once.undrawn} not`);
    if (!on_paper(name)) {
      // Its pages on paper belong to the validation.
    } else if (at_once.text === null) {
      check(`${name}: pdftotext is there (poppler-utils)`, !process.env.COTEJO_REQUIRE_DATA);
    } else {
      const words = (text) => text.split(/\s+/).filter(Boolean).length;
      const missing = findings.filter((finding) => !at_once.text.replace(/\s+/g, '').includes(finding.question.replace(/\s+/g, '')));
      check(`${name}: the PDF at once has every finding`, !missing.length, missing.map((finding) => finding.id).join(', '));
      check(
        `${name}: the PDF at once has what the later one has`,
        Math.abs(words(at_once.text) - words(later.text)) <= 0.002 * words(later.text),
        `${words(at_once.text)} and ${words(later.text)} words`,
      );
    }
  }
  {
    const { context, page } = await open(name, { javaScriptEnabled: false });
    const text = await page.innerText('body');
    const findings = JSON.parse(readFileSync(join(dossiers[name], 'findings.json'), 'utf8'));
    const missing = findings.filter((finding) => !text.includes(finding.question) || !text.includes(finding.answer));
    check(`${name}: without scripts every question and answer still stands there`, !missing.length, missing.map((finding) => finding.id).join(', '));
    await context.close();
  }
}

// What the reader takes away.
{
  const { context, page } = await open('hostile');
  await first_picture(page);
  const taken = async (label) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: label }).first().click()]);
    return readFileSync(await download.path());
  };
  const csv = (await taken(/^Save as CSV: Votes per option/)).toString();
  check('a table taken away holds no formula', csv.includes("'=HYPERLINK") && !/(^|,)"?=/m.test(csv));
  const png = await taken(/^Save as PNG/);
  check(
    'a picture is taken away as PNG',
    png.subarray(1, 4).toString() === 'PNG' && png.readUInt32BE(16) > 400,
    `${png.readUInt32BE(16)} x ${png.readUInt32BE(20)}`,
  );
  const svg = (await taken(/^Save as SVG/)).toString();
  check('a picture is taken away as SVG that stands alone', svg.startsWith('<svg') && !/var\(--|currentColor/.test(svg));
  check(
    'a picture taken away names its title, its source with the hash, and who made it',
    /<title>[^<]+<\/title>/.test(svg) && /<desc>[^<]*Source: [^<]*SHA-256 [0-9a-f]{16}/.test(svg) && /<text[^>]*>[^<]*Cotejo \d/.test(svg),
  );
  await page
    .getByRole('button', { name: /^Embed in a page/ })
    .first()
    .click();
  check(
    'a picture comes with the text that embeds it',
    /<img src="[^"]+\.svg" alt="[^"]{20,}/.test(await page.locator('figure textarea').first().inputValue()),
  );
  const body = await page.innerText('body');
  check('hostile text is shown as what it is', body.includes(hostile_text.script) && body.includes('\\u{202e}'));
  check('an endless text is cut', !body.includes('x'.repeat(5000)));
  await page
    .locator('th button')
    .filter({ hasText: /^reading/ })
    .first()
    .focus();
  await page.keyboard.press('Enter');
  check('a table is sorted from the keyboard', (await page.locator('th[aria-sort]').count()) >= 1);
  await context.close();
}
await browser.close();

// Every text of these findings has its Spanish.
const real = Object.keys(dossiers)
  .filter((name) => name !== 'hostile')
  .map((name) => join(dossiers[name], 'findings.json'));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const spanish = spawnSync(process.execPath, [vitest, 'run', 'src/lib/translations.test.ts'], {
  cwd: resolve(here, '..'),
  encoding: 'utf8',
  env: { ...process.env, COTEJO_FINDINGS: real.join(':'), NO_COLOR: '1' },
});
check(
  'every text of the findings has its Spanish',
  spanish.status === 0,
  spanish.status === 0
    ? ''
    : (spanish.stdout + spanish.stderr)
        .split('\n')
        .filter((line) => /^\s*[-+] +"/.test(line))
        .slice(0, 60)
        .join('\n'),
);

console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
