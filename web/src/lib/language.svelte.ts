// The language of the page, and everything that depends on it: texts, numbers, dates. `t` is for the page's own texts, `in_language` for findings,
// whose texts are messages (messages.ts), `say` for texts of the program that are not (errors, findings of methods that are not converted yet).
// `t` and `say` are keyed by the English text; web/i18n/es holds the Spanish.
import { Translator, type Catalogue } from './catalogue.ts';
import type { Cell, Finding, Table } from './finding.ts';
import { message_languages, with_messages, type Messages } from './messages.ts';

export type Language = string; // 'en', 'es', ...: English, and those that a room of src/methods or web/i18n has texts in

const state = $state({ current: 'en' as Language });

const spanish = Object.entries(import.meta.glob<Catalogue>('../../i18n/es/*.json', { eager: true, import: 'default' }));
const of_pages = (path: string) => /\/(glossary|interface|labels|words|workbench)\.json$/.test(path);
const chosen = (pages: boolean) => spanish.filter(([path]) => of_pages(path) === pages).map(([, catalogue]) => catalogue);
const translators: Record<Language, Translator | undefined> = {
  es: new Translator(chosen(false), chosen(true), (english) => rewrite(english, 'es')),
};

// Each by its own name for itself.
export const languages: { id: Language; name: string }[] = [...new Set(['en', ...Object.keys(translators), ...message_languages])].map((id) => {
  const name = new Intl.DisplayNames([id], { type: 'language' }).of(id) ?? id;
  return { id, name: name.charAt(0).toLocaleUpperCase(id) + name.slice(1) };
});

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
  const found = wanted.map((tag) => tag?.slice(0, 2).toLowerCase()).find((tag) => languages.some(({ id }) => id === tag));
  set_language(found ?? 'en');
}

// A word of a closed list in a column of a table ("may_vote: yes", web/i18n/es/words.json); any other single word is a name, and stays.
export function say_word(word: string, column: string): string {
  return translators[state.current]?.template(`${column}: ${word}`) ?? word;
}

// A text of the page; `{}` stands for the values in their order, which are put in as they are.
export function t(text: string, ...values: (string | number)[]): string {
  const pattern = translators[state.current]?.template(text) ?? text;
  let next = 0;
  return pattern.replace(/\{(\d*)\}/g, (_, index: string) => String(values[index === '' ? next++ : Number(index)] ?? ''));
}

// A number with its noun: counted(1, '{} row', '{} rows').
export function counted(value: number, one: string, many: string): string {
  return t(value === 1 ? one : many, number(value));
}

// A text of the program; in English as it is.
export function say(text: string): string {
  return translators[state.current]?.translate(text) ?? text;
}

// A sentence of clauses in the reader's language. One that a headline stands in for is without its full stop.
export function sentence(clauses: string[]): string {
  const text = clauses.map((clause) => clause.replace(/\.$/, '')).join('; ');
  return `${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}.`;
}

// A clause that a headline stands in for is known with its full stop: of the two translations, the one that leaves fewer English
// words is taken.
export function say_clause(clause: string): string {
  if (state.current === 'en') return clause;
  const left = (text: string) => {
    const words = new Set(text.match(/\p{Ll}{3,}/gu));
    return [...new Set(clause.match(/\p{Ll}{3,}/gu))].filter((word) => words.has(word)).length;
  };
  const [plain, ended] = [say(clause), say(`${clause}.`)];
  return left(ended) < left(plain) ? ended : plain;
}

// Is there a translation? For tests, and to mark what stays in English as such.
export function is_translated(text: string, language: Language = 'es'): boolean {
  return translators[language]?.translate(text) != null;
}

// A name in a message: only what has several words can be one of the program's or of a profile.
const say_name = (name: string) => (name.includes(' ') ? say(name) : name);

// One text of an object with messages: the headline of an entry in a list of findings, the title of a method.
export function say_of<Key extends string>(object: Record<Key, string> & { messages?: Messages }, key: Key): string {
  return object.messages?.[`/${key}`] ? with_messages(object, state.current, say_name)[key] : say(object[key]);
}

// An answer of a plan, by its clauses.
export function in_clauses<T extends { clauses: string[]; messages?: Messages }>(answer: T): T {
  const rendered = with_messages(answer, state.current, say_name);
  return { ...rendered, clauses: rendered.clauses.map((clause, i) => (answer.messages?.[`/clauses/${i}`] ? clause : say_clause(clause))) };
}

