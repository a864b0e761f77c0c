// Who belonged to what, when: how many took part in each body, year by year, as one strip a body; the day asked is marked.
// Data: bodies (id, name, founded); columns body, member, name, from, until, status, known; rows; day.
import * as Plot from '@observablehq/plot';
import { number, t } from '../lib/language.svelte.ts';
import type { Figure } from '../lib/finding.ts';
import type { Chart } from './kinds.ts';
import { colour, fitted, label_room, picture } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

interface Body {
  id: string;
  name: string;
}

const taking_part = (row: Row) => row.status === 'member' || row.status === 'contested';
const covers = (row: Row, day: string) => String(row.from) <= day && (row.until === null || String(row.until) > day);

function bodies_of(figure: Figure, rows: Row[]): Body[] {
  const given = Array.isArray(figure.data.bodies) ? (figure.data.bodies as Body[]) : [];
  return given.filter((body) => rows.some((row) => row.body === body.id));
}

// The number taking part in a body between two changes.
function steps(rows: Row[], body: string, end: string) {
  const mine = rows.filter((row) => row.body === body && taking_part(row));
  const days = [...new Set(mine.flatMap((row) => [String(row.from), ...(row.until === null ? [] : [String(row.until)])]))].sort();
  return days.map((day, i) => ({ body, from: new Date(day), to: new Date(days[i + 1] ?? end), n: mine.filter((row) => covers(row, day)).length })).filter((step) => step.n > 0 && step.to > step.from);
}

export const membership_timeline: Chart = {
  draw(figure, place) {
    const rows = objects(figure);
    const bodies = bodies_of(figure, rows);
    if (!bodies.length) throw new Error('no memberships');
    const day = String(figure.data.day);
    const last = rows.flatMap((row) => [String(row.from), String(row.until ?? '')]).concat(day).sort().at(-1) as string;
    const end = `${Number(last.slice(0, 4)) + 1}-01-01`;
    const all = bodies.flatMap((body) => steps(rows, body.id, end));
    const most = Math.max(...all.map((step) => step.n));
    const labels = bodies.map((body) => body.id);
    const row_height = 40;
    const top = (step: { body: string; n: number }) => labels.indexOf(step.body) + 0.5 - 0.42 * (step.n / most);
    const bottom = (step: { body: string; n: number }) => labels.indexOf(step.body) + 0.5 + 0.42 * (step.n / most);
    return picture(place, {
      height: 60 + row_height * bodies.length,
      marginLeft: label_room(labels, place.width),
      marginRight: 34,
      marginTop: 26,
      x: { type: 'utc', label: null, ticks: Math.max(3, place.width / 120) },
      y: { domain: [0, bodies.length], reverse: true, label: null, ticks: bodies.map((_, i) => i + 0.5), tickFormat: (y: number) => fitted(labels[Math.floor(y)] ?? '', 200), tickSize: 0 },
      marks: [
        Plot.gridX({ stroke: colour.line, strokeOpacity: 1 }),
        Plot.rect(all, { x1: 'from', x2: 'to', y1: top, y2: bottom, fill: colour.leader, fillOpacity: 0.75, title: (step: { body: string; n: number }) => `${step.body}: ${step.n}` }),
        Plot.text(bodies, { x: () => new Date(end), y: (_: Body, i: number) => i + 0.5, dx: 6, textAnchor: 'start', text: (body: Body) => number(rows.filter((row) => row.body === body.id && taking_part(row) && row.until === null).length), fill: colour.ink }),
        Plot.ruleX([new Date(day)], { stroke: colour.mark, strokeWidth: 1.5 }),
        Plot.text([new Date(day)], { x: (d: Date) => d, frameAnchor: 'top', dy: -18, text: () => day, fill: colour.mark }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure);
    const day = String(figure.data.day);
    const list = bodies_of(figure, rows).map((body) => `${body.id} ${number(rows.filter((row) => row.body === body.id && taking_part(row) && covers(row, day)).length)}`).join('; ');
    return t('Members that took part in each body on {}: {}. The height of a strip is the number over time.', day, list);
  },
  table: (figure) => rows_of(figure),
};
