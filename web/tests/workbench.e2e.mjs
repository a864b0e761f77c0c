// The workbench in a browser, against the program itself: the published count of Bolivia 2019, the demo's drawn one, a hostile file, and many
// units (100,000; a million with COTEJO_MILLION). Nothing waits for a time, but for what the page shows. Speeds are bench/pages.mjs.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { absent, browse, cotejo, data, folder, go, open, serve, settled, spent, until } from './served.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser;
before(async () => (browser = await browse()));
after(() => browser?.close());

// Serious and critical findings of axe, as text. The script is put in past the page's policy, which is the page's and not the test's.
async function axe_faults(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run(document, { resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations))',
    awaitPromise: true,
  });
  return JSON.parse(result.value)
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map(
      (violation) =>
        `${violation.id}: ${violation.nodes
          .slice(0, 3)
          .map((node) => node.html.slice(0, 160))
          .join(' | ')}`,
    );
}

// What makes the page wider than the window; null when nothing does.
function too_wide(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return null;
    const clipped = (element) => element && (getComputedStyle(element).overflowX !== 'visible' || clipped(element.parentElement));
    return (
      [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > width + 1 && !clipped(element.parentElement))
        .slice(0, 3)
        .map(
          (element) =>
            `${element.tagName.toLowerCase()}.${element.className} ${Math.round(element.getBoundingClientRect().right)}: ${element.textContent.slice(0, 60)}`,
        )
        .join(' | ') || 'something'
    );
  });
}

// The subjects: the published count where its files are, and the demo's.
const bolivia = {
  name: 'the published count of Bolivia 2019',
  skip: absent('bolivia-2019/computo-2019-10-25.zip', 'bolivia-2019/challenges/oas-226.csv'),
  prepare(case_path) {
    cotejo('import', case_path, 'profiles/bolivia-2019-computo.toml', 'profiles/bolivia-2019-trep-1940.toml', '--data', data);
  },
  count: 'bo-2019/computo',
  quick: 'bo-2019/trep-1940',
  units: [34_555, 28_975],
  key: () => '10001',
  cells: ['registered', 'blank', 'null', 'MAS', 'CC'],
  list: () => join(data, 'bolivia-2019/challenges/oas-226.csv'),
  margin: 10.07824,
};
const demo = {
  name: 'the demo, drawn by the program',
  skip: false,
  prepare(case_path, folder) {
    cotejo('simulate', '--out', folder, '--seed', '1', '--option', 'units=3000');
    cotejo('import', case_path, 'profiles/demo-official.toml', 'profiles/demo-quick.toml', '--data', folder);
  },
  count: 'demo/official',
  quick: 'demo/quick',
  units: [3000, 2520],
  key: (folder) => readFileSync(join(folder, 'quick.csv'), 'utf8').split('\n')[1].split(',')[0],
  cells: ['registered', 'blank', 'null', 'A', 'B'],
  list: (folder) => join(folder, 'objected.csv'),
  margin: null, // the command line's
};
const grouped = (number) => number.toLocaleString('en');

for (const subject of [bolivia, demo]) journey(subject, subject === (bolivia.skip ? demo : bolivia));

