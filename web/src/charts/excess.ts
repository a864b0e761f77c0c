// Votes by turnout: the leader's, the others', and the others' scaled to the leader's where turnout is ordinary. Data: leader[], others[] by
// percent of turnout; kappa (the scale); peak_percent (up to where it was fitted).
import * as Plot from '@observablehq/plot';
import { greatest } from 'd3';
import type { Figure } from '../lib/finding.ts';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, picture, ticks } from './plot.ts';

function read(figure: Figure) {
  const { leader, others, kappa, peak_percent } = figure.data as { leader: number[]; others: number[]; kappa: number; peak_percent: number };
  const step = 100 / Math.max(1, leader.length - 1);
  const rows = leader.map((votes, i) => {
    const rest = others[i];
    if (rest === undefined) throw new Error('the others have fewer steps of turnout than the leader');
    return { percent: i * step, leader: votes, others: rest, scaled: kappa * rest };
  });
  return { rows, kappa, peak: peak_percent };
}

export const excess: Chart = {
  draw(figure, place) {
    const { rows, peak } = read(figure);
    const label = (x: (typeof rows)[number] | undefined, y: 'leader' | 'others' | 'scaled', text: string, fill: string, dx = 6) =>
      x ? Plot.text([x], { x: 'percent', y, text: () => text, fill, textAnchor: 'start', dx, dy: -8, fontWeight: 600 }) : null;
    const top = (key: 'leader' | 'others') => greatest(rows, (row) => row[key]);
    return picture(place, {
      height: Math.min(340, place.width * 0.6),
      marginTop: 24,
      marginLeft: 68,
      x: { label: t('turnout, %'), labelArrow: 'none', domain: [0, 100], tickFormat: ticks },
      y: { label: t('votes'), labelArrow: 'none', tickFormat: ticks, grid: true },
      marks: [
        Plot.ruleX([peak], { stroke: colour.soft, strokeDasharray: '4 3' }),
        Plot.areaY(rows, { x: 'percent', y1: 'scaled', y2: (row) => Math.max(row.leader, row.scaled), fill: colour.mark, fillOpacity: 0.18 }),
        Plot.line(rows, { x: 'percent', y: 'others', stroke: colour.other, strokeWidth: 1.8 }),
        Plot.line(rows, { x: 'percent', y: 'scaled', stroke: colour.other, strokeWidth: 1.4, strokeDasharray: '4 3' }),
        Plot.line(rows, { x: 'percent', y: 'leader', stroke: colour.leader, strokeWidth: 2.2 }),
        label(top('leader'), 'leader', t('leader'), colour.leader),
        label(top('others'), 'others', t('others'), colour.ink),
        Plot.ruleY([0], { stroke: colour.ink }),
      ],
    });
  },
  describe(figure) {
    const { rows, kappa, peak } = read(figure);
    const above = rows.filter((row) => row.percent > peak).reduce((sum, row) => sum + row.leader - row.scaled, 0);
    return t(
      'Solid: votes of the leader and of the others by turnout; dashed: the others times {}, the proportion up to {} % turnout (grey line). Above it the leader has {} votes more than that proportion gives (shaded).',
      decimals(kappa, 3),
      decimals(peak, 0),
      number(Math.round(above)),
    );
  },
  table: (figure) => ({
    title: figure.title,
    columns: [{ name: 'turnout_percent' }, { name: 'leader', unit: 'votes' }, { name: 'others', unit: 'votes' }, { name: 'others_scaled', unit: 'votes' }],
    rows: read(figure)
      .rows.filter((row) => row.leader + row.others > 0)
      .map((row) => [row.percent, row.leader, row.others, row.scaled]),
  }),
};
