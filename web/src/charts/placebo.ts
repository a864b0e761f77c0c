// The jump at the cut among the jumps at placebo cuts. Data: jump [cut %, points, error], placebos [[cut %, points, error], ...].
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, picture, ticks } from './plot.ts';

interface Jump {
  cut: number;
  points: number;
  error: number;
}

function read(figure: Figure) {
  const { jump, placebos } = figure.data as { jump?: [number, number, number]; placebos: [number, number, number][] };
  if (!Array.isArray(placebos)) throw new Error('no placebos');
  const of = ([cut, points, error]: [number, number, number]): Jump => ({ cut, points, error });
  return { observed: jump ? of(jump) : undefined, placebos: placebos.map(of) };
}

export const placebo: Chart = {
  draw(figure, place) {
    const { observed, placebos } = read(figure);
    return picture(place, {
      height: Math.min(320, place.width * 0.6),
      marginTop: 24,
      x: { label: t('where the count is cut, % of units'), labelArrow: 'none', domain: [0, 100], tickFormat: ticks },
      y: { label: t('jump of the margin, points'), labelArrow: 'none', tickFormat: ticks, grid: true, nice: true },
      marks: [
        Plot.ruleY([0], { stroke: colour.ink }),
        Plot.dot(placebos, { x: 'cut', y: 'points', r: 3, stroke: colour.fair, fill: colour.fair, fillOpacity: 0.5 }),
        observed
          ? Plot.ruleX([observed], {
              x: 'cut',
              y1: (d: Jump) => d.points - 1.96 * d.error,
              y2: (d: Jump) => d.points + 1.96 * d.error,
              stroke: colour.mark,
              strokeWidth: 2.5,
            })
          : null,
        observed ? Plot.dot([observed], { x: 'cut', y: 'points', r: 6, fill: colour.mark }) : null,
        observed
          ? Plot.text([observed], {
              x: 'cut',
              y: 'points',
              dx: -11,
              textAnchor: 'end',
              text: () => `${t('the cut')} ${decimals(observed.points, 2)}`,
              fill: colour.mark,
              fontWeight: 650,
              stroke: 'var(--paper)',
              strokeWidth: 3,
            })
          : null,
      ],
    });
  },
  describe(figure) {
    const { observed, placebos } = read(figure);
    if (!observed) return t('{} placebo cuts; at the cut itself no jump could be estimated.', number(placebos.length));
    const larger = placebos.filter((one) => Math.abs(one.points) >= Math.abs(observed.points)).length;
    return t(
      'At the cut the margin jumps by {} points (95 % interval {} to {}); {} of {} placebo cuts (grey) jump by as much.',
      decimals(observed.points, 2),
      decimals(observed.points - 1.96 * observed.error, 2),
      decimals(observed.points + 1.96 * observed.error, 2),
      number(larger),
      number(placebos.length),
    );
  },
  table: (figure) => ({
    title: figure.title,
    columns: [{ name: 'cut_percent' }, { name: 'jump_points' }, { name: 'error' }],
    rows: read(figure).placebos.map((one) => [one.cut, one.points, one.error]),
  }),
};
