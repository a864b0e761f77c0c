// @vitest-environment node
import { describe, expect, it } from 'vitest';
import type { Finding } from '../lib/finding.ts';
import { compared } from './compare.ts';

function made(changes: Partial<Finding>): Finding {
  return {
    id: 'a',
    method: 'strike',
    title: '',
    question: '',
    answer: 'yes',
    headline: '',
    inputs: [{ count: 'x/y', sha256: 'a'.repeat(64), units: 3 }],
    options: { level: '' },
    seed: 1,
    estimates: {},
    test: null,
    at_stake: null,
    conditions: [],
    caveats: [],
    does_not_show: [],
    references: [],
    tables: [],
    figures: [],
    ...changes,
  };
}
const estimate = (value: number | null, unit = 'votes', definition = 'd') => ({ value, low: null, high: null, level: null, unit, definition });

describe('two findings side by side', () => {
  it('takes the difference of estimates of one unit only', () => {
    const { estimates } = compared(
      made({ estimates: { margin: estimate(10.5), only: estimate(1), other_unit: estimate(1, 'points'), unknown: estimate(null) } }),
      made({ estimates: { margin: estimate(8), other_unit: estimate(2, 'votes'), unknown: estimate(3), new: estimate(4, 'votes') } }),
    );
    const by_name = Object.fromEntries(estimates.map((row) => [row.name, row]));
    expect(by_name.margin).toMatchObject({ difference: -2.5 });
    expect(by_name.only).toMatchObject({ first: 1, second: null, difference: null });
    expect(by_name.other_unit).toMatchObject({ difference: null, unit: 'points / votes' });
    expect(by_name.unknown).toMatchObject({ difference: null });
    expect(by_name.new).toMatchObject({ first: null, second: 4 });
  });
  it('matches rows by their first cell and columns by their name, wherever they stand', () => {
    const table = (columns: string[], rows: (string | number)[][]) => ({ id: 't', title: '', columns: columns.map((name) => ({ name })), rows });
    const { tables } = compared(
      made({
        tables: [
          table(
            ['reading', 'votes', 'gone'],
            [
              ['whole', 5, 1],
              ['void', 7, 1],
            ],
          ),
        ],
      }),
      made({
        tables: [
          table(
            ['reading', 'new', 'votes'],
            [
              ['void', 0, 7],
              ['transfer', 0, 9],
            ],
          ),
        ],
      }),
    );
    expect(tables).toMatchObject([
      {
        columns: ['votes'],
        left_out: ['gone', 'new'],
        rows: [
          { key: 'whole', where: 'first' },
          { key: 'void', where: 'both', cells: [{ first: 7, second: 7, difference: 0, differs: false }] },
          { key: 'transfer', where: 'second' },
        ],
      },
    ]);
  });
  it('loses no row where keys repeat', () => {
    const table = {
      id: 't',
      title: '',
      columns: [{ name: 'unit' }, { name: 'v' }],
      rows: [
        ['1', 1],
        ['1', 2],
      ],
    };
    expect(compared(made({ tables: [table] }), made({ tables: [table] })).tables).toMatchObject([{ rows: [{ key: '1' }, { key: '1 (2)' }] }]);
  });
  it('says what was asked differently, and which tables only one has', () => {
    const only = { id: 'only', title: '', columns: [{ name: 'a' }], rows: [] };
    const { different, only_first } = compared(made({ tables: [only] }), made({ options: { level: 'precinct' }, seed: 2 }));
    expect(different.map((row) => row.name)).toEqual(['level', 'seed']);
    expect(only_first).toEqual(['only']);
  });
});