function say_cell(cell: Cell): Cell {
  return typeof cell === 'string' && cell.includes(' ') ? say(cell) : cell; // a single word is a name: of a reading, a level, an option
}

// A table in the reader's language; its rows are in the order of the table's.
export function say_table<T extends Pick<Table, 'title' | 'columns' | 'rows'>>(table: T): T {
  if (state.current === 'en') return table;
  return {
    ...table,
    title: say(table.title),
    columns: table.columns.map((column) => ({
      ...column,
      ...(column.unit && { unit: say(column.unit) }),
      ...(column.definition && { definition: say(column.definition) }),
    })),
    rows: table.rows.map((row) => row.map(say_cell)),
  };
}

const spoken = new Map<Language, WeakMap<Finding, Finding>>();
const made_here = new WeakSet<Finding>(); // they are in a language already

// A finding in the reader's language, as components show it: its messages rendered, and what is no message yet by its English text.
export function in_language<T extends Finding>(finding: T): T {
  if (state.current === 'en' || made_here.has(finding)) return finding;
  if (!spoken.has(state.current)) spoken.set(state.current, new WeakMap());
  const known = spoken.get(state.current)!.get(finding);
  if (known) return known as T;
  const rendered = with_messages(finding, state.current, say_name);
  const is_message = (pointer: string) => finding.messages?.[pointer] !== undefined;
  const text = (pointer: string, value: string) => (is_message(pointer) ? value : say(value));
  const texts = (pointer: string, values: string[]) => values.map((value, i) => text(`${pointer}/${i}`, value));
  const made: T = {
    ...rendered,
    title: text('/title', rendered.title),
    question: text('/question', rendered.question),
    headline: text('/headline', rendered.headline),
    ...(rendered.in_short && { in_short: rendered.in_short.map((clause, i) => (is_message(`/in_short/${i}`) ? clause : say_clause(clause))) }),
    estimates: Object.fromEntries(
      Object.entries(rendered.estimates).map(([name, e]) => {
        const at = `/estimates/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        return [name, { ...e, unit: text(`${at}/unit`, e.unit), definition: text(`${at}/definition`, e.definition) }];
      }),
    ),
    test: rendered.test && { ...rendered.test, null: text('/test/null', rendered.test.null) },
    conditions: rendered.conditions.map((condition, i) => ({ ...condition, text: text(`/conditions/${i}/text`, condition.text) })),
    caveats: texts('/caveats', rendered.caveats),
    does_not_show: texts('/does_not_show', rendered.does_not_show),
    references: rendered.references.map(say),
    tables: rendered.tables.map((table, i) => ({
      ...table,
      title: text(`/tables/${i}/title`, table.title),
      columns: table.columns.map((column, c) => ({
        ...column,
        ...(column.unit && { unit: text(`/tables/${i}/columns/${c}/unit`, column.unit) }),
        ...(column.definition && { definition: text(`/tables/${i}/columns/${c}/definition`, column.definition) }),
      })),
      rows: table.rows.map((row, r) => row.map((cell, c) => (is_message(`/tables/${i}/rows/${r}/${c}`) ? cell : say_cell(cell)))),
    })),
    figures: rendered.figures.map((figure, i) => ({ ...figure, title: text(`/figures/${i}/title`, figure.title) })),
  };
  spoken.get(state.current)!.set(finding, made);
  made_here.add(made);
  return made;
}

// The same of a text of the pages.
export function has_template(text: string, language: Language = 'es'): boolean {
  return translators[language]?.template(text) !== undefined;
}

function rewrite(english: string, language: Language): string {
  const plain = english.replaceAll(',', '').replace('−', '-');
  if (/e/i.test(plain)) return language === 'es' ? plain.replace('.', ',') : plain;
  const decimals = plain.split('.')[1]?.length ?? 0;
  const grouped = english.includes(',') || Math.abs(Number(plain)) >= 10000;
  return new Intl.NumberFormat(language, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    useGrouping: grouped ? 'always' : false,
  } as unknown as Intl.NumberFormatOptions).format(Number(plain));
}

const formats = new Map<string, Intl.NumberFormat>();
function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = state.current + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat(state.current, { useGrouping: 'always', ...options } as unknown as Intl.NumberFormatOptions)));
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
  const moment = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0), Number(minute ?? 0)));
  return new Intl.DateTimeFormat(state.current, {
    dateStyle: 'long',
    ...(hour ? { timeStyle: 'short' } : {}),
    timeZone: 'UTC',
  }).format(moment);
}
