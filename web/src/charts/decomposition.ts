// A change as the sum of its parts, level by level. Data: columns label, then one a part (its name is the part's); rows; unit.
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { decimals, say } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, label_room, picture, row_axis, ticks } from './plot.ts';
import { objects, rows_of, the_first, unit_of } from './rows.ts';

const fills = [colour.leader, colour.other, colour.fair, colour.good];

function read(figure: Figure) {
  const rows = objects(figure).slice(0, 24);
  const parts = (figure.data.columns as string[]).slice(1);
  if (!rows.length || !parts.length || parts.length > fills.length || !rows.every((row) => parts.every((part) => finite(row[part]))))
    throw new Error('no parts');
  return { rows, parts };
}

export const decomposition: Chart = {
  draw(figure, place) {
    const { rows, parts } = read(figure);
    const labels = rows.map((row) => printable(say(String(row.label)), 200));
    const room = label_room(labels, place.width, 0.34);
    const pieces = rows.flatMap((row, y) => {
      let [above, below] = [0, 0];
      return parts.map((part, i) => {
        const value = row[part] as number;
        const from = value < 0 ? below : above;
        if (value < 0) below += value;
        else above += value;
        return { y, part: i, x1: from, x2: from + value, value };
      });
    });
    const low = Math.min(0, ...pieces.map((piece) => piece.x2));
    const high = Math.max(0, ...pieces.map((piece) => piece.x2));
    const scale = (place.width - room - 16) / (1.04 * (high - low || 1));
    return picture(place, {
      height: 50 + 18 * parts.length + 26 * rows.length,
      marginLeft: room,
      marginRight: 16,
      marginTop: 8 + 18 * parts.length,
      x: {
        label: unit_of(figure),
        labelAnchor: 'right',
        labelArrow: 'none',
        domain: [low, high],
        nice: true,
        tickFormat: ticks,
        ticks: Math.max(2, place.width / 130),
      },
      y: row_axis(labels, room),
      marks: [
        Plot.gridX({ stroke: colour.line, strokeOpacity: 1 }),
        Plot.barX(pieces, { y: 'y', x1: 'x1', x2: 'x2', fill: (piece) => fills[piece.part], fillOpacity: 0.8, insetTop: 4, insetBottom: 4 }),
        Plot.text(
          pieces.filter((piece) => Math.abs(piece.value) * scale > 34),
          { y: 'y', x: (piece) => (piece.x1 + piece.x2) / 2, text: (piece) => decimals(piece.value, 2), fill: 'black', fontWeight: 600 },
        ),
        Plot.ruleX([0], { stroke: colour.ink }),
        ...parts.flatMap((part, i) => [
          Plot.dot([0], { frameAnchor: 'top-left', dx: 6, dy: 18 * (i - parts.length) + 2, r: 5, symbol: 'square', fill: fills[i], fillOpacity: 0.8 }),
          Plot.text([0], { frameAnchor: 'top-left', dx: 18, dy: 18 * (i - parts.length) - 3, text: () => say(part) }),
        ]),
      ],
    });
  },
  describe(figure) {
    const { rows, parts } = read(figure);
    const one = (row: (typeof rows)[number]) =>
      `${say(String(row.label))}: ${parts.map((part) => `${say(part)} ${decimals(row[part] as number, 2)}`).join(', ')}`;
    return `${unit_of(figure)}. ${the_first(6, rows.map(one))}.`;
  },
  table: (figure) => rows_of(figure),
};
