import { afterEach, describe, expect, it } from 'vitest';
import type { Figure, Finding, Table } from '../lib/finding.ts';
import { set_language } from '../lib/language.svelte.ts';
import { charts } from './kinds.ts';
import { pictures_of } from './from_tables.ts';

const many = (n: number, row: (i: number) => unknown[]) => Array.from({ length: n }, (_, i) => row(i));
// One small figure of every kind, and what its text alternative must say.
const samples: Record<string, { data: Record<string, unknown>; says: string[] }> = {
  choropleth: {
    data: {
      columns: ['label', 'value'],
      rows: [
        ['Beni', 41.2],
        ['La Paz', 70],
        ['Oruro', null],
      ],
      unit: '% of valid votes',
      unmatched: 1,
      boundaries: many(3, (i) => [
        {
          type: 'Polygon',
          coordinates: [
            [
              [i, 0],
              [i + 1, 0],
              [i + 1, 1],
              [i, 0],
            ],
          ],
        },
      ]).flat(),
    },
    says: ['From Beni (41.2) to La Paz (70.0)', 'Grey: 1', '1 places'],
  },
  'coalition-gap': {
    data: {
      needed: 24,
      denominator: 35,
      for: 12,
      against: 3,
      undeclared: 18,
      cannot_vote: 2,
      short_by: 12,
      columns: ['id', 'name', 'side', 'stance'],
      rows: [['A', 'Aland', 'for', 'declared']],
      scenarios: [{ id: 's', title: 'All who voted yes', size: 21 }],
    },
    says: ['Needed: 24 of 35', 'Short by 12', 'All who voted yes: 21'],
  },
  'flagged-units': {
    data: {
      columns: ['turnout_percent', 'leader_percent', 'probability'],
      rows: [
        [80, 40, 0.1],
        [99, 98, 0.9],
      ],
    },
    says: ['2 units; 1 have'],
  },
  hemicycle: {
    data: {
      columns: ['id', 'name', 'option', 'contested', 'known'],
      rows: many(34, (i) => [`M${i}`, `Member ${i}`, i < 21 ? 'yes' : i < 25 ? 'no' : 'abstain', i === 3, i === 5 ? 'recall' : 'sourced']),
      yes: 21,
      no: 4,
      abstain: 9,
      absent: 0,
      needed: 18,
      denominator: 34,
    },
    says: ['yes 21', 'no 4', 'Needed: 18 of 34', 'Member 3', 'Paler: 1'],
  },
  'ideal-points': {
    data: { columns: ['label', 'value', 'low', 'high'], rows: [['Aland', -1.2, -1.5, -0.9]], unit: 'dimension 1' },
    says: ['Aland -1.2 [-1.5, -0.9]'],
  },
  'ideal-points-plane': {
    data: {
      columns: ['label', 'group', 'x', 'x_low', 'x_high', 'y', 'y_low', 'y_high'],
      rows: [
        ['Aland', 'north', -1.2, -1.5, -0.9, 0.3, 0.1, 0.5],
        ['Bland', 'south', 1, 0.8, 1.2, 0, -0.2, 0.2],
      ],
      level: 0.9,
    },
    says: ['2 members', '2 groups', 'Aland -1.20 to Bland 1.00', '90 % intervals'],
  },
  'membership-timeline': {
    data: {
      bodies: [{ id: 'oas', name: 'An organisation' }],
      columns: ['body', 'member', 'name', 'from', 'until', 'status', 'known'],
      rows: [['oas', 'A', 'Aland', '1948-01-01', null, 'member', 'sourced']],
      day: '2020-10-21',
      counts: [
        { body: 'oas', year: 1948, members: 21, taking_part: 21 },
        { body: 'oas', year: 1962, members: 21, taking_part: 20 },
      ],
    },
    says: ['21 members, 20 taking part', 'October 21, 2020'],
  },
  'posterior-density': {
    data: { columns: ['quantity', 'from', 'to', 'density'], rows: many(10, (i) => ['pi', i / 10, (i + 1) / 10, 1]) },
    says: ['pi: mean 0.5, 95 % from 0.025 to 0.975'],
  },
  trace: {
    data: { columns: ['quantity', 'chain', 'iteration', 'value'], rows: many(20, (i) => ['pi', 1 + (i % 2), i, i / 20]) },
    says: ['1 quantities, 2 chains'],
  },
  bars: {
    data: {
      columns: ['label', 'value', 'note'],
      rows: [
        ['A', 120, 60],
        ['B', 80, 40],
      ],
      unit: 'votes',
    },
    says: ['A 120', 'B 80'],
  },
  decomposition: {
    data: { columns: ['label', 'which places were late', 'a change within them'], rows: [['precinct', 1.5, -0.25]], unit: 'points' },
    says: ['precinct: which places were late 1.50, a change within them -0.25'],
  },
  'digit-bars': {
    data: { columns: ['option', 'digit', 'observed', 'fair', 'low', 'high'], rows: many(10, (d) => ['A', d, d === 3 ? 14 : 10, 10, 9, 11]) },
    says: ['1 of 10', 'A 3 (14.00 %)'],
  },
  dumbbells: {
    data: {
      columns: ['label', 'value', 'reference'],
      rows: [
        ['1', 60, 50],
        ['2', 40, 50],
      ],
      unit: '%',
    },
    says: ['2 units', '1 lie above'],
  },
  'early-late': {
    data: {
      columns: ['early_points', 'late_points'],
      rows: [
        [1, 3],
        [2, 1],
      ],
    },
    says: ['2 places', '0.50 points higher'],
  },
  'excess-curve': {
    data: { leader: many(101, (i) => [i]).flat(), others: many(101, () => [10]).flat(), kappa: 2, peak_percent: 60 },
    says: ['2.000', '60 %', '2,420'],
  },
  fingerprint: {
    data: { counts: many(101, (i) => many(101, (j) => [i === 95 && j === 95 ? 5 : i === 50 && j === 40 ? 15 : 0]).flat()) },
    says: ['20 units', '5 units have both'],
  },
  intervals: {
    data: {
      columns: ['label', 'value', 'low', 'high'],
      rows: [
        ['a', 1, 0, 2],
        ['b', 2, null, null],
      ],
      unit: 'points',
    },
    says: ['a 1 [0, 2]', 'b 2'],
  },
  lattice: {
    data: {
      columns: ['set', 'members', 'slack', 'survives', 'minimal'],
      rows: [
        ['none', 0, 100, true, false],
        ['a', 1, 40, true, false],
        ['b', 2, -12, false, true],
        ['a, b', 3, -60, false, false],
      ],
      unit: 'votes',
    },
    says: ['2 of 4 sets', 'b (-12)', 'slack in votes'],
  },
  line: {
    data: {
      columns: ['x', 'y'],
      rows: [
        [1, 3.87],
        [2, 20.1],
        [10, 99],
      ],
      x_label: 'odds',
      unit: '%',
      log: true,
      references: [5, 50],
    },
    says: ['3.87 at 1', '99 at 10'],
  },
  'objected-map': {
    data: {
      units: 1,
      drawn: 1,
      cells: [
        [-65, -17, 3],
        [-60, -15, 2],
      ],
      columns: ['unit', 'latitude', 'longitude'],
      rows: [['1', -17, -65]],
    },
    says: ['1 units'],
  },
  'objected-plane': {
    data: {
      units: 1,
      drawn: 1,
      cells: [
        [80, 40, 9],
        [90, 95, 1],
      ],
      columns: ['unit', 'turnout_percent', 'share_percent'],
      rows: [['1', 90.5, 95.5]],
    },
    says: ['1 objected units', '10 units', '95.5 %'],
  },
  outcome: {
    data: {
      columns: ['reading', 'slack', 'survives', 'outcome'],
      rows: [
        ['as-counted', 35000.8, true, 'winner: A'],
        ['whole', -12, false, 'runoff'],
      ],
      unit: 'votes',
    },
    says: ['as counted: 35,001', 'changes under 1 of 2'],
  },
  'outlier-map': {
    data: {
      columns: ['latitude', 'longitude', 'z'],
      rows: [
        [-17, -65, 5],
        [-10, -60, -4],
      ],
    },
    says: ['1 have more', '1 less'],
  },
  'p-values': {
    data: {
      columns: ['method', 'p_value', 'p_adjusted'],
      rows: [
        ['last-digit', 0.2, 0.6],
        ['outliers', null, null],
      ],
    },
    says: ['last-digit 0.2 (0.6)', 'outliers –'],
  },
  'peak-comb': {
    data: { step_percent: 0.1, turnout: many(1001, (i) => [i % 10 === 0 ? 3 : 1]).flat(), share: many(1001, () => [1]).flat() },
    says: ['303 of 1,203'],
  },
  'placebo-jumps': {
    data: {
      cut: 80,
      jump: [80, 2, 0.5],
      placebos: [
        [10, 1, 0.5],
        [20, -3, 0.5],
      ],
    },
    says: ['2.00 points', '1 of 2'],
  },
  projection: {
    data: {
      early: 7.8,
      count: 10.5,
      quantiles: [
        [0.025, 9],
        [0.1, 9.3],
        [0.25, 9.6],
        [0.5, 10],
        [0.75, 10.3],
        [0.9, 10.6],
        [0.975, 11],
      ],
    },
    says: ['7.80', '10.50', '95 % interval 9.00 to 11.00'],
  },
  'running-margin': {
    data: {
      kind: 'order',
      cut: 60,
      columns: ['arrival', 'units', 'valid', 'margin_points', 'margin_needed_points'],
      rows: many(100, (i) => [i, i + 1, i, i / 10, i < 90 ? 5 : null]),
    },
    says: ['61.00 %', '9.90 points'],
  },
  slope: {
    data: {
      columns: ['place', 'before', 'after', 'controls_before', 'controls_after', 'weight'],
      rows: [
        ['p', 90, 91, 89, 88, 10],
        ['q', 80, 82, 81, 80, 30],
      ],
    },
    says: ['2 objected places: 82.5 % before, 84.3 % after', '2 sets of controls'],
  },
  'spike-density': {
    data: { cells: 1000, observed: many(2002, (i) => [i % 10]).flat(), fair: many(2002, () => [4.5]).flat() },
    says: ['mean of fair elections'],
  },
};