// `whole`: also what takes long and is the same for every case.
function journey(subject, whole) {
  describe(subject.name, { skip: subject.skip }, () => {
    const place = folder();
    const case_path = join(place.path, 'case.cotejo');
    const [all, fewer] = subject.units.map(grouped);
    const units_page = `#/units?count=${subject.count}&challenge=objected`;
    let served;
    let session;
    let page;
    let margin; // without the units objected to, as it is shown

    before(async () => {
      subject.prepare(case_path, place.path);
      served = await serve(case_path);
      session = await open(browser, served.link);
      page = session.page;
    });
    after(async () => {
      assert.equal(await served?.stop(), 0, 'the server ends well');
      place.remove();
    });

    test('opens on what the case holds, and the token is gone from the address', async () => {
      await page.getByRole('heading', { name: 'Counts' }).waitFor();
      assert.ok(!page.url().includes('token'), page.url());
      const text = await page.locator('main').innerText();
      for (const part of [subject.count, all, subject.quick, fewer]) assert.ok(text.includes(part), part);
    });

    test("finds a unit by its key and shows the return as the file has it, beside the quick count's", async () => {
      await page.keyboard.press('/');
      await until(page, () => document.activeElement?.matches('[data-find]'));
      const key = subject.key(place.path);
      await page.keyboard.type(key);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: `Return of unit ${key}` }).waitFor();
      const told = JSON.parse(cotejo('history', case_path, key, '--json'));
      const events = Array.isArray(told) ? told : told.events;
      const first = events.find((event) => event.count === subject.count);
      const cells = Object.fromEntries(first.cells.map((cell) => [cell.field, cell.after]));
      for (const name of subject.cells) {
        const row = page.locator('main table tr').filter({ has: page.locator(`th[title="${name}"]`) });
        assert.equal(await row.locator('td').first().innerText(), grouped(cells[name]), name);
      }
      assert.equal(await page.locator('main table thead th').count(), 3, 'both counts stand there');
    });

    test('selects 226 units by their list, refuses a challenge without its reasons, and keeps it with them', async () => {
      await go(page, `#/units?count=${subject.count}`);
      await page.locator('canvas').nth(1).waitFor();
      await page.getByLabel('Select by a list …').setInputFiles(subject.list(place.path));
      await page.getByText(`226 of ${all} units selected`).waitFor();
      await page.getByRole('button', { name: 'Make a challenge …' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('objected');
      await dialog.getByRole('button', { name: 'Add the challenge' }).click();
      await dialog.getByText('are all needed').waitFor();
      await dialog.getByLabel('Who objects').fill('Observation mission');
      await dialog.getByLabel('Why').fill('Returns of one voting place filled in by the same person');
      await dialog.getByLabel('From which document').fill('Final report');
      await dialog.getByRole('button', { name: 'Add the challenge' }).click();
      await dialog.waitFor({ state: 'hidden' });
      const kept = JSON.parse(cotejo('list', case_path, '--json')).challenges.find((challenge) => challenge.id === 'objected');
      assert.equal(kept.units, 226);
      assert.equal(kept.by, 'Observation mission');
    });

    test('selects the same 226 by the challenge', async () => {
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByRole('button', { name: 'Select these' }).click();
      await page.getByText(`226 of ${all} units selected`).waitFor();
      // The totals are the program's: the count without these units and with them differ by them.
      await page.getByText(/registered [\d,]+/).waitFor();
    });

    test('runs strike and shows what the command line prints', async () => {
      await go(page, `#/run?method=strike&count=${subject.count}&challenge=objected`);
      assert.ok(await page.getByRole('checkbox', { name: /objected/ }).isChecked());
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      const finding = JSON.parse(cotejo('run', case_path, 'strike', '--count', subject.count, '--challenge', 'objected', '--json'));
      if (subject.margin) assert.ok(Math.abs(finding.estimates.margin_points.value - subject.margin) < 1e-5);
      margin = finding.estimates.margin_points.value.toLocaleString('en', { maximumSignificantDigits: 6 });
      await page.locator('article').getByText(margin).first().waitFor({ timeout: 30_000 });
      const shown = await page.locator('article').innerText();
      assert.ok(shown.includes(finding.headline), finding.headline);
      await page.getByRole('button', { name: 'Keep in the case' }).click();
      await page.getByText('Kept in the case.').waitFor();
      assert.equal(JSON.parse(cotejo('list', case_path, '--json')).findings.length, 1);
    });

    if (whole)
      test('compares it with the same question asked by municipality', async () => {
        await go(page, `#/run?method=strike&count=${subject.count}&challenge=objected&option=precinct_level%3Dmunicipality`);
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByRole('link', { name: 'Open among the findings' }).waitFor({ timeout: 20_000 });
        await page.getByRole('link', { name: 'Open among the findings' }).click();
        await page.getByRole('link', { name: 'Compare', exact: true }).last().click();
        await page.getByRole('heading', { name: 'What was asked differently' }).waitFor();
        const text = await page.locator('main').innerText();
        assert.ok(text.includes('precinct_level'));
        assert.ok(/units_in_precincts/.test(text));
      });

    if (whole)
      test('cancels a long method and says so', async () => {
        await go(page, `#/run?method=battery&count=${subject.count}`);
        await page.getByRole('button', { name: 'Run', exact: true }).click();
        await page.getByRole('button', { name: 'Cancel' }).click();
        await page.getByText('Cancelled. The case is as it was', { exact: false }).waitFor({ timeout: 20_000 });
      });

    test('writes a dossier whose report opens from disk and fetches nothing', async () => {
      await go(page, '#/dossier');
      await page.getByLabel('Title').fill('One question');
      await page.getByLabel('The question it answers').fill('Does the outcome survive the objection?');
      await page.getByLabel('Folder, beside the case').fill('written');
      await page.getByRole('button', { name: 'Show the plan' }).click();
      const toml = page.getByLabel('The plan as a file');
      await toml.waitFor();
      assert.match(await toml.inputValue(), /cotejo\.plan\/1/);
      await page.getByRole('button', { name: 'Write the dossier' }).click();
      await page.getByRole('link', { name: 'Open the report' }).waitFor({ timeout: 60_000 });
      const report = join(place.path, 'written/report.html');
      assert.ok(existsSync(report));
      const offline = await browser.newContext({ offline: true });
      const reader = await offline.newPage();
      const asked = [];
      reader.on('request', (request) => asked.push(request.url()));
      await reader.goto(pathToFileURL(report).href);
      await reader.getByText(margin).first().waitFor();
      assert.deepEqual(
        asked.filter((url) => !url.startsWith('blob:') && !url.startsWith('data:')),
        [pathToFileURL(report).href],
      );
      await offline.close();
      cotejo('verify', join(place.path, 'written'));
    });

    if (whole)
      test('spends less than a frame of 30 a second on each move of a brush, and on each bound that is typed', async (t) => {
        await go(page, units_page);
        await settled(page);
        const box = await page.locator('canvas').first().boundingBox();
        await page.mouse.move(box.x + box.width * 0.4, box.y + 5);
        await page.mouse.down();
        const brush = await spent(page, 20, (at) => page.mouse.move(box.x + box.width * (0.4 + 0.55 * at), box.y + 5 + box.height * 0.85 * at));
        await page.mouse.up();
        t.diagnostic(`brushing: ${brush.toFixed(1)} ms of the page's own time a move`);
        await page.getByText(new RegExp(`[\\d,]{3,} of ${all} units selected`)).waitFor();
        await page.getByRole('button', { name: '+ Bound' }).click();
        const low = page.getByLabel('from', { exact: true });
        await low.fill('90');
        await page
          .getByText(new RegExp(`of ${all} units`))
          .first()
          .waitFor();
        const filter = await spent(page, 12, (at) => low.fill((10 + 80 * at).toFixed(1)));
        t.diagnostic(`filtering: ${filter.toFixed(1)} ms of the page's own time a bound`);
        // 1000 / 30, on a machine that is its own; a processor's time grows when others use its caches and its other half: twice that is a fault.
        for (const each of [brush, filter]) assert.ok(each < 67, `${each} ms`);
        await page.getByRole('button', { name: 'Remove this bound' }).click();
        await page.getByRole('button', { name: 'Clear' }).click();
      });

    if (whole)
      test('keeps a brush and the zoom in the address, so that its link shows the same', async () => {
        await page.goto(`${served.base}#/units`);
        await page.locator('canvas').nth(1).waitFor();
        await page.locator('path.border').waitFor({ state: 'attached' });
        await settled(page);
        await page.getByRole('button', { name: 'Zoom in' }).nth(1).click();
        const box = await page.locator('svg.brush').first().boundingBox();
        await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.3);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.6, { steps: 3 });
        await page.mouse.up();
        const chosen = page.getByText(new RegExp(`[\\d,]+ of ${all} units selected`));
        const before = await chosen.innerText();
        await until(page, () => /brushed=plane/.test(location.hash) && /map=/.test(location.hash));
        const hash = await page.evaluate(() => location.hash);
        await page.goto('about:blank');
        await page.goto(`${served.base}${hash}`);
        await chosen.waitFor();
        assert.equal(await chosen.innerText(), before);
        assert.equal(await page.evaluate(() => location.hash), hash);
        await page.getByRole('button', { name: 'Clear' }).click();
      });

    if (whole)
      test('names the unit under the pointer, and a click opens its return; says what to do where nothing is found', async () => {
        await page.goto(`${served.base}#/units`);
        await page.locator('canvas').first().waitFor();
        await settled(page);
        const box = await page.locator('svg.brush').first().boundingBox();
        await page.mouse.move(box.x + box.width * 0.87, box.y + box.height * 0.5);
        await page.locator('.tip').first().waitFor();
        const key = (await page.locator('.tip').first().innerText()).split(' · ')[0];
        await page.mouse.down();
        await page.mouse.up();
        await page.getByRole('heading', { name: `Return of unit ${key}` }).waitFor();
        await go(page, '#/units?find=there-is-no-such-unit');
        await page.getByText('No unit meets all of this.').waitFor();
        await page.getByRole('button', { name: 'Show every unit' }).click();
        await page.getByText('No unit meets all of this.').waitFor({ state: 'detached' });
      });

    if (whole)
      test('is usable with the keyboard alone, from the link to a selection, a return and a run', async () => {
        const focused = () =>
          page.evaluate(() => ({
            tag: document.activeElement.tagName,
            role: document.activeElement.getAttribute('role'),
            text: (document.activeElement.getAttribute('aria-label') || document.activeElement.textContent || '').trim().slice(0, 80),
          }));
        const tab_to = async (wanted) => {
          for (let turn = 0; turn < 120; turn++) {
            await page.keyboard.press('Tab');
            const at = await focused();
            assert.notEqual(at.tag, 'HTML');
            if (wanted(at)) return at;
          }
          throw new Error('never reached');
        };
        await page.goto(served.base);
        await page.getByRole('heading', { name: 'Counts' }).waitFor();
        await page.keyboard.press('Tab');
        assert.match((await focused()).text, /Skip/);
        await page.keyboard.press('g');
        await page.keyboard.press('u');
        await page.locator('canvas').nth(1).waitFor();
        assert.equal((await focused()).tag, 'H1', 'a new page has the focus on its heading');
        await tab_to((at) => at.role === 'application');
        await page.keyboard.press('b');
        await page.getByText(new RegExp(`[\\d,]+ of ${all} units selected`)).waitFor();
        const before = await page.getByText(new RegExp(`[\\d,]+ of ${all} units selected`)).innerText();
        for (let step = 0; step < 6; step++) await page.keyboard.press('Shift+ArrowRight');
        for (let step = 0; step < 10; step++) await page.keyboard.press('ArrowRight');
        assert.notEqual(await page.getByText(new RegExp(`[\\d,]+ of ${all} units selected`)).innerText(), before, 'arrows move and size the brush');
        await page.keyboard.press('Escape');
        await page.getByText(/drag across/).waitFor();
        await tab_to((at) => at.role === 'grid');
        await page.keyboard.press('End');
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press(' ');
        await page.getByText(`1 of ${all} units selected`).waitFor();
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: /Return of unit/ }).waitFor();
        await page.keyboard.press('g');
        await page.keyboard.press('r');
        await tab_to((at) => /^strike/.test(at.text));
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: /survive/ }).waitFor();
        await tab_to((at) => at.tag === 'INPUT');
        await page.keyboard.press(' ');
        await tab_to((at) => at.tag === 'BUTTON' && at.text === 'Run');
        await page.keyboard.press('Enter');
        await page.locator('article').getByText(margin).first().waitFor({ timeout: 30_000 });
        await page.keyboard.press('?');
        await page.getByRole('dialog').getByText('find a unit by its key').waitFor();
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      });

    const pages = [
      ['case', '#/case'],
      ['units', units_page],
      ['unit', () => `#/unit?key=${subject.key(place.path)}&count=${subject.count}`],
      ['run', `#/run?method=strike&count=${subject.count}`],
      ['findings', '#/findings?show=kept-0'],
      ['compare', '#/compare?a=kept-0&b=kept-0'],
      ['import', '#/import'],
      ['dossier', '#/dossier'],
    ];
    const address_of = (hash) => (typeof hash === 'string' ? hash : hash());
    // axe on every page at full width; on a phone and in the dark on those that change most; the width between is looked at for what does not fit.
    for (const [scheme, width, height, judged] of [
      ['light', 1440, 900, pages.map(([name]) => name)],
      ['dark', 390, 844, ['units', 'run', 'findings']],
      ['light', 768, 1024, []],
    ]) {
      if (whole)
        test(`has ${judged.length ? 'no serious fault for axe and ' : ''}no sideways scroll, ${scheme}, ${width} px`, async () => {
          await page.setViewportSize({ width, height });
          await page.emulateMedia({ colorScheme: scheme });
          for (const [name, hash] of pages) {
            await go(page, address_of(hash));
            await settled(page);
            if (judged.includes(name)) assert.deepEqual(await axe_faults(page), [], `${name} ${scheme}`);
            assert.equal(await too_wide(page), null, `${name} at ${width}`);
            if (process.env.COTEJO_SCREENSHOTS) await page.screenshot({ path: join(process.env.COTEJO_SCREENSHOTS, `${name}-${width}-${scheme}.png`) });
          }
          await page.setViewportSize({ width: 1440, height: 900 });
          await page.emulateMedia({ colorScheme: 'light' });
        });
    }

    if (whole)
      test('speaks Spanish throughout', async () => {
        await page.getByRole('button', { name: 'Español' }).click();
        // What the case brings with it stays as it is: names of counts, units and places, and the words of the challenge.
        const brought =
          /Official count( \(synthetic\))?|Quick count.*|TREP at its suspension|polling table|Observation mission|Returns of one voting place.*|Final report|One question|English/g;
        // The texts of findings are held to their Spanish by src/lib/translations.test.ts; names of readings, columns and options are the program's words.
        for (const [name, hash] of pages.filter(([page_name]) => page_name !== 'findings' && page_name !== 'compare')) {
          await go(page, address_of(hash));
          await settled(page);
          const lines = (await page.locator('body').innerText()).replace(brought, '').split('\n');
          assert.deepEqual(
            lines.filter((line) => /(?<![-_\w])(the|and|which|choose|from|units|shown|of|with|without|not)(?![-_\w])/i.test(line)),
            [],
            name,
          );
        }
        if (process.env.COTEJO_SCREENSHOTS) {
          await go(page, units_page);
          await settled(page);
          await page.screenshot({ path: join(process.env.COTEJO_SCREENSHOTS, 'units-es.png') });
        }
        await page.getByRole('button', { name: 'English' }).click();
      });

    if (subject === demo)
      test('imports a file through its proposal, and the count is there as the command line reads it', async () => {
        await go(page, '#/import');
        await page.getByLabel('File', { exact: true }).setInputFiles(join(place.path, 'next.csv'));
        await page.getByRole('heading', { name: 'The first rows of the file' }).waitFor();
        const import_button = page.getByRole('button', { name: 'Import', exact: true });
        for (let asked = 0; asked < 8 && !(await import_button.isVisible()); ++asked) {
          await settled(page);
          const question = page
            .locator('form')
            .filter({ has: page.getByRole('button', { name: 'Answer', exact: true }) })
            .first();
          if (!(await question.isVisible())) break;
          await question.locator('select').selectOption({ index: 1 });
          await question.getByRole('button', { name: 'Answer' }).click();
        }
        await settled(page);
        const name = page.getByLabel('Name of the count');
        await name.fill('through-the-page/next');
        await page.getByRole('button', { name: 'Propose with this name' }).click();
        await page.getByText(/through-the-page\/next: 2,934 units/).waitFor({ timeout: 30_000 });
        await import_button.click();
        await page.getByText('through-the-page/next is in the case.').waitFor({ timeout: 30_000 });
        const kept = JSON.parse(cotejo('list', case_path, '--json')).counts.find((count) => count.id === 'through-the-page/next');
        assert.equal(kept.units, 2934);
      });

    test('met no fault on the way, and asked nobody but its server', () => {
      assert.deepEqual(session.faults, []);
      assert.deepEqual(
        session.asked.filter((url) => !url.startsWith(served.base) && !/^(data|blob):/.test(url)),
        [],
      );
    });
  });
}

