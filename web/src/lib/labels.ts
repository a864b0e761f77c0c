// Machine names in words. The name itself stays in tooltips, files and the data.

const readings: Record<string, string> = {
  'as-counted': 'as counted',
  whole: 'units excluded',
  'winner-void': "winner's votes cancelled",
  'winner-void-valid-kept': 'cancelled, valid total kept',
  transfer: 'given to the runner-up',
  precinct: 'whole places excluded',
};

// Of a reading; one that has none is its own.
export function reading_label(name: string): string {
  return readings[name] ?? name;
}

// Names that say more, or less, than their words.
const names: Record<string, string> = {
  slack_votes: 'votes to spare',
  slack_seats: 'votes to spare',
  survives: 'same outcome',
  what: 'what it is',
  proved: 'no fewer do',
  then: 'outcome then',
  rhat: 'R-hat',
  ess_bulk: 'ESS, bulk',
  ess_tail: 'ESS, tail',
  p_value: 'p-value',
  p_error: 'error of the p-value',
  p_corrected: 'p-value, corrected',
  p_asymptotic: 'p-value, asymptotic',
  p_holm: 'p-value, corrected',
  at_most: 'at most',
  for_outcome: 'for the outcome',
  low_95: 'low, 95 %',
  high_95: 'high, 95 %',
  first: 'in the first',
  second: 'in the second',
};

// Of a column, a figure or an estimate: its words, with the unit that its name ends in; a name that was no machine's is its own.
export function label(name: string): string {
  if (names[name]) return names[name];
  if (!/^[a-z][a-z0-9]*(_[A-Za-z0-9/.-]+)+$/.test(name)) return name;
  return name
    .replace(/_percent$/, ', %')
    .replace(/_points$/, ', points')
    .replaceAll('_', ' ');
}
