// A picture as a file that stands alone: its title above it, below it what it shows and what its colours mean, the source of its figures, the day
// and the licence; the same as <title> and <desc> for whoever does not see it. In the colours of paper, whatever the page is shown in.
import sheet from '../lib/base.css?raw';
import { input_of, type Finding } from '../lib/finding.ts';
import { counted, instant, t } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';

// What a page says of all its pictures; a Svelte context of this name.
export const publication = 'cotejo.publication';
export interface Publication {
  author: string;
  date: string; // ISO 8601, empty: none
  licence: string; // empty: none
  made_with: string;
  title_of: (count: string) => string; // of an input, by its id; empty: none
}

export interface Published {
  title: string;
  legend: string; // what it shows, with what its colours mean
  lines: string[]; // source, author and date, licence
}

// The first value of every variable of the sheet is that of light paper.
const paper = new Map<string, string>();
for (const { groups } of sheet.matchAll(/--(?<name>[a-z]+):\s*(?<value>[^;]+);/g))
  if (groups?.name && groups.value && !paper.has(groups.name)) paper.set(groups.name, groups.value);

export function on_paper(svg: string): string {
  return svg.replaceAll(/var\(--([a-z]+)\)/g, (_, name: string) => paper.get(name) ?? '#000').replaceAll('currentColor', paper.get('ink') ?? '#000');
}

// Where the figures of these findings come from: each input once, with its units, revision and hash.
export function source_lines(findings: Finding[], about: Publication): string[] {
  const inputs = new Map(findings.flatMap((finding) => finding.inputs).map((input) => [`${input_of(input).id} ${input.sha256}`, input]));
  const told = [...inputs.values()]
    .filter((input) => input.sha256)
    .map((input) => {
      const { kind, id } = input_of(input);
      const parts = [
        input.units ? counted(input.units, '{} unit', '{} units') : '',
        t('revision {} of {}', input.revision ?? 1, input.revisions ?? 1),
        `SHA-256 ${input.sha256.slice(0, 16)}…`,
      ];
      const title = about.title_of(id);
      return `${t(kind)} ${printable(title ? `${title} (${id})` : id)}: ${parts.filter(Boolean).join(', ')}`;
    });
  const by = [about.author ? printable(about.author) : '', about.date ? instant(about.date) : '', about.made_with].filter(Boolean).join(', ');
  return [...(told.length ? [t('Source: {}', told.join('; '))] : []), by, ...(about.licence ? [t('Licence: {}', printable(about.licence))] : [])];
}

// Words in lines of so many characters at most.
function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const space = 'http://www.w3.org/2000/svg';
const margin = 16;

// The file's text. The picture is left as it is.
export function published(picture: SVGSVGElement, about: Published): string {
  const page = picture.ownerDocument;
  const [, , width, height] = (picture.getAttribute('viewBox') ?? '').split(/[ ,]+/).map(Number);
  if (width === undefined || height === undefined) throw new Error('the picture has no viewBox');
  const across = Math.max(width, 420);
  const make = (name: string, attributes: Record<string, string | number>, text = '') => {
    const made = page.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text) made.textContent = text;
    return made;
  };
  const out = make('svg', { role: 'img', 'font-family': 'system-ui, sans-serif' });
  let y = margin;
  const write = (text: string, size: number, fill: string, weight = 'normal') => {
    for (const line of wrapped(text, Math.floor(across / (0.54 * size)))) {
      y += 1.3 * size;
      out.append(make('text', { x: margin, y, 'font-size': size, fill, 'font-weight': weight }, line));
    }
  };
  out.append(
    make('title', {}, about.title),
    make('desc', {}, [about.legend, ...about.lines].join('\n')),
    make('rect', { width: '100%', height: '100%', fill: 'var(--paper)' }),
  );
  write(about.title, 16, 'var(--ink)', 'bold');
  y += 10;
  const copy = picture.cloneNode(true) as SVGSVGElement;
  for (const [key, value] of Object.entries({ x: margin, y, width, height, 'font-size': 12, color: 'var(--ink)', overflow: 'visible' }))
    copy.setAttribute(key, String(value));
  for (const name of ['role', 'aria-label', 'style', 'xmlns']) copy.removeAttribute(name);
  out.append(copy);
  y += height + 4;
  if (about.legend) write(about.legend, 12, 'var(--ink)');
  y += 4;
  for (const line of about.lines) write(line, 10.5, 'var(--soft)');
  const [full_width, full_height] = [across + 2 * margin, Math.ceil(y + margin)];
  for (const [key, value] of Object.entries({ width: full_width, height: full_height, viewBox: `0 0 ${full_width} ${full_height}` }))
    out.setAttribute(key, String(value));
  return on_paper(new XMLSerializer().serializeToString(out));
}

// The HTML that an author copies into a page beside the file. Made in a document that loads nothing.
export function snippet(file: string, about: Published): string {
  const page = document.implementation.createHTMLDocument();
  const figure = page.createElement('figure');
  const image = page.createElement('img');
  const caption = page.createElement('figcaption');
  image.setAttribute('src', file);
  image.setAttribute('alt', `${about.title}. ${about.legend}`);
  image.setAttribute('style', 'max-width: 100%');
  caption.textContent = [about.title, ...about.lines].join('. ');
  figure.append(image, caption);
  return figure.outerHTML;
}
