// How many belonged to each body, year by year, and how many took part. Data: bodies { id, name }; columns body, member, name,
// from, until, status, known and rows: the spans, which are the table; counts { body, year, members, taking_part }, day.
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { instant, number, t } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, picture, ticks } from './plot.ts';
import { rows_of } from './rows.ts';

interface Year {
  body: string;
  year: number;
  members: number;
  taking_part: number;
}

function read(figure: Figure) {
  const { bodies, counts, day } = figure.data as { bodies: { id: string; name: string }[]; counts: Year[]; day: string };
  if (!Array.isArray(counts) || !Array.isArray(bodies)) throw new Error('no counts');
  const names = new Map(bodies.map((body) => [body.id, body.name || body.id]));
  const shown = bodies.filter((body) => counts.some((year) => year.body === body.id)).map((body) => body.id);
  const end = Number((day ?? '').slice(0, 4)) || Math.max(...counts.map((year) => year.year));
  return { names, shown, counts, end, day };
}

export const timeline: Chart = {
  draw(figure, place) {
    const { names, shown, counts, end, day } = read(figure);
    if (!shown.length) throw new Error('no counts');
    // A step function: the last number stands until the day asked.
    const steps = shown.flatMap((body) => {
      const mine = counts.filter((year) => year.body === body).sort((a, b) => a.year - b.year);
      const last = mine.at(-1)!;
      return last.year < end ? [...mine, { ...last, year: end }] : mine;
    });
    return picture(place, {
      height: 40 + 84 * shown.length,
      marginTop: 22,
      marginRight: 64,
      x: { label: null, tickFormat: (year: number) => String(year) },
      y: { label: null, tickFormat: ticks, ticks: 3, grid: true, zero: true },
      fy: { domain: shown, axis: null, padding: 0.28 },
      marks: [
        Plot.areaY(steps, { fy: 'body', x: 'year', y: 'taking_part', curve: 'step-after', fill: colour.leader, fillOpacity: 0.25 }),
        Plot.line(steps, { fy: 'body', x: 'year', y: 'members', curve: 'step-after', stroke: colour.fair, strokeDasharray: '3 3', strokeWidth: 1.4 }),
        Plot.line(steps, { fy: 'body', x: 'year', y: 'taking_part', curve: 'step-after', stroke: colour.leader, strokeWidth: 2 }),
        day ? Plot.ruleX([end], { stroke: colour.mark, strokeDasharray: '4 3' }) : null,
        Plot.text(
          shown.map((body) => ({ body })),
          { fy: 'body', frameAnchor: 'top-left', dy: -14, dx: 4, text: (d: { body: string }) => printable(names.get(d.body)!, 60), fontWeight: 650 },
        ),
        Plot.text(
          shown.map((body) => steps.filter((year) => year.body === body).at(-1)!),
          {
            fy: 'body',
            x: 'year',
            y: 'taking_part',
            dx: 6,
            textAnchor: 'start',
            text: (d: Year) => (d.members === d.taking_part ? number(d.members) : `${number(d.taking_part)} / ${number(d.members)}`),
            fontWeight: 650,
          },
        ),
        Plot.ruleY([0], { stroke: colour.ink }),
      ],
    });
  },
  describe(figure) {
    const { names, shown, counts, day } = read(figure);
    const last = shown.map((body) => {
      const year = counts
        .filter((one) => one.body === body)
        .sort((a, b) => a.year - b.year)
        .at(-1)!;
      return t('{}: {} members, {} taking part', printable(names.get(body)!, 60), number(year.members), number(year.taking_part));
    });
    return `${day ? t('Asked for {} (red line).', instant(day)) : ''} ${t('Solid: members taking part; dashed: on the roll.')} ${last.join('; ')}.`.trim();
  },
  table: rows_of,
};
