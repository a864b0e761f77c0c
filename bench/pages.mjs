// What the pages take on the clock, beside what the same pages take of the processor: the report's first picture, brushing and filtering, and the
// first pictures of many units. What is drawn is checked before it is timed.
//   node bench/pages.mjs PROGRAM report FILE.html [RUNS]       asked: within 1 s
//   node bench/pages.mjs PROGRAM workbench CASE COUNT [RUNS]   asked: 30 frames a second; both pictures within 1 s
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [program, what, file, ...rest] = process.argv.slice(2);
if (!['report', 'workbench'].includes(what) || !file) {
  console.error(readFileSync(new URL(import.meta.url), 'utf8').split('\n').slice(2, 4).join('\n'));
  process.exit(2);
}
process.env.COTEJO_PROGRAM = resolve(program);
const { browse, go, open, serve, settled, spent } = await import('../web/tests/served.mjs');
const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const line = (name, values, unit) => console.log(`${name}: median ${middle(values).toFixed(0)} ${unit} (${values.map((value) => value.toFixed(0)).join(', ')})`);
const browser = await browse();

if (what === 'report') {
  const times = [];
  const costs = [];
  for (let run = 0; run < Number(rest[0] ?? 5); ++run) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('figure svg')) return;
        window.first_picture = performance.now();
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(pathToFileURL(resolve(file)).href);
    await page.waitForFunction(() => window.first_picture, null, { polling: 16 });
    const { metrics } = await session.send('Performance.getMetrics');
    const spends = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'];
    costs.push(1000 * spends.reduce((sum, wanted) => sum + metrics.find((metric) => metric.name === wanted).value, 0));
    await page.waitForSelector('[data-drawn=true]', { timeout: 120_000 });
    times.push(await page.evaluate(() => window.first_picture));
    await context.close();
  }
  line('first picture of the report (asked: 1000)', times, 'ms');
  line("the page's own processor time up to it", costs, 'ms');
} else {
  const [count, runs = '5'] = rest;
  const served = await serve(file);
  const { page } = await open(browser, served.link);
  page.setDefaultTimeout(120_000);
  await page.getByRole('heading', { name: 'Counts' }).waitFor();
  await page.evaluate((id) => fetch(`api/count?count=${encodeURIComponent(id)}`).then((answer) => answer.text()), count);
  await page.evaluate(() => {
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...what) {
      draw.apply(this, what);
      if (this.canvas.isConnected) (window.painted ??= new Map()).has(this.canvas) || window.painted.set(this.canvas, performance.now());
    };
  });
  const pictures = [];
  for (let run = 0; run < Number(runs); ++run) {
    await go(page, '#/case');
    await settled(page);
    await page.evaluate((id) => {
      window.painted = new Map();
      window.begun = performance.now();
      location.hash = `#/units?count=${id}`;
    }, count);
    await settled(page);
    const at = await page.evaluate(() => [...window.painted.values()].map((time) => time - window.begun));
    if (at.length !== 2) throw new Error(`${at.length} pictures`);
    pictures.push(Math.max(...at));
  }
  line('both pictures, page opened (asked: 1000)', pictures, 'ms');
  const box = await page.locator('canvas').first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 5);
  await page.mouse.down();
  const begin = performance.now();
  const moves = 40;
  const own = await spent(page, moves, (at) => page.mouse.move(box.x + box.width * (0.4 + 0.55 * at), box.y + 5 + box.height * 0.85 * at));
  const wall = (performance.now() - begin) / moves;
  await page.mouse.up();
  await page.getByText(/units selected/).waitFor();
  console.log(`brushing: ${wall.toFixed(1)} ms a move on the clock with the driver's part, ${own.toFixed(1)} ms of the page's own processor time (asked: 33)`);
  await served.stop();
}
await browser.close();
