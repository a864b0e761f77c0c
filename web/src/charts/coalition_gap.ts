// Declared for, undeclared, unable to vote, declared against, as one bar of members, and the number needed as a line through it.
// Data: needed, denominator, for, against, undeclared, cannot_vote, short_by; columns id, name, side, stance; rows; scenarios (id, title, size).
import * as Plot from '@observablehq/plot';
import { number, t } from '../lib/language.svelte.ts';
import type { Figure } from '../lib/finding.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, fitted, label_room, picture, ticks } from './plot.ts';
import { rows_of } from './rows.ts';

interface Bar {
  row: string;
  from: number;
  to: number;
  fill: string;
  opacity: number;
}

function part(figure: Figure, name: string): number {
  const value = figure.data[name];
  if (!finite(value)) throw new Error(`no ${name}`);
  return value;
}

function scenarios_of(figure: Figure): { id: string; title: string; size: number }[] {
  const given = figure.data.scenarios;
  return Array.isArray(given) ? given.filter((s) => s && typeof s.id === 'string' && finite(s.size)) : [];
}

export const coalition_gap: Chart = {
  draw(figure, place) {
    const [yes, open, cannot, no] = ['for', 'undeclared', 'cannot_vote', 'against'].map((name) => part(figure, name));
    const needed = part(figure, 'needed');
    const declared = t('declared');
    const bars: Bar[] = [
      { row: declared, from: 0, to: yes, fill: colour.leader, opacity: 0.9 },
      { row: declared, from: yes, to: yes + open, fill: colour.leader, opacity: 0.25 },
      { row: declared, from: yes + open, to: yes + open + cannot, fill: colour.fair, opacity: 0.4 },
      { row: declared, from: yes + open + cannot, to: yes + open + cannot + no, fill: colour.mark, opacity: 0.8 },
      ...scenarios_of(figure).map((s) => ({ row: s.id, from: 0, to: s.size, fill: colour.other, opacity: 0.85 })),
    ];
    const names = [...new Set(bars.map((bar) => bar.row))];
    return picture(place, {
      height: 70 + 28 * names.length,
      marginLeft: label_room(names, place.width),
      marginRight: 20,
      marginTop: 26,
      x: { label: t('members'), domain: [0, Math.max(needed + 1, part(figure, 'denominator'))], tickFormat: ticks, labelArrow: 'none' },
      y: { domain: names, label: null, tickFormat: (name: string) => fitted(name, 200), tickSize: 0 },
      marks: [
        Plot.barX(bars.filter((bar) => bar.to > bar.from), { y: 'row', x1: 'from', x2: 'to', fill: 'fill', fillOpacity: 'opacity', insetTop: 3, insetBottom: 3 }),
        Plot.text(bars.filter((bar) => bar.to > bar.from), { y: 'row', x: (bar: Bar) => (bar.from + bar.to) / 2, text: (bar: Bar) => number(bar.to - bar.from), fill: colour.ink }),
        Plot.ruleX([needed], { stroke: colour.ink, strokeWidth: 2 }),
        Plot.text([needed], { x: (x: number) => x, frameAnchor: 'top', dy: -18, text: () => t('{} needed', number(needed)), fill: colour.ink }),
      ],
    });
  },
  describe(figure) {
    const text = t('{} needed of {}: {} declared for, {} undeclared, {} unable to vote, {} declared against; short by {}.', ...['needed', 'denominator', 'for', 'undeclared', 'cannot_vote', 'against', 'short_by'].map((name) => number(part(figure, name))));
    const scenarios = scenarios_of(figure);
    return scenarios.length ? `${text} ${t('Sets of members: {}.', scenarios.map((s) => `${s.id} ${number(s.size)}`).join('; '))}` : text;
  },
  table: (figure) => rows_of(figure),
};
