// One quantity against another. Data: columns x, y; rows in order of x; x_label, unit (of y), log (x as a logarithm), references (y, with a line).
import * as Plot from '@observablehq/plot';
import { number, say, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of, the_first, unit_of } from './rows.ts';

export const line: Chart = {
  draw(figure, place) {
    const rows = objects(figure).filter((row) => finite(row.x) && finite(row.y));
    const references = Array.isArray(figure.data.references) ? figure.data.references.filter(finite) : [];
    return picture(place, {
      height: Math.min(320, place.width * 0.6),
      marginTop: 24,
      marginRight: 24,
      x: {
        type: figure.data.log === true ? 'log' : 'linear',
        label: say(String(figure.data.x_label ?? '')),
        labelAnchor: 'right',
        labelArrow: 'none',
        tickFormat: ticks,
        ticks: Math.max(3, place.width / 130),
      },
      y: { label: unit_of(figure), labelArrow: 'none', tickFormat: ticks, grid: true, zero: true, nice: true },
      marks: [
        Plot.ruleY([0], { stroke: colour.ink, strokeOpacity: 0.5 }),
        Plot.ruleY(references, { stroke: colour.mark, strokeDasharray: '4 3' }),
        Plot.line(rows, { x: 'x', y: 'y', stroke: colour.leader, strokeWidth: 2.2 }),
        Plot.dot(rows, { x: 'x', y: 'y', fill: colour.leader, r: 3.5 }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure).filter((row) => finite(row.x) && finite(row.y));
    const points = rows.map((row) => t('{} at {}', number(Number((row.y as number).toPrecision(3))), number(row.x as number)));
    return `${unit_of(figure)}, ${say(String(figure.data.x_label ?? ''))}: ${the_first(10, points)}.`;
  },
  table: (figure) => rows_of(figure),
};
