// Units by turnout and the leader's share of ballots, deeper where a model thinks manipulation likelier. Data: columns turnout_percent, leader_percent,
// probability; rows.
import * as Plot from '@observablehq/plot';
import { number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, picture, ticks } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

export const flagged: Chart = {
  draw(figure, place) {
    // The likeliest on top; cells of 0.5 % keep a million units drawable.
    const cells = new Map<string, { x: number; y: number; p: number; n: number }>();
    for (const row of objects(figure)) {
      const x = Math.round(2 * (row.turnout_percent as number)) / 2;
      const y = Math.round(2 * (row.leader_percent as number)) / 2;
      const cell = cells.get(`${x},${y}`) ?? { x, y, p: 0, n: 0 };
      cell.p = Math.max(cell.p, row.probability as number);
      ++cell.n;
      cells.set(`${x},${y}`, cell);
    }
    const shown = [...cells.values()].sort((a, b) => a.p - b.p);
    const width = Math.min(place.width, 560);
    return picture(
      { ...place, width },
      {
        height: width * 0.92,
        x: { label: t('turnout, %'), labelArrow: 'none', domain: [0, 100], tickFormat: ticks },
        y: { label: t("the leader's share, % of ballots"), labelArrow: 'none', domain: [0, 100], tickFormat: ticks },
        marks: [
          Plot.dot(
            shown.filter((cell) => cell.p <= 0.5),
            { x: 'x', y: 'y', r: 1.5, fill: colour.fair, fillOpacity: 0.45 },
          ),
          Plot.dot(
            shown.filter((cell) => cell.p > 0.5),
            { x: 'x', y: 'y', r: 2.4, fill: colour.mark, fillOpacity: 0.8 },
          ),
          Plot.frame({ stroke: colour.line }),
        ],
      },
    );
  },
  describe(figure) {
    const rows = objects(figure);
    return t(
      '{} units; {} have a probability of manipulation above one half in this model (red).',
      number(rows.length),
      number(rows.filter((row: Row) => (row.probability as number) > 0.5).length),
    );
  },
  table: (figure) => rows_of(figure),
};
