// What columns are called on the page; the server's title is the definition.
import { say, t } from '../../lib/language.svelte.ts';
import { printable } from '../../lib/text.ts';
import type { CountInfo } from '../api.ts';

const standard = ['registered', 'cast', 'valid', 'blank', 'null', 'latitude', 'longitude'];

export function column_label(info: CountInfo, name: string): string {
  if (name === 'turnout_percent') return t('turnout %');
  if (standard.includes(name)) return t(name);
  const share = name.startsWith('share_percent:') ? info.options.find((option) => `share_percent:${option.id}` === name) : undefined;
  if (share) return `${printable(share.name, 40)} %`;
  return printable(say(info.columns.find((column) => column.name === name)?.title ?? name), 60);
}

export function column_definition(info: CountInfo, name: string): string {
  return printable(say(info.columns.find((column) => column.name === name)?.title ?? ''), 400);
}
