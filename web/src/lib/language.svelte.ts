// The language of the page, and everything that depends on it: texts, numbers, dates. `t` is for the page's own texts, `say` for the
// program's (findings, errors). Both are keyed by the English text; web/i18n/es holds the Spanish.
import { Translator, type Catalogue } from './catalogue.ts';

export type Language = 'en' | 'es';
export const languages: { id: Language; name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'es', name: 'Español' },
];

const state = $state({ current: 'en' as Language });
const locale = { en: 'en', es: 'es' } as const;

const spanish = Object.entries(import.meta.glob<Catalogue>('../../i18n/es/*.json', { eager: true, import: 'default' }));
const of_pages = (path: string) => /\/(glossary|interface|labels|workbench)\.json$/.test(path);
const chosen = (pages: boolean) => spanish.filter(([path]) => of_pages(path) === pages).map(([, catalogue]) => catalogue);
const translators: Record<Exclude<Language, 'en'>, Translator> = {
  es: new Translator(chosen(false), chosen(true), (english) => rewrite(english, 'es')),
};

export function current(): Language {
  return state.current;
}

export function set_language(language: Language): void {
  state.current = language;
  if (typeof document !== 'undefined') document.documentElement.lang = language; // not where the document is made
}

// The reader's choice (?lang=es), else the plan's, else the browser's, else English.
export function choose_language(preferred?: string | null): void {
  const wanted = [new URLSearchParams(location.search).get('lang'), preferred, ...(navigator.languages ?? [])];
  const found = wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => tag === 'en' || tag === 'es');
  set_language((found as Language | undefined) ?? 'en');
}

// A text of the page; `{}` stands for the values in their order, which are put in as they are.
export function t(text: string, ...values: (string | number)[]): string {
  const pattern = state.current === 'en' ? text : (translators[state.current].template(text) ?? text);
  let next = 0;
  return pattern.replace(/\{(\d*)\}/g, (_, index: string) => String(values[index === '' ? next++ : Number(index)] ?? ''));
}

// A number with its noun: counted(1, '{} row', '{} rows').
export function counted(value: number, one: string, many: string): string {
  return t(value === 1 ? one : many, number(value));
}

// A text of the program; in English as it is.
export function say(text: string): string {
  return state.current === 'en' ? text : (translators[state.current].translate(text) ?? text);
}

// A sentence of the program's clauses, each in the reader's language. One that a headline stands in for is known with its full stop: of the two
// translations, the one that leaves fewer English words is taken.
export function sentence(clauses: string[]): string {
  const left = (clause: string, text: string) => {
    const words = new Set(text.match(/\p{Ll}{3,}/gu));
    return [...new Set(clause.match(/\p{Ll}{3,}/gu))].filter((word) => words.has(word)).length;
  };
  const told = (clause: string) => {
    if (state.current === 'en') return clause;
    const [plain, ended] = [say(clause), say(`${clause}.`).replace(/\.$/, '')];
    return left(clause, ended) < left(clause, plain) ? ended : plain;
  };
  const text = clauses.map(told).join('; ');
  return `${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}.`;
}

// Is there a translation? For tests, and to mark what stays in English as such.
export function is_translated(text: string, language: Exclude<Language, 'en'> = 'es'): boolean {
  return translators[language].translate(text) !== null;
}

// The same of a text of the pages.
export function has_template(text: string, language: Exclude<Language, 'en'> = 'es'): boolean {
  return translators[language].template(text) !== undefined;
}

function rewrite(english: string, language: Language): string {
  const plain = english.replaceAll(',', '').replace('−', '-');
  if (/e/i.test(plain)) return language === 'es' ? plain.replace('.', ',') : plain;
  const decimals = plain.split('.')[1]?.length ?? 0;
  const grouped = english.includes(',') || Math.abs(Number(plain)) >= 10000;
  return new Intl.NumberFormat(locale[language], {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    useGrouping: grouped ? 'always' : false,
  } as unknown as Intl.NumberFormatOptions).format(Number(plain));
}

const formats = new Map<string, Intl.NumberFormat>();
function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = state.current + JSON.stringify(options);
  let found = formats.get(key);
  if (!found)
    formats.set(key, (found = new Intl.NumberFormat(locale[state.current], { useGrouping: 'always', ...options } as unknown as Intl.NumberFormatOptions)));
  return found;
}

// A number as the command line writes it: whole numbers in full, one decimal from 1,000 on, else six significant digits.
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return format({ maximumFractionDigits: 0 }).format(value);
  if (size >= 1000 && size < 1e15) return format({ minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
  if (size >= 0.001) return format({ maximumSignificantDigits: 6 }).format(value);
  return rewrite(String(Number(value.toPrecision(3))), state.current);
}

// A number with so many decimals; a minus sign, never a hyphen, in pictures.
export function decimals(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const rounded = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value; // no "-0.00"
  return format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(rounded);
}

export function signed(value: number, digits = 0): string {
  return format({ minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'exceptZero' }).format(value);
}

// An instant as 2019-10-20T19:40:57 (with or without an offset), written as it stands: its own clock, not the reader's.
export function instant(text: string): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/.exec(text);
  if (!parts) return text;
  const [, year, month, day, hour, minute] = parts;
  const moment = new Date(Date.UTC(+year, +month - 1, +day, +(hour ?? 0), +(minute ?? 0)));
  return new Intl.DateTimeFormat(locale[state.current], {
    dateStyle: 'long',
    ...(hour ? { timeStyle: 'short' } : {}),
    timeZone: 'UTC',
  }).format(moment);
}
