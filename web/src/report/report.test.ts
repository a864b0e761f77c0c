// What the first page shows: the findings of the primary questions, one picture, one table.
import { describe, expect, it } from 'vitest';
import type { Finding, Table } from '../lib/finding.ts';
import { first_picture, first_table, leading, type Answer } from './report.ts';

const answer = (id: string, primary: boolean, findings: string[]): Answer => ({ id, question: id, primary, findings, for_outcome: null, sentence: 's', clauses: ['s'] });
const finding = (id: string, tables: Table[] = [], more: Partial<Finding> = {}): Finding & { command: string } => ({ id, method: 'm', title: id, question: id, answer: 'yes', headline: 'h', inputs: [], options: {}, seed: 1, estimates: {}, test: null, at_stake: null, conditions: [], caveats: [], does_not_show: [], references: [], tables, figures: [], command: '', ...more });

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
const count = finding('count', [tally]);
const strike = finding('strike', [readings], { estimates: units(226) });
const other = finding('other', [readings], { estimates: units(37) });
const vote = finding('vote', [], { figures: [{ id: 'hemicycle', kind: 'hemicycle', title: 'The vote', data: {} }] });

describe('the first page', () => {
  it('takes the findings of the primary questions, or of the first where none is primary', () => {
    const findings = [count, strike, other, vote];
    expect(leading({ findings, answers: [answer('a', false, ['vote']), answer('b', true, ['strike', 'count'])] }).map(({ id }) => id)).toEqual(['strike', 'count']);
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
    expect(table.rows[1][0]).toBe('226 units');
  });
  it('has the decisions as its table, those that depend on a reading first', () => {
    expect(first_table([vote, finding('all', [decisions])], String)!.table.rows.map((row) => row[1])).toEqual(['second', 'first']);
  });
  it('falls back to the first picture and table there are', () => {
    expect(first_picture([count])!.figure.kind).toBe('bars');
    expect(first_table([count], String)!.name).toBe('count.tally');
    expect(first_picture([finding('bare')])).toBeNull();
    expect(first_table([finding('bare')], String)).toBeNull();
  });
});
