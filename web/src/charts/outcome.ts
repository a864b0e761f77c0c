// The outcome's thermometer: how far each reading is from another outcome, in votes or seats, from the line where it changes.
// Data: columns reading, slack, survives, outcome [, group]; rows; unit.
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { reading_label } from '../lib/labels.ts';
import { number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, label_room, picture, row_axis, ticks } from './plot.ts';
import { objects, rows_of, unit_of, type Row } from './rows.ts';

const name_of = (row: Row) => {
  const reading = t(reading_label(String(row.reading)));
  return row.group === null || row.group === undefined
    ? reading
    : `${typeof row.group === 'number' ? t('{} objected to', number(row.group)) : row.group} · ${reading}`;
};

// A slack as whole votes; one of less than a vote as it is, so that it is never written as none.
const whole = (slack: number) => (Math.abs(slack) < 1 ? slack : Math.round(slack));

export const outcome: Chart = {
  draw(figure, place) {
    const rows = objects(figure).filter((row) => finite(row.slack));
    const names = rows.map(name_of);
    const room = label_room(names, place.width);
    const slacks = rows.map((row) => row.slack as number);
    const low = Math.min(0, ...slacks);
    const high = Math.max(0, ...slacks);
    const span = high - low || 1;
    const end = (row: Row) => row.slack as number;
    // Room for the numbers beside the ends, in the scale's own units.
    const plot = Math.max(80, place.width - room - 20);
    const pad = Math.min(0.9, 76 / plot) * span * (plot / Math.max(60, plot - 76 * (low < 0 ? 2 : 1)));
    return picture(place, {
      height: 54 + 26 * rows.length,
      marginLeft: room,
      marginRight: 20,
      marginTop: 26,
      x: {
        label:
          place.width < 560
            ? t('slack, {}', unit_of(figure, 'votes'))
            : t('slack, {}: how many would have to be otherwise before the outcome changes', unit_of(figure, 'votes')),
        domain: [low - (low < 0 ? pad : 0), high + pad],
        tickFormat: ticks,
        ticks: Math.max(2, plot / 130),
        labelAnchor: 'left',
        labelArrow: 'none',
      },
      y: row_axis(names, room),
      marks: [
        Plot.gridX({ stroke: colour.line, strokeOpacity: 1 }),
        Plot.barX(rows, {
          y: (_: Row, i: number) => i,
          x1: 0,
          x2: end,
          fill: (row: Row) => (row.survives === false ? colour.mark : colour.leader),
          insetTop: 8,
          insetBottom: 8,
          fillOpacity: 0.85,
        }),
        Plot.dot(rows, {
          y: (_: Row, i: number) => i,
          x: end,
          r: 4.5,
          symbol: (row: Row) => (row.survives === false ? 'times' : 'circle'),
          fill: (row: Row) => (row.survives === false ? 'none' : colour.leader),
          stroke: (row: Row) => (row.survives === false ? colour.mark : colour.leader),
          strokeWidth: 2,
        }),
        ...[1, -1].map((side) => {
          const mine = rows.filter((row) => (end(row) < 0 ? -1 : 1) === side);
          return Plot.text(mine, {
            y: (row: Row) => rows.indexOf(row),
            x: end,
            text: (row: Row) => number(whole(end(row))),
            dx: 10 * side,
            textAnchor: side > 0 ? 'start' : 'end',
            fill: colour.ink,
          });
        }),
        Plot.ruleX([0], { stroke: colour.mark, strokeWidth: 2 }),
        Plot.text([0], {
          x: 0,
          frameAnchor: 'top',
          dy: -20,
          text: () => t('outcome changes'),
          fill: colour.mark,
          textAnchor: low < 0 ? 'middle' : 'start',
          lineAnchor: 'top',
        }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure);
    const changed = rows.filter((row) => row.survives === false);
    const list = rows
      .map((row) => `${name_of(row)}: ${number(whole(row.slack as number))}`)
      .slice(0, 12)
      .join('; ');
    return `${t('Slack in {} under each reading: {}.', unit_of(figure, 'votes'), list)} ${changed.length ? t('The outcome changes under {} of {} readings.', number(changed.length), number(rows.length)) : t('The outcome is the same under all {} readings.', number(rows.length))}`;
  },
  table: (figure: Figure) => rows_of(figure),
};
