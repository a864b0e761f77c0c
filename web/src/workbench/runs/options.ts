// A method's form is made from its option table: what each option may be, and what to say when it is not.
import type { Finding } from '../../lib/finding.ts';
import type { Asked, Method, OptionInfo } from '../api.ts';
import { address } from '../route.ts';

export type Fault = 'whole' | 'number' | 'low' | 'high' | 'choice' | null;

// What is wrong with a text as the value of an option. The engine checks again; this only saves a round trip.
export function fault(option: OptionInfo, text: string): Fault {
  const value = text.trim();
  if (option.type === 'text') return option.choices?.length && !option.choices.includes(value) ? 'choice' : null;
  if (option.type === 'flag') return value === 'true' || value === 'false' ? null : 'choice';
  if (option.type === 'whole' && !/^[+-]?\d+$/.test(value)) return 'whole';
  const number = Number(value);
  if (value === '' || !Number.isFinite(number)) return 'number';
  if (option.low !== undefined && number < option.low) return 'low';
  if (option.high !== undefined && number > option.high) return 'high';
  return null;
}

export function initial_text(option: OptionInfo): string {
  return String(option.default);
}

// Only what differs from the default is sent: a later version's better default is not pinned by accident.
export function chosen(options: OptionInfo[], texts: Record<string, string>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const option of options) {
    const text = (texts[option.name] ?? initial_text(option)).trim();
    if (text !== initial_text(option)) out[option.name] = text;
  }
  return out;
}

// Seeds reach the server as JSON numbers, which are exact up to 2^53 - 1.
export function seed_fault(text: string): boolean {
  return !/^\d{1,16}$/.test(text.trim()) || !Number.isSafeInteger(Number(text.trim()));
}

// What a finding was asked with, as a plan or another run asks it: options that stand at their default are left out.
export function asked_of(finding: Finding, method: Method | undefined): Asked {
  const ids = (kind: string) => finding.inputs.flatMap((input) => (kind in input ? [String(input[kind])] : []));
  const [count, ...against] = ids('count');
  const options = Object.fromEntries(
    Object.entries(finding.options).flatMap(([name, value]) => {
      const same = method?.options.find((option) => option.name === name)?.default === value;
      return same || value === null ? [] : [[name, value]];
    }),
  );
  const assembly = ids('assembly')[0];
  return {
    method: finding.method,
    ...(assembly ? { assembly } : { count }),
    against,
    challenges: ids('challenge'),
    arrivals: ids('arrival'),
    crosswalk: ids('crosswalk')[0],
    options,
  };
}

// The address of the question that another method asks of what a finding was asked of.
export function ask_address(finding: Finding, method: string): string {
  const { count, assembly, challenges } = asked_of(finding, undefined);
  return address('run', { method, count, assembly, challenge: challenges });
}