describe('a file of hostile text', () => {
  const place = folder();
  const case_path = join(place.path, 'hostile.cotejo');
  const script = '<script>window.harmed=1</script><img src=x onerror=window.harmed=1>';
  const right_to_left = 'abc\u202Egnp.exe\u202C';
  const long = 'L'.repeat(10_000);
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  let served;
  let session;

  before(async () => {
    const keys = [
      script,
      '=HYPERLINK("http://127.0.0.1:9/","x")',
      right_to_left,
      long,
      "';DROP TABLE unit;--",
      'a\u0007b\u001b[31m',
      '{{7*7}}',
      '../../etc/passwd',
      '%00',
      'ordinary',
    ];
    const rows = keys.map((key, at) => [key, at % 2 ? script : long, 100, 40 + at, 20, 1].map((cell) => quoted(String(cell))).join(','));
    writeFileSync(join(place.path, 'h.csv'), ['unit,place,registered,a,b,blank', ...rows].join('\n'));
    writeFileSync(
      join(place.path, 'h.toml'),
      `schema = "cotejo.profile/1"
[source]
title = '''${script}'''
caveats = ['''${script}''']
[file]
path = "h.csv"
[count]
id = "h/count"
title = '''${script}'''
contest = "h/contest"
[unit]
name = '''${script}'''
key = "unit"
[[place]]
level = "precinct"
name = "place"
[columns]
registered = "registered"
blank = "blank"
[[option]]
id = "a"
name = '''${script}'''
column = "a"
[[option]]
id = "b"
name = '''=cmd|'/c calc'!A1'''
column = "b"
[rule]
use = "plurality"
`,
    );
    cotejo('import', case_path, join(place.path, 'h.toml'), '--data', place.path);
    writeFileSync(join(place.path, 'list.csv'), `unit\n${quoted(script)}\n${quoted(long)}\n`);
    cotejo(
      'challenge',
      case_path,
      'add',
      '--id',
      'c',
      '--count',
      'h/count',
      '--units',
      join(place.path, 'list.csv'),
      '--by',
      script,
      '--reason',
      right_to_left,
      '--source',
      long,
    );
    served = await serve(case_path);
    session = await open(browser, served.link);
  });
  after(async () => {
    await served?.stop();
    place.remove();
  });

  test('is shown, and does nothing', async () => {
    const { page, faults, asked } = session;
    await page.getByRole('heading', { name: 'Counts' }).waitFor();
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const hash of [
        '#/case',
        '#/units?count=h/count&challenge=c',
        `#/unit?key=${encodeURIComponent(script)}`,
        `#/unit?key=${encodeURIComponent(long)}`,
        `#/unit?key=${encodeURIComponent(right_to_left)}`,
        '#/run?method=strike&count=h/count&challenge=c',
        `#/run?method=${encodeURIComponent(script)}`,
        `#/units?count=${encodeURIComponent(script)}&place=1e9`,
        '#/dossier',
      ]) {
        await go(page, hash);
        await settled(page);
        assert.equal(await page.evaluate(() => window.harmed), undefined, hash);
        assert.equal(await too_wide(page), null, `${hash.slice(0, 60)} at ${width}`);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await go(page, '#/run?method=strike&count=h/count&challenge=c');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('article').waitFor({ timeout: 20_000 });
    assert.equal(await page.evaluate(() => window.harmed), undefined);
    await go(page, `#/unit?key=${encodeURIComponent(right_to_left)}`);
    await page.getByRole('heading', { name: /^Return of unit/ }).waitFor();
    const heading = await page.getByRole('heading', { level: 1 }).innerText();
    assert.ok(heading.includes('\\u{202e}') && !heading.includes('\u202e'), heading);
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(served.base) && !/^(data|blob):/.test(url)),
      [],
    );
    // The server refuses an address of 10,000 characters (413), an unknown key (404), a place that is none (400); the page says so.
    assert.deepEqual(
      faults.filter((fault) => !/404|400|413/.test(fault)),
      [],
    );
  });
});

