// Estimates side by side, each with its interval. Data: columns label, value, low, high; rows; unit; reference (a line), reference_label.
import * as Plot from '@observablehq/plot';
import { decimals, number, say } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, label_room, picture, row_axis, ticks } from './plot.ts';
import { objects, rows_of, the_first, unit_of, type Row } from './rows.ts';

export const intervals: Chart = {
  draw(figure, place) {
    const rows = objects(figure)
      .filter((row) => finite(row.value))
      .slice(0, 40);
    const labels = rows.map((row) => printable(say(String(row.label)), 200));
    const room = label_room(labels, place.width, 0.4);
    const reference = figure.data.reference;
    return picture(place, {
      height: 62 + 22 * rows.length,
      marginLeft: room,
      marginRight: 52,
      marginTop: 22,
      x: {
        label: unit_of(figure),
        labelAnchor: 'right',
        labelArrow: 'none',
        tickFormat: ticks,
        nice: true,
        ticks: Math.max(3, place.width / 130),
        inset: 8,
      },
      y: row_axis(labels, room),
      marks: [
        Plot.gridX({ stroke: colour.line, strokeOpacity: 1 }),
        finite(reference) ? Plot.ruleX([reference], { stroke: colour.mark, strokeDasharray: '4 3' }) : null,
        finite(reference) && figure.data.reference_label
          ? Plot.text([reference], {
              x: reference,
              frameAnchor: 'top',
              dy: -16,
              text: () => `${say(String(figure.data.reference_label))} ${number(reference)}`,
              fill: colour.mark,
            })
          : null,
        Plot.ruleX([0], { stroke: colour.ink, strokeOpacity: 0.5 }),
        Plot.ruleY(
          rows.filter((row) => finite(row.low) && finite(row.high)),
          { y: (row: Row) => rows.indexOf(row), x1: 'low', x2: 'high', stroke: colour.leader, strokeWidth: 3, strokeOpacity: 0.45 },
        ),
        Plot.dot(rows, { y: (_: Row, i: number) => i, x: 'value', r: 4, fill: colour.leader }),
        Plot.text(rows, { y: (_: Row, i: number) => i, frameAnchor: 'right', dx: 46, textAnchor: 'end', text: (row: Row) => decimals(row.value as number, 2) }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure).filter((row) => finite(row.value));
    const one = (row: Row) =>
      `${say(String(row.label))} ${number(row.value as number)}${finite(row.low) && finite(row.high) ? ` [${number(row.low)}, ${number(row.high)}]` : ''}`;
    const reference = finite(figure.data.reference) ? ` ${say(String(figure.data.reference_label ?? ''))} ${number(figure.data.reference)}.` : '';
    return `${unit_of(figure)}: ${the_first(8, rows.map(one))}.${reference}`;
  },
  table: (figure) => rows_of(figure),
};
