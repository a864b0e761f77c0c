// What the first page shows: the findings of the primary questions, one picture, one table.
import { describe, expect, it } from 'vitest';
import type { Finding, Table } from '../lib/finding.ts';
import { caveats_of, first_picture, first_table, leading, subject_of, type Answer } from './report.ts';

const answer = (id: string, primary: boolean, findings: string[]): Answer => ({
  id,
  question: id,
  primary,
  findings,
  for_outcome: null,
  sentence: 's',
  clauses: ['s'],
});
const finding = (id: string, tables: Table[] = [], more: Partial<Finding> = {}): Finding & { command: string } => ({
  id,
  method: 'm',
  title: id,
  question: id,
  answer: 'yes',
  headline: 'h',
  inputs: [],
  options: {},
  seed: 1,
  estimates: {},
  test: null,
  at_stake: null,
  conditions: [],
  caveats: [],
  does_not_show: [],
  references: [],
  tables,
  figures: [],
  command: '',
  ...more,
});

const readings: Table = {
  id: 'readings',
  title: 'Readings',
  columns: ['reading', 'margin_points', 'slack_votes', 'outcome', 'survives'].map((name) => ({ name })),
  rows: [
    ['as-counted', 10.56, 34671.9, 'winner: A', true],
    ['whole', 10.07, 4772.2, 'winner: A', true],
    ['winner-void-valid-kept', 9.99, -46.1, 'runoff: A and B', false],
    ['transfer', 10, -0.2, 'runoff: A and B', false],
  ],
};
const units = (value: number) => ({ units_objected: { value, low: null, high: null, level: null, unit: 'units', definition: '' } });
const tally: Table = { id: 'tally', title: 'Votes', columns: ['option', 'votes', 'share_percent'].map((name) => ({ name })), rows: [['A', 3, 60]] };
const decisions: Table = {
  id: 'decisions',
  title: 'Decisions',
  columns: ['date', 'subject', 'answer', 'yes', 'no', 'abstain', 'needed', 'outcome'].map((name) => ({ name })),
  rows: [
    ['2020-10-21', 'first', 'yes', 21, 4, 9, 18, 'adopted'],
    ['2024-07-31', 'second', 'depends', 17, 0, 11, 18, 'rejected'],
  ],
};
const count = finding('count', [tally], {
  figures: [{ id: 'tally', kind: 'bars', title: 'Votes', data: { columns: ['label', 'value', 'note'], rows: [['A', 3, 60]], unit: 'votes' } }],
});
const strike = finding('strike', [readings], { estimates: units(226) });
const other = finding('other', [readings], { estimates: units(37) });
const vote = finding('vote', [], { figures: [{ id: 'hemicycle', kind: 'hemicycle', title: 'The vote', data: {} }] });

describe('the first page', () => {
  it('takes the findings of the primary questions, or of the first where none is primary', () => {
    const findings = [count, strike, other, vote];
    expect(leading({ findings, answers: [answer('a', false, ['vote']), answer('b', true, ['strike', 'count'])] }).map(({ id }) => id)).toEqual([
      'strike',
      'count',
    ]);
    expect(leading({ findings, answers: [answer('a', false, ['vote'])] }).map(({ id }) => id)).toEqual(['vote']);
  });
  it('has the readings of what was objected to as its picture, told apart by how many units', () => {
    const { figure } = first_picture([count, strike, other])!;
    const rows = figure.data.rows as unknown[][];
    expect(figure.kind).toBe('outcome');
    expect(rows.map((row) => row[4])).toEqual([null, 226, 226, 226, 37, 37, 37]);
  });
  it('has the decision asked about as its picture', () => {
    expect(first_picture([vote, finding('all', [decisions])])!.figure.kind).toBe('hemicycle');
  });
  it('has the readings in whole votes as its table, but no slack that is less than one written as none', () => {
    const { table } = first_table([count, strike], (n) => `${n} units`)!;
    expect(table.rows.map((row) => row[3])).toEqual([34672, 4772, -46, -0.2]);
    expect(table.rows.map((row) => row[0])).toEqual([null, '226 units', '226 units', '226 units']);
  });
  it('has the decisions as its table, those that depend on a reading first', () => {
    expect(first_table([vote, finding('all', [decisions])], String)!.table.rows.map((row) => row[1])).toEqual(['second', 'first']);
  });
  it('leaves a picture that fills a page of its own to the annex', () => {
    const rows = (n: number) => [{ id: 'power', kind: 'intervals', title: 'Power', data: { rows: Array.from({ length: n }, () => ['A', 1, 1, 1]) } }];
    expect(first_picture([finding('power', [], { figures: rows(35) })])).toBeNull();
    expect(first_picture([finding('power', [], { figures: rows(20) })])!.figure.kind).toBe('intervals');
  });
  it('falls back to the first picture and table there are', () => {
    expect(first_picture([count])!.figure.kind).toBe('bars');
    expect(first_table([count], String)!.name).toBe('count.tally');
    expect(first_picture([finding('bare')])).toBeNull();
    expect(first_table([finding('bare')], String)).toBeNull();
  });
});

describe('the annexes', () => {
  it('hold every caveat once, numbered', () => {
    const with_caveats = (id: string, caveats: string[]) => finding(id, [], { caveats });
    expect([...caveats_of([with_caveats('a', ['x', 'y']), with_caveats('b', ['y', 'z'])])]).toEqual([
      ['x', 1],
      ['y', 2],
      ['z', 3],
    ]);
  });
  it('tell findings with one question apart by what was objected to, or by their counts', () => {
    const same = { question: 'q' };
    const count_of = (id: string, inputs: string[]) => finding(id, [], { ...same, inputs: inputs.map((count) => ({ count, sha256: '', units: 1 })) });
    const one = count_of('one', ['c/1']),
      two = count_of('two', ['c/2', 'c/1']),
      struck = finding('s', [], { ...same, estimates: units(37) }),
      alone = finding('alone');
    const counts = ['c/1', 'c/2'].map((id) => ({
      id,
      title: id === 'c/1' ? 'Official' : '',
      source: '',
      sha256: '',
      file: '',
      units: 1,
      set_aside: [],
      votes_set_aside: { rows: 0, votes_at_least: 0, votes_at_most: 0, could_decide: false },
      set_aside_accepted: '',
    }));
    const report = { findings: [one, two, struck, alone], counts };
    expect(subject_of(one, report)).toEqual({ kind: 'counts', titles: ['Official'] });
    expect(subject_of(two, report)).toEqual({ kind: 'counts', titles: ['c/2', 'Official'] });
    expect(subject_of(struck, report)).toEqual({ kind: 'units', units: 37 });
    expect(subject_of(alone, report)).toBeNull();
  });
});