afterEach(() => set_language('en'));

describe('every kind of picture', () => {
  it('has a sample here', () => {
    expect(Object.keys(charts).filter((kind) => !(kind in samples))).toEqual([]);
  });
  for (const [kind, { data, says }] of Object.entries(samples)) {
    const figure: Figure = { id: 'f', kind, title: 'A title', data };
    const chart = charts[kind];
    if (!chart) throw new Error(`a sample of ${kind}, which is no kind of picture`);
    it(`${kind} draws itself within the width it is given, on a phone and on a page`, () => {
      for (const width of [330, 860]) {
        const drawn = chart.draw(figure, { width, document });
        expect(drawn.tagName).toBe('svg');
        expect(Number(drawn.getAttribute('width'))).toBeLessThanOrEqual(width);
        expect(drawn.outerHTML).not.toMatch(/NaN|undefined/);
      }
    });
    it(`${kind} states its numbers in words`, () => {
      const text = chart.describe(figure);
      for (const part of says) expect(text).toContain(part);
      expect(text).not.toMatch(/NaN|undefined|\{\}/);
    });
    it(`${kind} is all in Spanish when Spanish is chosen`, () => {
      const english = chart.describe(figure);
      set_language('es');
      expect(chart.describe(figure)).not.toBe(english);
    });
    it(`${kind} gives its numbers as a table`, () => {
      const table = chart.table(figure);
      expect(table.rows.length).toBeGreaterThan(0);
      for (const row of table.rows) expect(row.length).toBe(table.columns.length);
    });
    it(`${kind} refuses data that is not of its layout`, () => {
      expect(() => chart.draw({ ...figure, data: {} }, { width: 500, document })).toThrow();
    });
  }
});

describe("pictures that a finding's tables hold", () => {
  const readings: Table = {
    id: 'readings',
    title: 'R',
    columns: [{ name: 'reading' }, { name: 'slack_votes' }, { name: 'survives' }, { name: 'outcome' }],
    rows: [['whole', 5, true, 'winner: A']],
  };
  const finding = { id: 'x', figures: [], estimates: {}, tables: [readings] } as unknown as Finding;
  it('are told by the table', () => {
    expect(pictures_of(finding).map((made) => made.kind)).toEqual(['outcome']);
  });
  it('are none where the table lacks a column', () => {
    expect(pictures_of({ ...finding, tables: [{ ...readings, columns: [{ name: 'reading' }], rows: [['x']] }] })).toEqual([]);
  });
});
