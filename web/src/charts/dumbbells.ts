// Each unit beside what it is compared with: a dot, a tick and the line between, in order of the difference. Data: columns label, value,
// reference; rows; unit.
import * as Plot from '@observablehq/plot';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of, unit_of, type Row } from './rows.ts';

const difference = (row: Row) => (row.value as number) - (row.reference as number);

export const dumbbells: Chart = {
  draw(figure, place) {
    const rows = objects(figure)
      .filter((row) => finite(row.value) && finite(row.reference))
      .sort((a, b) => difference(a) - difference(b));
    if (!rows.length) throw new Error('nothing to compare');
    return picture(place, {
      height: 300,
      marginTop: 24,
      x: { label: t('units, by how far they lie from their controls'), labelArrow: 'none', domain: [-1, rows.length], ticks: [] },
      y: { label: unit_of(figure), labelArrow: 'none', tickFormat: ticks, grid: true },
      marks: [
        Plot.ruleX(rows, { x: (_: Row, i: number) => i, y1: 'value', y2: 'reference', stroke: colour.fair, strokeOpacity: 0.7 }),
        Plot.dot(rows, { x: (_: Row, i: number) => i, y: 'reference', r: 2.2, symbol: 'square', fill: colour.leader }),
        Plot.dot(rows, { x: (_: Row, i: number) => i, y: 'value', r: 2.6, fill: colour.mark }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure).filter((row) => finite(row.value) && finite(row.reference));
    const mean = rows.reduce((sum, row) => sum + difference(row), 0) / (rows.length || 1);
    return t(
      '{} units (red circles) and the mean of their controls (blue squares): {} lie above, {} below; on average {} points above.',
      number(rows.length),
      number(rows.filter((row) => difference(row) > 0).length),
      number(rows.filter((row) => difference(row) < 0).length),
      decimals(mean, 2),
    );
  },
  table: (figure) => rows_of(figure),
};
