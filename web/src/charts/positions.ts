// Members in the plane of two dimensions, each with its interval in both. Data: columns label, group, x, x_low, x_high, y, y_low, y_high; rows;
// level (of the intervals).
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { decimals, number, t } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

const fills = [colour.leader, colour.other, colour.good, colour.mark];

function read(figure: Figure) {
  const rows = objects(figure).filter((row) => finite(row.x) && finite(row.y));
  if (!rows.length) throw new Error('no positions');
  const groups = [...new Set(rows.map((row) => String(row.group ?? '')))].sort();
  // Groups beyond the colours that can be told apart are grey together.
  const fill = (row: Row) => fills[groups.indexOf(String(row.group ?? ''))] ?? colour.fair;
  return { rows, groups, fill };
}

export const positions: Chart = {
  draw(figure, place) {
    const { rows, groups, fill } = read(figure);
    const width = Math.min(place.width, 640);
    const named = groups.length > 1 ? groups.slice(0, fills.length) : [];
    const whiskers = (low: string, high: string) => rows.filter((row) => finite(row[low]) && finite(row[high]));
    const faint = { stroke: fill, strokeOpacity: rows.length > 60 ? 0.12 : 0.3 };
    const label = (row: Row) => printable(String(row.label), 24);
    // A label only where no earlier one stands: those further out first, because they are the ones that are looked for.
    const [x_low, x_high] = [Math.min(...rows.map((row) => row.x as number)), Math.max(...rows.map((row) => row.x as number))];
    const [y_low, y_high] = [Math.min(...rows.map((row) => row.y as number)), Math.max(...rows.map((row) => row.y as number))];
    const px = (row: Row) => (((row.x as number) - x_low) / (x_high - x_low || 1)) * (width - 120);
    const py = (row: Row) => (((row.y as number) - y_low) / (y_high - y_low || 1)) * (width * 0.8 - 100);
    const outward = (row: Row) => Math.hypot((row.x as number) - (x_low + x_high) / 2, (row.y as number) - (y_low + y_high) / 2);
    const taken: { x: number; y: number; w: number }[] = [];
    const labelled = [...rows]
      .sort((a, b) => outward(b) - outward(a))
      .filter((row) => {
        const box = { x: px(row), y: py(row), w: 6.4 * label(row).length + 8 };
        if (taken.some((other) => Math.abs(other.y - box.y) < 13 && box.x < other.x + other.w && other.x < box.x + box.w)) return false;
        taken.push(box);
        return true;
      });
    return picture(
      { ...place, width },
      {
        height: width * 0.8 + 18 * named.length,
        marginTop: 22 + 18 * named.length,
        marginRight: 70,
        x: { label: t('dimension {}', 1), labelAnchor: 'right', labelArrow: 'none', tickFormat: ticks, nice: true, inset: 6 },
        y: { label: t('dimension {}', 2), labelArrow: 'none', tickFormat: ticks, nice: true, inset: 6 },
        symbol: { type: 'identity' },
        marks: [
          Plot.ruleX([0], { stroke: colour.line }),
          Plot.ruleY([0], { stroke: colour.line }),
          Plot.link(whiskers('x_low', 'x_high'), { x1: 'x_low', x2: 'x_high', y1: 'y', y2: 'y', ...faint }),
          Plot.link(whiskers('y_low', 'y_high'), { x1: 'x', x2: 'x', y1: 'y_low', y2: 'y_high', ...faint }),
          Plot.dot(rows, { x: 'x', y: 'y', r: 3.2, fill, symbol: (row: Row) => (groups.indexOf(String(row.group ?? '')) % 2 ? 'square' : 'circle') }),
          Plot.text(labelled, { x: 'x', y: 'y', dx: 6, textAnchor: 'start', text: label, fontSize: 11 }),
          Plot.frame({ stroke: colour.line }),
          ...named.flatMap((group, i) => [
            Plot.dot([0], { frameAnchor: 'top-left', dx: 6, dy: 18 * (i - named.length) - 3, r: 4, symbol: i % 2 ? 'square' : 'circle', fill: fills[i] }),
            Plot.text([0], { frameAnchor: 'top-left', dx: 18, dy: 18 * (i - named.length) - 8, text: () => printable(group, 60) }),
          ]),
        ],
      },
    );
  },
  describe(figure) {
    const { rows, groups } = read(figure);
    const end = (name: 'x' | 'y', sign: number) => rows.reduce((most, row) => (sign * ((row[name] as number) - (most[name] as number)) < 0 ? row : most));
    const said = (row: Row, name: 'x' | 'y') => `${printable(String(row.label), 60)} ${decimals(row[name] as number, 2)}`;
    return [
      t('{} members in two dimensions{}.', number(rows.length), groups.length > 1 ? `, ${t('{} groups', number(groups.length))}` : ''),
      t(
        'The first goes from {} to {}, the second from {} to {}.',
        said(end('x', 1), 'x'),
        said(end('x', -1), 'x'),
        said(end('y', 1), 'y'),
        said(end('y', -1), 'y'),
      ),
      finite(figure.data.level) ? t('Thin lines: {} % intervals.', number(100 * figure.data.level)) : '',
    ]
      .filter(Boolean)
      .join(' ');
  },
  table: (figure) => rows_of(figure),
};
