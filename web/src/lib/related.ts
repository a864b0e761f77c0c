// Of a method that answers what a finding does not show: the findings of it on the same count or assembly.
import { input_of, type Finding } from './finding.ts';

const subject = ({ inputs: [first] }: Finding) => first && Object.values(input_of(first)).join(' ');

export function related_of(finding: Finding, method: string, all: Finding[]): string[] {
  return all.filter((each) => each.method === method && each.id !== finding.id && subject(each) === subject(finding)).map(({ id }) => id);
}
