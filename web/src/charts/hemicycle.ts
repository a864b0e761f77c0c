// The vote as a hemicycle: one dot a seat, from those in favour on the left to those against on the right; a ring marks a contested seat.
// Data: columns id, name, option, contested, known; rows; needed, denominator, yes, no, abstain, absent.
import * as Plot from '@observablehq/plot';
import { number, say, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

const order = ['yes', 'paired-yes', 'abstain', 'present', 'not-recorded', 'absent', 'paired-no', 'no'];
const fill: Record<string, string> = { yes: colour.leader, 'paired-yes': colour.leader, no: colour.mark, 'paired-no': colour.mark, abstain: colour.other };
const taken = (row: Row) => ['yes', 'no', 'abstain'].includes(String(row.option));

// Places in concentric half rings, left to right.
function places(n: number): { x: number; y: number; r: number }[] {
  const rings = Math.max(1, Math.round(Math.sqrt(n / 3.2)));
  const radii = Array.from({ length: rings }, (_, i) => 1 - (0.62 * i) / Math.max(1, rings));
  const sum = radii.reduce((a, b) => a + b, 0);
  const counts = radii.map((radius) => Math.floor((n * radius) / sum));
  for (let i = 0, left = n - counts.reduce((a, b) => a + b, 0); left > 0; left--, i = (i + 1) % rings) counts[i]++;
  return radii
    .flatMap((radius, ring) => Array.from({ length: counts[ring] }, (_, i) => ({ angle: counts[ring] === 1 ? Math.PI / 2 : Math.PI * (1 - i / (counts[ring] - 1)), radius })))
    .sort((a, b) => b.angle - a.angle || b.radius - a.radius)
    .map(({ angle, radius }) => ({ x: radius * Math.cos(angle), y: radius * Math.sin(angle), r: 0.5 / rings }));
}

export const hemicycle: Chart = {
  draw(figure, place) {
    const rows = objects(figure).sort((a, b) => order.indexOf(String(a.option)) - order.indexOf(String(b.option)));
    if (!rows.length) throw new Error('no seats');
    const at = places(rows.length);
    const dots: Row[] = rows.map((row, i) => ({ ...row, ...at[i] }));
    const ringed = dots.filter((d) => d.contested === true);
    const height = Math.min(380, place.width / 2 + 40);
    const radius = Math.max(3, Math.min(11, (height * 0.42) / Math.max(2, Math.sqrt(rows.length))));
    return picture(place, {
      height,
      marginLeft: 24,
      marginRight: 24,
      marginTop: 22,
      marginBottom: 34,
      aspectRatio: undefined,
      x: { axis: null, domain: [-1.08, 1.08] },
      y: { axis: null, domain: [-0.06, 1.08] },
      marks: [
        Plot.dot(dots, { x: 'x', y: 'y', r: radius, fill: (d: Row) => fill[String(d.option)] ?? 'none', stroke: (d: Row) => fill[String(d.option)] ?? colour.fair, strokeWidth: 1.5, symbol: (d: Row) => (d.option === 'no' ? 'square' : d.option === 'abstain' ? 'triangle' : 'circle'), title: (d: Row) => `${d.name}: ${say(String(d.option))}` }),
        Plot.dot(ringed, { x: 'x', y: 'y', r: radius + 4, stroke: colour.ink, strokeWidth: 2 }),
        Plot.text(ringed, { x: 'x', y: 'y', text: (d: Row) => String(d.name), dy: -radius - 10, fill: colour.ink }),
        Plot.text([0], { x: 0, y: 0, text: () => `${number(figure.data.yes as number)}–${number(figure.data.no as number)}–${number(figure.data.abstain as number)}`, fontSize: 22, fill: colour.ink, lineAnchor: 'bottom' }),
        ...(finite(figure.data.needed) ? [Plot.text([0], { x: 0, y: -0.05, text: () => t('{} needed of {}', number(figure.data.needed as number), number(figure.data.denominator as number)), lineAnchor: 'top', dy: 4, fill: colour.soft })] : []),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure);
    const contested = rows.filter((row) => row.contested === true);
    const needed = finite(figure.data.needed) ? t('{} were needed of {}.', number(figure.data.needed as number), number(figure.data.denominator as number)) : '';
    return `${t('{} seats: {} in favour (blue circles), {} against (red squares), {} abstaining (orange triangles), {} others.', number(rows.length), number(rows.filter((row) => row.option === 'yes').length), number(rows.filter((row) => row.option === 'no').length), number(rows.filter((row) => row.option === 'abstain').length), number(rows.filter((row) => !taken(row)).length))} ${needed} ${contested.length ? t('Contested (ringed): {}.', contested.map((row) => `${row.name} (${say(String(row.option))})`).join(', ')) : t('No seat is contested.')}`.replace(/ +/g, ' ');
  },
  table: (figure) => rows_of(figure),
};
