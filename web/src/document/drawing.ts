// A picture of the document: the same chart as in the page, drawn without a browser, in the colours of paper.
import { Base64 } from 'js-base64';
import { parseHTML } from 'linkedom';
import { charts } from '../charts/kinds.ts';
import { on_paper } from '../charts/publish.ts';
import type { Figure, Finding } from '../lib/finding.ts';
import { say } from '../lib/language.svelte.ts';

export interface Drawing {
  source: string; // a data: address of an SVG
  title: string;
  text: string; // what it shows, in words
}

const width = 640; // CSS pixels: the text of an A4 page

// Null when the figure is of no known kind, or its data does not fit: its table is then all there is.
export function drawing_of(figure: Figure, finding?: Finding): Drawing | null {
  const chart = charts[figure.kind];
  if (!chart) return null;
  try {
    const { document } = parseHTML('<!doctype html><html><body></body></html>');
    const svg = chart.draw(figure, { width, document: document as unknown as Document }, finding);
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    svg.setAttribute('font-family', 'sans-serif');
    return { source: `data:image/svg+xml;base64,${Base64.encode(on_paper(svg.outerHTML))}`, title: say(figure.title), text: chart.describe(figure, finding) };
  } catch {
    return null;
  }
}
