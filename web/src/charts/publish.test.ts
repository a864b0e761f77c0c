import { afterEach, describe, expect, it } from 'vitest';
import type { Finding } from '../lib/finding.ts';
import { set_language } from '../lib/language.svelte.ts';
import { bars } from './bars.ts';
import { published, snippet, source_lines, type Publication } from './publish.ts';

const page: Publication = {
  author: 'The mission',
  date: '2019-12-04',
  licence: 'CC BY 4.0',
  made_with: 'Cotejo 0.1',
  title_of: (id) => (id === 'x/final' ? 'Final count, commission' : ''),
};
const finding = {
  inputs: [
    { count: 'x/final', sha256: '0123456789abcdef0000', units: 34555, revision: 2, revisions: 3 },
    { challenge: 'o', sha256: '', units: 2 },
  ],
} as unknown as Finding;
const drawn = () =>
  bars.draw(
    {
      id: 'f',
      kind: 'bars',
      title: 'Votes',
      data: {
        columns: ['label', 'value'],
        rows: [
          ['A <b>', 120],
          ['B', 80],
        ],
        unit: 'votes',
      },
    },
    { width: 500, document },
  );
const about = { title: 'Votes "of" A & B', legend: 'A 120, B 80. Blue: the leader.', lines: ['Source: count x/final', 'Licence: CC BY 4.0'] };

afterEach(() => set_language('en'));

describe('a picture to publish', () => {
  it('names the counts that it rests on, with revision and hash, and once where two findings share one', () => {
    expect(source_lines([finding, finding], page)).toEqual([
      'Source: count Final count, commission (x/final): 34,555 units, revision 2 of 3, SHA-256 0123456789abcdef…',
      'The mission, December 4, 2019, Cotejo 0.1',
      'Licence: CC BY 4.0',
    ]);
    set_language('es');
    expect(source_lines([finding], page)[0]).toBe(
      'Fuente: cómputo Final count, commission (x/final): 34.555 unidades, revisión 2 de 3, SHA-256 0123456789abcdef…',
    );
  });
  it('states no licence where none is given', () => {
    expect(source_lines([finding], { ...page, licence: '' }).join()).not.toContain('Licence');
  });
  it('is XML that holds title, legend, source and licence, to be seen and to be read aloud, in the colours of paper', () => {
    const text = published(drawn(), about);
    const file = new DOMParser().parseFromString(text, 'image/svg+xml');
    expect(file.querySelector('parsererror')).toBeNull();
    const root = file.documentElement;
    expect(root.querySelector(':scope > title')?.textContent).toBe(about.title);
    expect(root.querySelector(':scope > desc')?.textContent).toBe([about.legend, ...about.lines].join('\n'));
    const seen = [...root.querySelectorAll(':scope > text')].map((line) => line.textContent).join(' ');
    for (const part of [about.title, about.legend, ...about.lines]) expect(seen).toContain(part);
    expect(text).not.toMatch(/var\(--|currentColor/);
    expect(Number(root.getAttribute('height'))).toBeGreaterThan(Number(root.querySelector(':scope > svg')?.getAttribute('height')));
  });
  it('leaves the picture of the page as it is', () => {
    const picture = drawn();
    const before = picture.outerHTML;
    published(picture, about);
    expect(picture.outerHTML).toBe(before);
  });
  it('comes with the HTML that embeds it, which is safe whatever the title', () => {
    const html = new DOMParser().parseFromString(snippet('a.svg', about), 'text/html');
    expect(html.querySelector('img')?.getAttribute('alt')).toBe(`${about.title}. ${about.legend}`);
    expect(html.querySelector('img')?.getAttribute('src')).toBe('a.svg');
    expect(html.querySelector('figcaption')?.textContent).toContain('Licence: CC BY 4.0');
  });
});
