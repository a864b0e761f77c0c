// The tests of a battery side by side: p-value as it is and corrected for their number, on a scale of tenfold steps. Data: columns method, p_value,
// p_adjusted; rows.
import * as Plot from '@observablehq/plot';
import { number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, label_room, picture, ticks } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

export const p_values: Chart = {
  draw(figure, place) {
    const rows = objects(figure);
    const tested = rows.filter((row) => finite(row.p_value));
    const names = rows.map((row) => String(row.method));
    const room = label_room(names, place.width);
    const lowest = Math.min(0.01, ...tested.map((row) => row.p_value as number)) / 2;
    return picture(place, {
      height: 62 + 24 * rows.length,
      marginLeft: room,
      marginRight: 30,
      marginTop: 24,
      x: {
        type: 'log',
        domain: [lowest, 1],
        label: t('p-value (circle: as it is; cross: corrected for the number of tests)'),
        labelAnchor: 'left',
        labelArrow: 'none',
        ticks: [0.0001, 0.001, 0.01, 0.05, 0.1, 0.5, 1].filter((p) => p >= lowest),
        tickFormat: ticks,
      },
      y: { domain: names, label: null, tickSize: 0 },
      marks: [
        Plot.gridX(
          [0.0001, 0.001, 0.01, 0.1, 1].filter((p) => p >= lowest),
          { stroke: colour.line, strokeOpacity: 1 },
        ),
        Plot.ruleX([0.05], { stroke: colour.mark, strokeDasharray: '4 3' }),
        Plot.text([0.05], { x: 0.05, frameAnchor: 'top', dy: -14, text: () => number(0.05), fill: colour.mark }),
        Plot.dot(tested, { y: 'method', x: 'p_value', fill: colour.leader, r: 4.5 }),
        Plot.dot(
          tested.filter((row) => finite(row.p_adjusted)),
          { y: 'method', x: 'p_adjusted', stroke: colour.ink, symbol: 'times', r: 4.5, strokeWidth: 2 },
        ),
        Plot.text(
          rows.filter((row) => !finite(row.p_value)),
          { y: 'method', frameAnchor: 'left', dx: 8, text: () => t('no p-value: not calibrated on these units'), fill: colour.soft, textAnchor: 'start' },
        ),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure);
    const one = (row: Row) =>
      finite(row.p_value) ? `${row.method} ${number(row.p_value)}${finite(row.p_adjusted) ? ` (${number(row.p_adjusted)})` : ''}` : `${row.method} –`;
    return `${t('p-values, in brackets corrected for the number of tests:')} ${rows.map(one).join('; ')}.`;
  },
  table: (figure) => rows_of(figure),
};
