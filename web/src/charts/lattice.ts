// Every set of objections, the smaller above the larger, joined where one has one objection more. Data: columns set, members (bits), slack,
// survives, minimal; rows; unit.
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, fitted, picture } from './plot.ts';
import { objects, rows_of, unit_of, type Row } from './rows.ts';

interface Node {
  row: Row;
  name: string;
  members: number;
  size: number;
  x: number; // 0..1 within its level
}

const bits = (members: number) => members.toString(2).replaceAll('0', '').length;
const named = (row: Row) => (Number(row.members) === 0 ? t('none accepted') : String(row.set));
const whole = (slack: unknown) => (finite(slack) ? number(Math.round(slack)) : '–');

function levels(nodes: Node[]): Node[][] {
  const most = Math.max(...nodes.map((node) => node.size));
  return Array.from({ length: most + 1 }, (_, size) => nodes.filter((node) => node.size === size));
}

function read(figure: Figure): Node[] {
  const nodes = objects(figure).map((row) => ({ row, name: named(row), members: Number(row.members), size: bits(Number(row.members)), x: 0.5 }));
  for (const level of levels(nodes)) level.forEach((node, i) => (node.x = (i + 1) / (level.length + 1)));
  return nodes;
}

export const lattice: Chart = {
  draw(figure, place) {
    const nodes = read(figure);
    const by_size = levels(nodes);
    const widest = Math.max(...by_size.map((level) => level.length));
    const room = (place.width - 20) / (widest + 1);
    const links = nodes.flatMap((from) =>
      nodes.filter((to) => to.size === from.size + 1 && (from.members & to.members) === from.members).map((to) => ({ from, to })),
    );
    const most = by_size.length - 1;
    const falls = (node: Node) => node.row.survives === false;
    return picture(place, {
      height: 60 + 78 * (most + 1),
      marginLeft: 10,
      marginRight: 10,
      marginTop: 24,
      marginBottom: 44,
      x: { domain: [0, 1], axis: null },
      y: { domain: [0, most || 1], axis: null, reverse: true },
      marks: [
        Plot.link(links, {
          x1: (link) => link.from.x,
          y1: (link) => link.from.size,
          x2: (link) => link.to.x,
          y2: (link) => link.to.size,
          stroke: colour.line,
          strokeWidth: 1.2,
        }),
        Plot.dot(nodes, {
          x: 'x',
          y: 'size',
          r: (node: Node) => (node.row.minimal === true ? 9 : 6),
          symbol: (node: Node) => (falls(node) ? 'times' : 'circle'),
          fill: (node: Node) => (falls(node) ? 'none' : colour.leader),
          stroke: (node: Node) => (falls(node) ? colour.mark : colour.leader),
          strokeWidth: (node: Node) => (node.row.minimal === true ? 4 : 2),
        }),
        Plot.text(nodes, { x: 'x', y: 'size', dy: 18, text: (node: Node) => fitted(node.name, room), fill: colour.ink }),
        Plot.text(nodes, {
          x: 'x',
          y: 'size',
          dy: 33,
          text: (node: Node) => whole(node.row.slack),
          fill: (node: Node) => (falls(node) ? colour.mark : colour.ink),
        }),
      ],
    });
  },
  describe(figure) {
    const nodes = read(figure);
    const changed = nodes.filter((node) => node.row.survives === false);
    const smallest = nodes.filter((node) => node.row.minimal === true).map((node) => `${node.name} (${whole(node.row.slack)})`);
    return [
      t('The outcome changes under {} of {} sets of objections.', number(changed.length), number(nodes.length)),
      smallest.length ? t('The smallest that change it: {}.', smallest.join('; ')) : '',
      t('Below each set is the slack in {}.', unit_of(figure, 'votes')),
    ]
      .filter(Boolean)
      .join(' ');
  },
  table: (figure) => rows_of(figure),
};
