// A roll call seat by seat, in rows of a half circle: yes on the left, no on the right, who did not say between them and after. Contested seats
// carry a ring, votes not from a source a paler fill. Data: columns id, name, option, contested, known and rows; yes, no, abstain, absent, needed,
// denominator.
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { number, t } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture } from './plot.ts';
import { objects } from './rows.ts';

interface Seat {
  id: string;
  name: string;
  option: string;
  contested: boolean;
  known: string;
}

// From left to right.
const order = ['yes', 'paired-yes', 'abstain', 'present', 'absent', 'not-recorded', 'paired-no', 'no'];
const looks: Record<string, { fill: string; symbol: string; word: string }> = {
  yes: { fill: colour.leader, symbol: 'circle', word: 'yes' },
  no: { fill: colour.mark, symbol: 'square', word: 'no' },
  abstain: { fill: 'var(--yellow)', symbol: 'triangle', word: 'abstain' },
  absent: { fill: colour.line, symbol: 'diamond2', word: 'absent' },
};
const look = (option: string) => looks[option.replace(/^paired-/, '')] ?? { fill: colour.line, symbol: 'times', word: option };

function seats_of(figure: Figure): Seat[] {
  const seats = objects(figure) as unknown as Seat[];
  if (!seats.length) throw new Error('no seats');
  return [...seats].sort((a, b) => order.indexOf(a.option) - order.indexOf(b.option));
}

// Places in concentric half circles, as many a row as its length holds, taken from left to right across all rows.
function places(seats: number): { x: number; y: number }[] {
  const rows = Math.max(1, Math.round(Math.sqrt(seats / 5)));
  const radii = Array.from({ length: rows }, (_, i) => 1 - (0.6 * i) / Math.max(rows, 2));
  const length = radii.reduce((sum, radius) => sum + radius, 0);
  const whole = radii.map((radius) => ({ radius, count: Math.floor((seats * radius) / length) }));
  const left = seats - whole.reduce((sum, { count }) => sum + count, 0); // less than one a row: the outer rows take them
  return whole
    .map(({ radius, count }, row) => ({ radius, count: row < left ? count + 1 : count }))
    .flatMap(({ radius, count }) => Array.from({ length: count }, (_, i) => ({ radius, angle: count === 1 ? Math.PI / 2 : Math.PI * (1 - i / (count - 1)) })))
    .sort((a, b) => b.angle - a.angle || b.radius - a.radius)
    .map(({ radius, angle }) => ({ x: radius * Math.cos(angle), y: radius * Math.sin(angle) }));
}

export const hemicycle: Chart = {
  draw(figure, place) {
    const seats = seats_of(figure);
    const at = places(seats.length);
    const width = Math.min(place.width, 640);
    const r = Math.max(2, Math.min(13, (width / 2) * (0.5 / Math.max(1, Math.round(Math.sqrt(seats.length / 5)))) * 0.62, (1.35 * width) / seats.length));
    const marks = seats.map((seat, i) => ({ ...seat, ...at[i], look: look(seat.option) }));
    const shown = [...new Set(seats.map((seat) => look(seat.option).word))];
    const small = seats.length > 60 || width < 420;
    const count = (word: string) => seats.filter((seat) => look(seat.option).word === word).length;
    return picture(
      { ...place, width },
      {
        height: width * 0.54 + 46,
        marginLeft: 24,
        marginRight: 24,
        marginTop: 20,
        marginBottom: 46,
        x: { axis: null, domain: [-1.06, 1.06] },
        y: { axis: null, domain: [0, 1.04] },
        symbol: { type: 'identity' },
        marks: [
          Plot.dot(marks, {
            x: 'x',
            y: 'y',
            r,
            symbol: (d: (typeof marks)[number]) => d.look.symbol,
            fill: (d: (typeof marks)[number]) => d.look.fill,
            fillOpacity: (d: (typeof marks)[number]) => (d.known === 'sourced' ? 1 : 0.55),
            stroke: colour.ink,
            strokeWidth: 0.6,
            title: (d: Seat) => `${printable(d.name, 80)}: ${t(d.option)}`,
          }),
          Plot.dot(
            marks.filter((d) => d.contested),
            { x: 'x', y: 'y', r: r + 4, stroke: colour.ink, strokeWidth: 2.2 },
          ),
          small ? null : Plot.text(marks, { x: 'x', y: 'y', text: (d: Seat) => printable(d.id, 8), dy: r + 8, fontSize: 9 }),
          Plot.text(shown, {
            frameAnchor: 'bottom',
            dy: 34,
            dx: 0 as number,
            text: (_: string, i: number) => (i === 0 ? shown.map((word) => `${t(word)} ${number(count(word))}`).join('   ') : ''),
            fontSize: 13,
            fontWeight: 650,
          }),
          Plot.text([0], {
            frameAnchor: 'bottom',
            dy: -4,
            text: () => (finite(figure.data.needed) ? t('needed: {}', number(figure.data.needed)) : ''),
            fontSize: 14,
            fontWeight: 650,
          }),
        ],
      },
    );
  },
  describe(figure) {
    const seats = seats_of(figure);
    const of = (option: string) => seats.filter((seat) => seat.option === option).map((seat) => printable(seat.id, 12));
    const words = [...new Set(seats.map((seat) => seat.option))];
    const contested = seats.filter((seat) => seat.contested);
    const shaky = seats.filter((seat) => seat.known !== 'sourced').length;
    return [
      words.map((word) => `${t(word)} ${number(of(word).length)}${of(word).length <= 40 ? ` (${of(word).join(', ')})` : ''}`).join('; ') + '.',
      finite(figure.data.needed) ? t('Needed: {} of {}.', number(figure.data.needed), number(figure.data.denominator as number)) : '',
      contested.length ? t('Contested (ringed): {}.', contested.map((seat) => printable(seat.name, 60)).join(', ')) : '',
      shaky ? t('Paler: {} votes not read from a source but recalled or inferred.', number(shaky)) : '',
    ]
      .filter(Boolean)
      .join(' ');
  },
  table: (figure) => ({
    title: figure.title,
    columns: ['id', 'name', 'option', 'contested', 'known'].map((name) => ({ name })),
    rows: seats_of(figure).map((seat) => [seat.id, seat.name, seat.option, seat.contested, seat.known]),
  }),
};
