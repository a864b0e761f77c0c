// Places before and after, objected ones beside their controls. Data: columns place, before, after, controls_before, controls_after, weight;
// rows; labels [before, after].
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { decimals, number, say, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of } from './rows.ts';

interface Slope {
  group: string;
  weight: number;
  ends: [number, number];
}

function read(figure: Figure) {
  const slopes: Slope[] = [];
  for (const row of objects(figure)) {
    const weight = finite(row.weight) ? row.weight : 1;
    if (finite(row.before) && finite(row.after)) slopes.push({ group: 'objected', weight, ends: [row.before, row.after] });
    if (finite(row.controls_before) && finite(row.controls_after)) slopes.push({ group: 'controls', weight, ends: [row.controls_before, row.controls_after] });
  }
  const mean = (group: string, end: 0 | 1) => {
    const mine = slopes.filter((slope) => slope.group === group);
    const total = mine.reduce((sum, slope) => sum + slope.weight, 0);
    return total ? mine.reduce((sum, slope) => sum + slope.weight * slope.ends[end], 0) / total : null;
  };
  return { slopes, mean, groups: ['objected', 'controls'].filter((group) => slopes.some((slope) => slope.group === group)) };
}

export const slope: Chart = {
  draw(figure, place) {
    const { slopes, mean, groups } = read(figure);
    const [before, after] = (figure.data.labels as string[] | undefined) ?? ['before', 'after'];
    const title: Record<string, string> = { objected: t('objected places'), controls: t('their controls, mean of each set') };
    const hue: Record<string, string> = { objected: colour.mark, controls: colour.leader };
    const wide = place.width >= 520 && groups.length > 1;
    const panel = Math.min(wide ? place.width / 2 : place.width, 420);
    const gap = 76;
    const x = (group: string, end: number) => (wide ? groups.indexOf(group) * panel : 0) + gap + end * (panel - 2 * gap);
    const y_offset = (group: string) => (wide ? 0 : groups.indexOf(group));
    const panel_height = 300;
    const shares = slopes.flatMap((one) => one.ends);
    const low = Math.max(0, Math.floor((Math.min(...shares) - 4) / 10) * 10);
    const high = Math.min(100, Math.ceil((Math.max(...shares) + 4) / 10) * 10);
    const lines = slopes.flatMap((one, z) => one.ends.map((share, end) => ({ z, group: one.group, x: x(one.group, end), y: share, row: y_offset(one.group) })));
    const means = groups.flatMap((group) =>
      ([0, 1] as const).flatMap((end) => {
        const share = mean(group, end);
        return share === null ? [] : [{ group, end, x: x(group, end), y: share, row: y_offset(group) }];
      }),
    );
    const rows = wide ? 1 : groups.length;
    return picture(
      { ...place, width: wide ? panel * groups.length : panel },
      {
        height: rows * panel_height + 40,
        marginLeft: 44,
        marginRight: 8,
        marginTop: 34,
        marginBottom: 28,
        x: { axis: null, domain: [0, wide ? panel * groups.length : panel] },
        y: { label: null, tickFormat: ticks, grid: true, domain: [low, high] },
        fy: { axis: null },
        marks: [
          Plot.line(lines, {
            x: 'x',
            y: 'y',
            z: 'z',
            fy: 'row',
            stroke: (point) => hue[point.group],
            strokeOpacity: Math.max(0.12, Math.min(0.6, 25 / (slopes.length || 1))),
            strokeWidth: 1,
          }),
          Plot.line(means, { x: 'x', y: 'y', z: 'group', fy: 'row', stroke: (point) => hue[point.group], strokeWidth: 3 }),
          Plot.dot(means, { x: 'x', y: 'y', fy: 'row', fill: (point) => hue[point.group], r: 4.5 }),
          Plot.text(means, {
            x: 'x',
            y: 'y',
            fy: 'row',
            dx: 0,
            text: (point) => (point.end === 0 ? `${decimals(point.y, 1)}  ` : `  ${decimals(point.y, 1)}`),
            textAnchor: 'middle',
            dy: -12,
            fontWeight: 650,
            stroke: 'var(--paper)',
            strokeWidth: 3,
            fill: colour.ink,
          }),
          Plot.text(
            groups.map((group) => ({ x: (x(group, 0) + x(group, 1)) / 2, row: y_offset(group), text: title[group] })),
            { x: 'x', fy: 'row', frameAnchor: 'top', dy: -24, text: 'text', fontWeight: 650 },
          ),
          Plot.text(
            groups.flatMap((group) => [
              { x: x(group, 0), row: y_offset(group), text: before },
              { x: x(group, 1), row: y_offset(group), text: after },
            ]),
            { x: 'x', fy: 'row', frameAnchor: 'bottom', dy: 16, text: (d) => say(d.text) },
          ),
        ],
      },
    );
  },
  describe(figure) {
    const { slopes, mean, groups } = read(figure);
    return (
      groups
        .map((group) => {
          const n = slopes.filter((one) => one.group === group).length;
          const text = group === 'objected' ? '{} objected places: {} % before, {} % after' : '{} sets of controls: {} % before, {} % after';
          return t(text, number(n), decimals(mean(group, 0), 1), decimals(mean(group, 1), 1));
        })
        .join('; ') +
      '. ' +
      t('Thick lines are means, weighted by valid votes before.')
    );
  },
  table: (figure) => rows_of(figure),
};
