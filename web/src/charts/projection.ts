// What early votes said of the final margin, as a fan, beside what it came to. Data: early, count (points), quantiles [[level, points], ...].
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { decimals, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';

function read(figure: Figure) {
  const { early, count, quantiles } = figure.data as { early: number; count: number; quantiles: [number, number][] };
  if (!finite(early) || !finite(count) || !Array.isArray(quantiles)) throw new Error('no fan');
  const at = new Map(quantiles.map(([level, value]) => [Math.round(level * 1000), value]));
  const bands = [
    { level: 95, low: at.get(25), high: at.get(975) },
    { level: 80, low: at.get(100), high: at.get(900) },
    { level: 50, low: at.get(250), high: at.get(750) },
  ].filter((band) => finite(band.low) && finite(band.high)) as { level: number; low: number; high: number }[];
  return { early, count, bands, median: at.get(500) };
}

export const projection: Chart = {
  draw(figure, place) {
    const { early, count, bands, median } = read(figure);
    const lines = [
      { x: early, text: `${t('early votes')} ${decimals(early, 2)}`, dash: '4 3', stroke: colour.soft, dy: 8 },
      { x: count, text: `${t('the count')} ${decimals(count, 2)}`, dash: '0', stroke: colour.mark, dy: 26 },
    ];
    return picture(place, {
      height: 190,
      marginLeft: 20,
      marginRight: 20,
      marginTop: 46,
      x: { label: t('final margin, points of valid votes'), labelAnchor: 'right', labelArrow: 'none', tickFormat: ticks, inset: 60, nice: true },
      y: { axis: null, domain: [0, 1] },
      marks: [
        ...bands.map((band, i) =>
          Plot.rect([band], { x1: 'low', x2: 'high', y1: 0.15 + 0.09 * i, y2: 0.85 - 0.09 * i, fill: colour.leader, fillOpacity: 0.22 + 0.14 * i }),
        ),
        ...(bands.length
          ? [
              Plot.text([bands[0]], {
                x: (band) => (band.low + band.high) / 2,
                y: 0.15,
                dy: 12,
                text: () => bands.map((band) => `${band.level} %`).join(' ⊃ '),
                fontSize: 10,
              }),
            ]
          : []),
        finite(median) ? Plot.tickX([median], { x: median, stroke: colour.leader, strokeWidth: 3, insetTop: 22, insetBottom: 22 }) : null,
        ...lines.flatMap((line) => [
          Plot.ruleX([line.x], { stroke: line.stroke, strokeWidth: 2, strokeDasharray: line.dash }),
          Plot.text([line.x], { x: line.x, frameAnchor: 'top', dy: line.dy - 48, text: () => line.text, fill: line.stroke, fontWeight: 600 }),
        ]),
      ],
    });
  },
  describe(figure) {
    const { early, count, bands, median } = read(figure);
    return [
      t('Early votes alone stood at {} points; the count came to {}.', decimals(early, 2), decimals(count, 2)),
      finite(median)
        ? t('The model projects {} points', decimals(median, 2)) +
          bands.map((band) => `, ${t('{} % interval {} to {}', band.level, decimals(band.low, 2), decimals(band.high, 2))}`).join('') +
          '.'
        : '',
    ]
      .filter(Boolean)
      .join(' ');
  },
  table: (figure) => ({
    title: figure.title,
    columns: [{ name: 'level' }, { name: 'margin_points' }],
    rows: (figure.data.quantiles as [number, number][]).map(([level, value]) => [level, value]),
  }),
};
