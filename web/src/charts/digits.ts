// Digits as observed beside what fair elections show. Data: columns option, digit, observed, fair, low, high (percent); rows.
import * as Plot from '@observablehq/plot';
import { decimals, number, t } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

const outside = (row: Row) => finite(row.low) && finite(row.high) && ((row.observed as number) < row.low || (row.observed as number) > row.high);

export const digits: Chart = {
  draw(figure, place) {
    const rows = objects(figure);
    const options = [...new Set(rows.map((row) => row.option))];
    const high = Math.max(...rows.map((row) => Math.max(row.observed as number, (row.high as number) ?? 0)));
    return picture(place, {
      height: 40 + 170 * options.length,
      marginTop: 26,
      x: { label: t('digit'), labelArrow: 'none', type: 'band', padding: 0.25 },
      y: { label: t('% of units'), labelArrow: 'none', domain: [0, high * 1.12], tickFormat: ticks, grid: true },
      fy: { label: null, domain: options, padding: 0.18, axis: null },
      marks: [
        Plot.barY(rows, { fy: 'option', x: 'digit', y: 'observed', fill: (row: Row) => (outside(row) ? colour.mark : colour.leader), fillOpacity: 0.75 }),
        Plot.ruleX(rows, { fy: 'option', x: 'digit', y1: 'low', y2: 'high', stroke: colour.ink, strokeWidth: 6, strokeOpacity: 0.3 }),
        Plot.tickY(rows, { fy: 'option', x: 'digit', y: 'fair', stroke: colour.ink, strokeWidth: 2 }),
        Plot.text(
          options.map((option) => ({ option })),
          { fy: 'option', frameAnchor: 'top-right', dy: -14, text: (d: { option: unknown }) => printable(String(d.option), 40), fontWeight: 650 },
        ),
        Plot.ruleY([0], { stroke: colour.ink }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure);
    const off = rows.filter(outside);
    return `${t('Bars: observed; black ticks and grey bands: fair elections of the same units, their mean and range.')} ${
      off.length
        ? t(
            '{} of {} digits lie outside the range: {}.',
            number(off.length),
            number(rows.length),
            off
              .slice(0, 8)
              .map((row) => `${row.option} ${row.digit} (${decimals(row.observed as number, 2)} %)`)
              .join(', '),
          )
        : t('All {} lie within the range.', number(rows.length))
    }`;
  },
  table: (figure) => rows_of(figure),
};
