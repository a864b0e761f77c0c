// Early and late margin of every place that has units on both sides. Data: columns early_points, late_points; rows.
import * as Plot from '@observablehq/plot';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, picture, ticks } from './plot.ts';
import { objects, rows_of } from './rows.ts';

export const early_late: Chart = {
  draw(figure, place) {
    const rows = objects(figure);
    const width = Math.min(place.width, 500);
    return picture(
      { ...place, width },
      {
        height: width * 0.95,
        x: { label: t('margin of the early units, points'), labelArrow: 'none', domain: [-100, 100], tickFormat: ticks },
        y: { label: t('margin of the late units, points'), labelArrow: 'none', domain: [-100, 100], tickFormat: ticks },
        marks: [
          Plot.ruleX([0], { stroke: colour.line }),
          Plot.ruleY([0], { stroke: colour.line }),
          Plot.line(
            [
              [-100, -100],
              [100, 100],
            ],
            { stroke: colour.mark, strokeDasharray: '4 3' },
          ),
          Plot.dot(rows, {
            x: 'early_points',
            y: 'late_points',
            r: rows.length > 1500 ? 1.4 : 2.4,
            fill: colour.leader,
            fillOpacity: rows.length > 1500 ? 0.35 : 0.55,
          }),
          Plot.frame({ stroke: colour.line }),
        ],
      },
    );
  },
  describe(figure) {
    const rows = objects(figure);
    const above = rows.filter((row) => (row.late_points as number) > (row.early_points as number)).length;
    const mean = rows.reduce((sum, row) => sum + (row.late_points as number) - (row.early_points as number), 0) / (rows.length || 1);
    return t(
      '{} places with early and late units. In {} the late margin is higher (above the dashed line); on average it is {} points higher, each place counting the same.',
      number(rows.length),
      number(above),
      decimals(mean, 2),
    );
  },
  table: (figure) => rows_of(figure),
};
