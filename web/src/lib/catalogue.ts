// Texts in another language. A catalogue maps an English text to its translation; `{}` (or `{0}`, `{1}`, where the order differs) stands for
// what is filled in, `{#}` for a number of up to four digits, as of a day or a year. A text is matched whole, by the pattern with the most literal characters; else sentence by sentence. What was
// filled in is translated in turn when the catalogue knows it, and its numbers are written as the language writes them.
// Matching never backtracks: literals are found from left to right, so a hostile text costs no more than its length.

export type Catalogue = Record<string, string>;

interface Pattern {
  first: string; // the literals: before the first gap, between the gaps, after the last
  between: string[];
  last: string;
  digits: boolean[]; // gaps that take a number alone
  weight: number;
  to: string;
}

const gap = /\{(\d*|#)\}/;

function compile(from: string, to: string): Pattern {
  const literals = from.split(/\{(?:\d*|#)\}/);
  const [first = '', ...between] = literals;
  const last = between.pop() ?? '';
  const digits = [...from.matchAll(/\{(\d*|#)\}/g)].map(([, what]) => what === '#');
  return { first, between, last, digits, weight: literals.join('').length, to };
}

// What stands in the gaps, or null when the text is not of this pattern.
function captures({ first, between, last, digits }: Pattern, text: string): string[] | null {
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return null;
  const end = text.length - last.length;
  const out: string[] = [];
  let at = first.length;
  for (const literal of between) {
    const found = text.indexOf(literal, at);
    if (found < 0 || found + literal.length > end) return null;
    out.push(text.slice(at, found));
    at = found + literal.length;
  }
  out.push(text.slice(at, end));
  return out.every((value, i) => !digits[i] || /^\d{1,4}$/.test(value)) ? out : null;
}

function fill(template: string, values: string[]): string {
  let next = 0;
  return template.replace(new RegExp(gap, 'g'), (_, index: string) => values[index === '' ? next++ : Number(index)] ?? '');
}

const sentences = /[.?!] (?=\p{Lu})/u;
const deepest = 12; // lists of lists, each filled into another

const english_number = /^[-−+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(e[-+]?\d+)?$/;

export class Translator {
  private exact = new Map<string, string>();
  private templates = new Map<string, string>();
  private patterns: Pattern[] = [];
  private cache = new Map<string, string | null>();
  private sure = new Map<string, string | null>();

  // `program` holds the texts of findings; `pages` those of the pages themselves, whose gaps the page fills: they are looked up by their key
  // alone, and never matched against a finding's text. `number` writes a number, given as in English with the decimals it had, as this language does.
  constructor(
    program: Catalogue[],
    pages: Catalogue[],
    private number: (english: string) => string,
  ) {
    for (const [from, to] of [...pages, ...program].flatMap(Object.entries<string>)) {
      this.templates.set(from, to);
      if (!gap.test(from)) this.exact.set(from, to);
    }
    for (const [from, to] of program.flatMap(Object.entries<string>)) if (gap.test(from)) this.patterns.push(compile(from, to));
    this.patterns.sort((a, b) => b.weight - a.weight);
  }

  // The translation of a catalogue's key as it stands, its gaps unfilled.
  template(key: string): string | undefined {
    return this.templates.get(key);
  }

  // Null when nothing in the catalogue fits.
  translate(text: string, depth = 0): string | null {
    const known = this.cache.get(text);
    if (known !== undefined) return known;
    const named = /^[^\s:]*[/\d][^\s:]*: /.test(text) ? this.after_id(text, depth) : null;
    const found = named ?? this.whole(text, depth, true) ?? this.by_sentences(text, depth) ?? this.whole(text, depth, false) ?? this.after_id(text, depth);
    if (this.cache.size > 20000) this.cache.clear();
    this.cache.set(text, found);
    return found;
  }

  // Without the last resort of a pattern that swallows other sentences.
  private surely(text: string, depth: number): string | null {
    const known = this.sure.get(text);
    if (known !== undefined) return known;
    const found = this.whole(text, depth, true) ?? this.by_sentences(text, depth);
    if (this.sure.size > 20000) this.sure.clear();
    this.sure.set(text, found);
    return found;
  }

  // `strict`: what is filled in is no sentence that the catalogue does not know, which would be one of the program's that the pattern swallowed.
  private whole(text: string, depth: number, strict: boolean): string | null {
    const exact = this.exact.get(text);
    if (exact !== undefined) return exact;
    for (const pattern of this.patterns) {
      const values = captures(pattern, text);
      if (values && !(strict && values.some((value) => sentences.test(value) && (depth >= deepest || this.surely(value, depth + 1) === null))))
        return fill(
          pattern.to,
          values.map((value) => this.filled(value, depth)),
        );
    }
    return null;
  }

  private filled(value: string, depth: number): string {
    if (english_number.test(value)) return this.number(value);
    if (depth >= deepest || value === '') return value;
    return this.translate(value, depth + 1) ?? value;
  }

  // "bo-2019/computo: what is said of it": the id stays.
  private after_id(text: string, depth: number): string | null {
    const id = /^[^\s:]+: /.exec(text)?.[0];
    const rest = id && depth < deepest ? this.translate(text.slice(id.length), depth + 1) : null;
    return rest === null || !id ? null : id + rest;
  }

  private by_sentences(text: string, depth: number): string | null {
    const parts = text.split(/(?<=[.;:?!]) (?=\S)/);
    if (parts.length < 2 || parts.length > 24) return null;
    const out: string[] = [];
    for (let at = 0; at < parts.length;) {
      let end = parts.length;
      let found: string | null = null;
      for (; end > at; --end) {
        found = this.whole(parts.slice(at, end).join(' '), depth, true);
        if (found !== null) break;
      }
      if (found === null) return null;
      out.push(found);
      at = end;
    }
    return out.join(' ');
  }
}
