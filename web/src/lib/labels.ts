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
