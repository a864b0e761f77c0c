// What every picture shares: type, grid, colours by role (CSS variables, so that dark and print follow) and numbers of the language.
import * as Plot from '@observablehq/plot';
import { number } from '../lib/language.svelte.ts';
import type { Place } from './kinds.ts';

// Okabe and Ito's colours by what they say, the same in every picture.
export const colour = {
  leader: 'var(--blue)',
  other: 'var(--orange)',
  mark: 'var(--red)',
  fair: 'var(--grey)',
  good: 'var(--green)',
  ink: 'currentColor',
  soft: 'var(--soft)',
  line: 'var(--line)',
} as const;

export function picture(place: Place, options: Plot.PlotOptions): SVGSVGElement {
  const made = Plot.plot({
    document: place.document,
    className: 'plot',
    width: place.width,
    marginLeft: 56,
    marginBottom: 40,
    style: { fontSize: '12px', background: 'none' },
    ...options,
  } as Plot.PlotOptions);
  const svg = (made.tagName.toLowerCase() === 'svg' ? made : made.querySelector('svg')) as SVGSVGElement;
  if (!svg.getAttribute('viewBox')) svg.setAttribute('viewBox', `0 0 ${svg.getAttribute('width')} ${svg.getAttribute('height')}`);
  // The picture is named as a whole; names on its parts are not allowed by ARIA and say nothing.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  return svg;
}

export const ticks = (value: unknown) => (typeof value === 'number' ? number(value) : String(value));

// A label that fits `room` pixels of 12px type. What is left out is from its middle: labels that begin alike often differ at their end.
export function fitted(text: string, room: number): string {
  const most = Math.max(6, Math.floor(room / 6.4));
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail).trimEnd()}…${text.slice(text.length - tail).trimStart()}`;
}

export function finite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

// The axis of rows that are told by a label, one a line; the marks take the row's number. `room` is the margin's, from `label_room`.
export function row_axis(labels: string[], room: number): Plot.ScaleOptions {
  const shown = labels.map((label) => fitted(label, room - 8));
  return { domain: [...labels.keys()], label: null, tickFormat: (row: number) => shown[row], tickSize: 0 };
}

// Which side of a mark its label goes, so that it stays inside.
export function label_room(labels: string[], width: number, most = 0.42): number {
  const longest = Math.max(0, ...labels.map((label) => label.length));
  return Math.min(longest * 6.6 + 14, width * most);
}
