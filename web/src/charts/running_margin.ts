// The margin while the count came in, and the margin that the rest then still needed. Data: columns arrival, units, valid, margin_points,
// [the needed margin]; rows in order of arrival; cut.
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of } from './rows.ts';

interface Point {
  percent: number;
  margin: number;
  needed: number | null;
  late: boolean;
}

function read(figure: Figure): { points: Point[]; cut: Point | undefined; needed_name: string } {
  const needed_name = String((figure.data.columns as string[])[4] ?? '');
  const rows = objects(figure);
  const all = (rows.at(-1)?.units as number) || 1;
  const cut = figure.data.cut;
  const points = rows.map((row) => ({
    percent: (100 * (row.units as number)) / all,
    margin: row.margin_points as number,
    needed: finite(row[needed_name]) ? (row[needed_name] as number) : null,
    late: finite(cut) && !(finite(row.arrival) && row.arrival <= cut),
  }));
  return { points, cut: points.filter((point) => !point.late).at(-1), needed_name };
}

export const running_margin: Chart = {
  draw(figure, place) {
    const { points, cut } = read(figure);
    // The first units swing widely and say nothing: the picture opens where two of a hundred are in.
    const shown = points.filter((point) => point.percent >= 2);
    const last = shown.at(-1)!;
    // A needed margin beyond what is asked of any rest is off the picture.
    const margins = shown.map((point) => point.margin);
    const span = Math.max(...margins) - Math.min(...margins) || 1;
    const low = Math.min(...margins) - 0.9 * span;
    const high = Math.max(...margins) + 0.9 * span;
    const needed = shown.filter((point) => point.needed !== null && point.needed >= low && point.needed <= high);
    const end = needed.at(-1);
    return picture(place, {
      height: Math.min(380, place.width * 0.62),
      marginRight: Math.min(110, place.width * 0.22),
      marginTop: 24,
      x: { label: t('units counted, %'), labelAnchor: 'right', labelArrow: 'none', domain: [0, 100], tickFormat: ticks },
      y: { label: t('margin, points of valid votes'), labelArrow: 'none', tickFormat: ticks, grid: true, nice: true },
      marks: [
        cut && cut.percent < 99.9 ? Plot.ruleX([cut.percent], { stroke: colour.mark, strokeDasharray: '4 3' }) : null,
        cut && cut.percent < 99.9
          ? Plot.text([cut.percent], { x: cut.percent, frameAnchor: 'top', dy: -14, text: () => t('cut: {} %', decimals(cut.percent, 1)), fill: colour.mark })
          : null,
        Plot.line(needed, { x: 'percent', y: 'needed', stroke: colour.other, strokeWidth: 1.8, strokeDasharray: '6 3' }),
        Plot.line(shown, { x: 'percent', y: 'margin', stroke: colour.leader, strokeWidth: 2.2 }),
        Plot.dot([last], { x: 'percent', y: 'margin', fill: colour.leader, r: 4 }),
        Plot.text([last], {
          x: 'percent',
          y: 'margin',
          dx: 9,
          textAnchor: 'start',
          text: () => `${t('margin')} ${decimals(last.margin, 2)}`,
          fill: colour.leader,
          fontWeight: 600,
        }),
        end
          ? Plot.text([end], {
              x: 'percent',
              y: 'needed',
              dx: 9,
              dy: Math.abs((end.needed as number) - last.margin) < 0.12 * span ? 16 : 0,
              textAnchor: 'start',
              text: () => t('needed of the rest'),
              fill: colour.ink,
            })
          : null,
      ],
    });
  },
  describe(figure) {
    const { points, cut, needed_name } = read(figure);
    const last = points.at(-1)!;
    return [
      cut && cut.percent < 99.9
        ? t('At the cut, with {} % of the units, the margin was {} points', decimals(cut.percent, 2), decimals(cut.margin, 2)) +
          (cut.needed === null ? '.' : `; ${t('the rest then needed {}', decimals(cut.needed, 2))}.`)
        : '',
      t('With all units it is {} points.', decimals(last.margin, 2)),
      needed_name ? t('The dashed line is what the votes still out would have had to show for the same outcome.') : '',
      t('{} points are drawn.', number(points.length)),
    ]
      .filter(Boolean)
      .join(' ');
  },
  table: (figure) => rows_of(figure),
};