const units = process.env.COTEJO_MILLION ? 1_000_000 : 100_000;
describe(`${grouped(units)} units`, () => {
  const place = folder();
  const case_path = join(place.path, 'million.cotejo');
  let served;
  let session;

  before(async () => {
    // An election of nobody, drawn by a small generator of its own: the file is as large as the claim.
    let state = 1;
    const drawn = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 4294967296;
    const lines = ['unit,region,precinct,registered,a,b,blank,lat,lon'];
    for (let unit = 0; unit < units; unit++) {
      const precinct = unit >> 3;
      const cast = 120 + Math.floor(120 * Math.sqrt(drawn()));
      const a = Math.floor(cast * (0.2 + 0.6 * drawn()));
      lines.push(
        `${unit + 1},R${precinct % 25},P${precinct},250,${a},${cast - a - 2},2,${(-20 + ((precinct * 7919) % 1000) / 100).toFixed(3)},${(-65 + ((precinct * 104729) % 1300) / 100).toFixed(3)}`,
      );
    }
    writeFileSync(join(place.path, 'm.csv'), lines.join('\n'));
    writeFileSync(
      join(place.path, 'm.toml'),
      `schema = "cotejo.profile/1"
[source]
title = "Many invented units"
[file]
path = "m.csv"
[count]
id = "m/count"
title = "Many invented units"
contest = "m/contest"
[unit]
name = "unit"
key = "unit"
[[place]]
level = "region"
name = "region"
[[place]]
level = "precinct"
name = "precinct"
[columns]
registered = "registered"
blank = "blank"
latitude = "lat"
longitude = "lon"
[[option]]
id = "a"
name = "A"
column = "a"
[[option]]
id = "b"
name = "B"
column = "b"
`,
    );
    cotejo('import', case_path, join(place.path, 'm.toml'), '--data', place.path);
    served = await serve(case_path);
    session = await open(browser, served.link);
  });
  after(async () => {
    await served?.stop();
    place.remove();
  });

  test('are drawn in plane and map before their columns are there, and the table scrolls to the last', async () => {
    const { page, faults, asked } = session;
    await page.getByRole('heading', { name: 'Counts' }).waitFor();
    // Whole columns are held back: what is drawn without them are the server's cells.
    let let_go;
    const held = new Promise((done) => (let_go = done));
    await page.route('**/api/columns?*', async (route) => {
      await held;
      await route.continue();
    });
    await go(page, '#/units');
    const painted = () => {
      const canvases = [...document.querySelectorAll('canvas')];
      return (
        canvases.length === 2 &&
        canvases.every(
          (canvas) =>
            canvas.width > 300 &&
            canvas
              .getContext('2d')
              .getImageData(0, 0, canvas.width, canvas.height)
              .data.some((byte) => byte > 0),
        )
      );
    };
    await until(page, painted);
    let_go();
    await page.unroute('**/api/columns?*');
    await settled(page);
    const grid = page.getByRole('grid');
    await grid.focus();
    await page.keyboard.press('End');
    await until(
      page,
      (last) => document.querySelector(`[role=row][aria-rowindex="${last}"] [role=gridcell]`)?.textContent.trim() === String(last - 1),
      units + 1,
    );
    await page.keyboard.press('Home');
    await until(page, () => document.querySelector('[role=row][aria-rowindex="2"] [role=gridcell]')?.textContent.trim() === '1');
    assert.equal(asked.filter((url) => url.includes('/api/pictures?')).length, 1, 'counted once');
    assert.deepEqual(faults, []);
  });
});
