// What the form says of an option: its bounds, and what is wrong with what was typed.
import { number, t } from '../../lib/language.svelte.ts';
import type { OptionInfo } from '../api.ts';
import type { Fault } from './options.ts';

export function fault_text(option: OptionInfo, what: Fault): string {
  switch (what) {
    case 'whole':
      return t('a whole number is needed');
    case 'number':
      return t('a number is needed');
    case 'low':
      return t('not below {}', number(option.low));
    case 'high':
      return t('not above {}', number(option.high));
    case 'choice':
      return t('one of: {}', (option.choices ?? []).join(', '));
    default:
      return '';
  }
}

export function bounds_text(option: OptionInfo): string {
  if (option.low !== undefined && option.high !== undefined) return t('{} to {}', number(option.low), number(option.high));
  if (option.low !== undefined) return t('not below {}', number(option.low));
  if (option.high !== undefined) return t('not above {}', number(option.high));
  return '';
}
