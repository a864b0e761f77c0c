// Messages (a text's id and its typed arguments) in the reader's language: the patterns are ICU MessageFormat, in the catalogues that lie in
// the rooms of the methods, src/**/NAME.LANGUAGE.json. English stands in the finding itself.
import { IntlMessageFormat } from 'intl-messageformat';

export type Argument = number | string | { decimal: string } | (Message & { capital?: boolean }) | { list: Argument[]; join: 'and' | 'or' | 'commas' };
export interface Message {
  id: string;
  args: Record<string, Argument>;
}
export type Messages = Record<string, Message>; // by the JSON pointer of the text

type Patterns = Map<string, string>;

const files = import.meta.glob<Record<string, string>>(['../../../src/**/*.??.json', '!../../../src/**/*.en.json'], { eager: true, import: 'default' });

const catalogues = new Map<string, Patterns>();
for (const [path, patterns] of Object.entries(files)) {
  const language = /\.(..)\.json$/.exec(path)?.[1] ?? '';
  if (!catalogues.has(language)) catalogues.set(language, new Map());
  for (const [id, pattern] of Object.entries(patterns)) catalogues.get(language)!.set(id, pattern);
}

// Those that some room has texts in, besides English.
export const message_languages: string[] = [...catalogues.keys()].sort();

const grouped = (options?: Intl.NumberFormatOptions) => ({ ...options, useGrouping: 'always' }) as unknown as Intl.NumberFormatOptions;
const formatters = {
  getNumberFormat: (locales?: string | string[], options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(locales, grouped(options)),
  getDateTimeFormat: (locales?: string | string[], options?: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locales, options),
  getPluralRules: (locales?: string | string[], options?: Intl.PluralRulesOptions) => new Intl.PluralRules(locales, options),
};

const compiled = new Map<string, IntlMessageFormat>();
function format_of(id: string, language: string): IntlMessageFormat | null {
  const key = `${language} ${id}`;
  const known = compiled.get(key);
  if (known) return known;
  const pattern = catalogues.get(language)?.get(id);
  if (pattern === undefined) return null;
  const made = new IntlMessageFormat(pattern, language, undefined, { formatters, ignoreTag: true } as never);
  compiled.set(key, made);
  return made;
}

// The digits as they are, with the language's marks.
function decimal(digits: string, language: string): string {
  const value = Number(digits);
  if (!Number.isFinite(value)) return digits;
  const places = digits.split('.')[1]?.length ?? 0;
  return new Intl.NumberFormat(language, grouped({ minimumFractionDigits: places, maximumFractionDigits: places })).format(value);
}

const types = { and: 'conjunction', or: 'disjunction', commas: 'unit' } as const;

// How a name is shown: the clause of a rule, the reason that a profile gives. Names of places and people are what they are.
export type Named = (name: string) => string;
const as_it_is: Named = (name) => name;

// Undefined where a message in it has no pattern.
function shown(argument: Argument, language: string, named: Named): number | string | undefined {
  if (typeof argument === 'string') return named(argument);
  if (typeof argument === 'number') return argument;
  if ('decimal' in argument) return decimal(argument.decimal, language);
  if ('list' in argument) {
    const items = argument.list.map((item) => shown(item, language, named));
    if (items.includes(undefined)) return undefined;
    return new Intl.ListFormat(language, { type: types[argument.join], style: 'long' }).format(items.map(String));
  }
  const text = render(argument, language, named);
  if (text === null) return undefined;
  return argument.capital ? text.charAt(0).toLocaleUpperCase(language) + text.slice(1) : text;
}

// Null where the language has no text for it: the English one that stands in the finding is shown.
export function render(message: Message, language: string, named: Named = as_it_is): string | null {
  const format = format_of(message.id, language);
  if (!format) return null;
  const values: Record<string, number | string> = {};
  for (const [name, argument] of Object.entries(message.args)) {
    const value = shown(argument, language, named);
    if (value === undefined) return null;
    values[name] = value;
  }
  try {
    return String(format.format(values));
  } catch {
    return null; // written by a newer version, with other arguments
  }
}

function names_text(object: unknown, path: string[], last: string): boolean {
  let at = object;
  for (const part of [...path, last]) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return false;
    at = (at as Record<string, unknown>)[part];
  }
  return typeof at === 'string';
}

// The object with the texts that are messages in the language; what is not changed is shared with it.
export function with_messages<T extends { messages?: Messages }>(object: T, language: string, named: Named = as_it_is): T {
  if (language === 'en' || !object.messages) return object;
  let root: T = object;
  const copied = new Set<unknown>();
  const own = <V>(value: V): V => {
    if (copied.has(value)) return value;
    const copy = (Array.isArray(value) ? [...value] : { ...value }) as V;
    copied.add(copy);
    return copy;
  };
  for (const [pointer, message] of Object.entries(object.messages)) {
    const text = render(message, language, named);
    if (text === null) continue;
    const path = pointer
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = path.pop() as string;
    if (!names_text(object, path, last)) continue; // the table, say, was left out
    root = own(root);
    let at = root as unknown as Record<string, unknown>;
    for (const part of path) {
      at[part] = own(at[part]);
      at = at[part] as Record<string, unknown>;
    }
    at[last] = text;
  }
  return root;
}
