// Plain bars, longest first as given. Data: columns label, value [, note]; rows; unit.
import * as Plot from '@observablehq/plot';
import { number, say } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, label_room, picture, row_axis, ticks } from './plot.ts';
import { objects, rows_of, the_first, unit_of, type Row } from './rows.ts';

export const bars: Chart = {
  draw(figure, place) {
    const rows = objects(figure).slice(0, 24);
    const labels = rows.map((row) => printable(say(String(row.label)), 200));
    const room = label_room(labels, place.width, 0.34);
    const values = rows.map((row) => (row.value as number) ?? 0);
    const low = Math.min(0, ...values);
    const high = Math.max(0, ...values);
    const span = high - low || 1;
    const text = (row: Row) =>
      number(row.value as number) +
      (row.note === undefined || row.note === null
        ? ''
        : ` (${typeof row.note === 'number' ? `${number(Number((row.note as number).toPrecision(4)))} %` : row.note})`);
    return picture(place, {
      height: 50 + 24 * rows.length,
      marginLeft: room,
      marginRight: 16,
      marginTop: 6,
      x: {
        label: unit_of(figure),
        labelAnchor: 'right',
        labelArrow: 'none',
        domain: [low - (low < 0 ? 0.24 * span : 0), high + 0.24 * span],
        tickFormat: ticks,
        ticks: Math.max(2, place.width / 160),
      },
      y: row_axis(labels, room),
      marks: [
        Plot.gridX({ stroke: colour.line, strokeOpacity: 1 }),
        Plot.barX(rows, { y: (_: Row, i: number) => i, x: 'value', fill: colour.leader, insetTop: 3, insetBottom: 3 }),
        Plot.text(
          rows.filter((row) => ((row.value as number) ?? 0) >= 0),
          { y: (row: Row) => rows.indexOf(row), x: 'value', text, dx: 6, textAnchor: 'start' },
        ),
        Plot.text(
          rows.filter((row) => (row.value as number) < 0),
          { y: (row: Row) => rows.indexOf(row), x: 'value', text, dx: -6, textAnchor: 'end' },
        ),
        Plot.ruleX([0], { stroke: colour.ink }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure);
    const told = rows.map((row) => `${say(String(row.label))} ${number(row.value as number)}`);
    return `${unit_of(figure)}: ${the_first(8, told)}.`;
  },
  table: (figure) => rows_of(figure),
};
