// Who has declared what for a motion, against what it needs. Data: needed, denominator, for, against, undeclared, cannot_vote, short_by; columns id, name,
// side, stance and rows; scenarios { id, title, size }.
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { number, say, t } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, label_room, picture, row_axis, ticks } from './plot.ts';
import { rows_of } from './rows.ts';

interface Gap {
  needed: number;
  denominator: number;
  for: number;
  against: number;
  undeclared: number;
  cannot_vote: number;
  short_by: number;
  scenarios?: { id: string; title: string; size: number }[];
}

function read(figure: Figure): Gap {
  const data = figure.data as unknown as Gap;
  if (!finite(data.needed) || !finite(data.for)) throw new Error('no gap');
  return data;
}

export const coalition: Chart = {
  draw(figure, place) {
    const gap = read(figure);
    const declared = t('declared');
    const scenarios = (gap.scenarios ?? []).slice(0, 12).map((one) => ({ label: printable(say(one.title || one.id), 120), size: one.size }));
    const labels = [declared, ...scenarios.map((one) => one.label)];
    const room = label_room(labels, place.width, 0.36);
    const parts = [
      { word: 'for', size: gap.for, fill: colour.leader },
      { word: 'undeclared', size: gap.undeclared, fill: colour.line },
      { word: 'against', size: gap.against, fill: colour.mark },
      { word: 'cannot vote', size: gap.cannot_vote ?? 0, fill: 'none' },
    ].filter((part) => part.size > 0);
    let at = 0;
    const stacked = parts.map((part) => ({ ...part, from: at, to: (at += part.size) }));
    const most = Math.max(at, gap.needed, ...scenarios.map((one) => one.size));
    return picture(place, {
      height: 78 + 34 * labels.length,
      marginLeft: room,
      marginRight: 24,
      marginTop: 34,
      x: { label: t('votes'), labelAnchor: 'right', labelArrow: 'none', domain: [0, most * 1.04], tickFormat: ticks },
      y: row_axis(labels, room),
      marks: [
        Plot.barX(stacked, { y: () => 0, x1: 'from', x2: 'to', fill: 'fill', stroke: colour.ink, strokeWidth: 0.7, insetTop: 4, insetBottom: 4 }),
        Plot.text(
          stacked.filter((part) => part.size / most > 0.07),
          {
            y: () => 0,
            x: (part) => (part.from + part.to) / 2,
            text: (part) => `${t(part.word)} ${number(part.size)}`,
            fill: (part) => (part.word === 'for' || part.word === 'against' ? '#fff' : 'currentColor'),
            stroke: (part) => (part.word === 'for' || part.word === 'against' ? 'rgba(0,0,0,0.55)' : 'none'),
            strokeWidth: 2.5,
            fontWeight: 600,
          },
        ),
        Plot.barX(scenarios, {
          y: (_: unknown, i: number) => i + 1,
          x: 'size',
          fill: (one: { size: number }) => (one.size >= gap.needed ? colour.leader : colour.other),
          fillOpacity: 0.8,
          insetTop: 8,
          insetBottom: 8,
        }),
        Plot.text(scenarios, { y: (_: unknown, i: number) => i + 1, x: 'size', dx: 6, textAnchor: 'start', text: (one: { size: number }) => number(one.size) }),
        Plot.ruleX([gap.needed], { stroke: colour.ink, strokeWidth: 2.2 }),
        Plot.text([gap.needed], { x: gap.needed, frameAnchor: 'top', dy: -22, text: () => t('needed: {}', number(gap.needed)), fontWeight: 650 }),
      ],
    });
  },
  describe(figure) {
    const gap = read(figure);
    const scenarios = (gap.scenarios ?? []).map((one) => `${printable(say(one.title || one.id), 120)}: ${number(one.size)}`);
    return `${t('Needed: {} of {}.', number(gap.needed), number(gap.denominator))} ${t('Declared for: {}; against: {}; undeclared: {}.', number(gap.for), number(gap.against), number(gap.undeclared))} ${gap.short_by > 0 ? t('Short by {}.', number(gap.short_by)) : t('Enough have declared.')}${scenarios.length ? ` ${scenarios.join('; ')}.` : ''}`;
  },
  table: rows_of,
};
