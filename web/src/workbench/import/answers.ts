// Questions and guesses of a proposal name the command line's option that answers them; the API takes the same by key.
import type { ProposeRequest } from '../api.ts';

export const doubtful = 0.25;

const of_guess: Record<string, string> = {
  encoding: '--encoding',
  separator: '--separator',
  header: '--header',
  'unit key': '--key',
  options: '--option',
  'valid votes': '--valid',
};

export function answer_of(guess: string): string | undefined {
  return of_guess[guess];
}

const lists = new Set(['key', 'options', 'not_options', 'columns']);
const whole_texts = new Set(['leave_out', 'only', 'keep']); // a list whose texts may hold commas
const numbers = new Set(['header', 'header_rows']);

export function answered(option: string, answer: string): Partial<ProposeRequest> {
  const name = option.replace(/^--/, '').replaceAll('-', '_');
  const key = name === 'option' ? 'options' : name === 'not_option' ? 'not_options' : name;
  if (lists.has(key))
    return {
      [key]: answer
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    };
  if (whole_texts.has(key)) return { [key]: [answer.trim()] };
  return { [key]: numbers.has(key) ? Number(answer) : answer };
}
