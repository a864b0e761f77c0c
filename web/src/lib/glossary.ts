// The words of the field that a report uses, each with its meaning. A word is found in the program's own texts, which are in English.
import type { Finding } from './finding.ts';

export interface Word {
  word: string;
  meaning: string;
}

interface Entry extends Word {
  found: RegExp;
}

const entry = (word: string, forms: string, meaning: string): Entry => ({ word, meaning, found: new RegExp(`(?<![\\w-])(?:${forms})(?![\\w-])`, 'i') });

export const words: readonly Entry[] = [
  entry('apportionment', 'apportionments?', 'A rule whose outcome is seats: its formula, thresholds and tiers.'),
  entry('arrival', 'arrivals?|arrived', 'When, or in which order, a return was published.'),
  entry('assertion', 'assertions?', 'One clause of the rule that an audit by sample confirms or does not.'),
  entry('batch', 'batch(?:es)?', 'What an audit by sample draws and counts by hand: here a unit or a precinct.'),
  entry('body', 'body|bodies|assembly|assemblies', 'An assembly that decides by the votes of its members.'),
  entry('challenge', 'challenges?|object(?:ed|s|ions?)', 'A named set of units or seats objected to: by whom, why, from which document.'),
  entry('contest', 'contests?', 'One question put to voters, an office or a referendum, with its options.'),
  entry(
    'contested ballots',
    'contested ballots?|ballots of unknown direction',
    'Ballots whose direction nobody knows: irregular, shut out, surplus or misread.',
  ),
  entry('count', 'counts?', 'One named, complete set of returns of one contest, such as the quick count at an instant or the official count.'),
  entry('credential', 'credentials?', 'Who may vote for a seat of an assembly.'),
  entry('dossier', 'dossiers?', 'The folder that an audit writes: findings, tables, hashes and this report.'),
  entry('false-alarm rate', 'false[- ]alarms?|false-alarm rates?', 'How often a test flags an election in which nothing is wrong.'),
  entry('ground', 'grounds?', 'One reason for objecting, with the units that it names; grounds combine.'),
  entry('interval', 'intervals?', 'The values that the figures leave possible at a stated level, such as 95 %.'),
  entry('late', 'late|early', 'Late units arrived after the cut that the finding names, early ones before it.'),
  entry('margin', 'margins?|lead', 'The difference between the first option and the second.'),
  entry('option', 'options?', 'What a vote is cast for: a candidate, a list, yes or no.'),
  entry('outcome', 'outcomes?', 'What the rule makes of the votes: a winner or a runoff; adopted or rejected.'),
  entry('p-value', 'p-values?|p =', 'How often figures at least as unusual come about when nothing is wrong. A small one does not prove fraud.'),
  entry('parallel tally', 'parallel tall(?:y|ies)', "Somebody else's copies of some returns: a party's, the public's, observers'."),
  entry('placebo', 'placebos?', 'A comparison in which nothing is expected; it shows how large a difference chance makes.'),
  entry('precinct', 'precincts?', 'The building with several polling tables; above it stand locality, municipality, province, department and country.'),
  entry('quick count', 'quick counts?', 'The preliminary count, published while the official count goes on.'),
  entry(
    'reading',
    'readings?',
    'One way of applying the rule when an objection is taken as founded: units excluded, votes cancelled, votes given to the runner-up, and others.',
  ),
  entry('return', 'returns?', 'What one unit reports: registered voters, ballots cast, valid, blank and null votes, votes per option.'),
  entry('risk limit', 'risk limits?|risk-limiting', 'The largest chance that an audit by sample confirms a wrong outcome.'),
  entry('roll call', 'roll calls?', "One vote of an assembly in which each member's vote is recorded."),
  entry('rule', 'rules?', 'What turns votes into an outcome, such as a majority of the valid votes, or 40 % with a lead of 10 points.'),
  entry('seat', 'seats?', "A member's place in an assembly."),
  entry('sheet', 'sheets?', 'What a level above the unit reports; the sheets of all levels must add up.'),
  entry('slack', 'slack|to spare', 'How many votes, ballots or seats the outcome is from another one.'),
  entry('transfer', 'transfers?|transferred', 'Where the voters of one option went in another election or on another ballot.'),
  entry('unit', 'units?', 'The smallest place that reports votes: a polling table.'),
];

// What a reader of these findings and sentences reads, in English.
export function texts_of(findings: Finding[], sentences: string[]): string {
  return [
    ...sentences,
    ...findings.flatMap((finding) => [
      finding.title,
      finding.question,
      finding.headline,
      ...finding.conditions.map((condition) => condition.text),
      ...finding.caveats,
      ...finding.does_not_show,
      ...Object.values(finding.estimates).flatMap((estimate) => [estimate.unit, estimate.definition]),
      ...finding.tables.flatMap((table) => [
        table.title,
        ...table.columns.flatMap((column) => [column.name.replaceAll('_', ' '), column.unit ?? '', column.definition ?? '']),
      ]),
    ]),
  ].join('\n');
}

// Those of the words that stand in the text, in the order of the alphabet.
export function glossary_of(text: string): Word[] {
  return words.filter(({ found }) => found.test(text)).map(({ word, meaning }) => ({ word, meaning }));
}
