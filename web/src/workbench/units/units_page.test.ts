import { cleanup, configure, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaseInfo, CountEntry, CountInfo } from '../api.ts';
import { bench } from '../state.svelte.ts';
import UnitsPage from './UnitsPage.svelte';

const entry = (id: string, official: boolean): CountEntry => ({
  id,
  revision: 1,
  title: '',
  contest: 'x',
  units: 2,
  unit: 'table',
  rows_set_aside: 0,
  official,
  snapshot_of: '',
  as_of: '',
  sha256: '',
  file: '',
  imported_at: '',
});
const totals = { units: 2, registered: 30, cast: null, valid: 20, blank: null, null: null, options: [8, 12] };
const info_of = (id: string): CountInfo => ({
  ...entry(id, true),
  contest_title: '',
  date: '',
  options: [
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B' },
  ],
  levels: ['province'],
  columns: [
    { name: 'registered', kind: 'whole', title: 'registered' },
    { name: 'turnout_percent', kind: 'percent', title: 'turnout' },
    { name: 'share_percent:a', kind: 'percent', title: 'share of A' },
    { name: 'share_percent:b', kind: 'percent', title: 'share of B' },
  ],
  has_coordinates: false,
  caveats: [],
  source: '',
  rule: '',
  totals,
});
const patience = { timeout: 30_000 };
configure({ asyncUtilTimeout: 20_000 });
const grid = (column: string) => ({ column, low: 0, high: 100, bins: 1 });

// What the server answers; whole columns stay on their way.
function answer(path: string, body: string): unknown {
  const query = new URL(path, 'http://x/').searchParams;
  if (path.startsWith('api/count?')) return info_of(query.get('count') ?? '');
  if (path.startsWith('api/places')) return { count: '', revision: 1, place: null, path: [], children: [], totals, own_units: 2 };
  if (path.startsWith('api/pictures'))
    return { plane: { x: grid(query.get('x') ?? ''), y: grid(query.get('y') ?? ''), counts: [2], total: 2, outside: 0, missing: 0 }, map: null };
  if (path.startsWith('api/units')) {
    const { columns, selection } = JSON.parse(body) as { columns: string[]; selection: { units: number[] } };
    const row = (unit: number) => ({ unit, key: `k${unit}`, place: 0, place_name: 'P', values: columns.map((_, at) => 10 * unit + at) });
    return { total: 2, columns, units: selection.units.map(row) };
  }
  return undefined;
}

describe('the page of units', patience, () => {
  const asked = vi.fn((path: string, init?: RequestInit): Promise<Response> => {
    const found = answer(path, String(init?.body ?? ''));
    return found === undefined ? new Promise(() => {}) : Promise.resolve(new Response(JSON.stringify(found)));
  });
  const columns_asked = () => asked.mock.calls.filter(([path]) => path === 'api/units').map(([, init]) => JSON.parse(String(init?.body)).columns as string[]);
  const at = (query: string) => ({ query: new URLSearchParams(query) });
  beforeEach(() => {
    vi.stubGlobal('fetch', asked);
    vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe() {}
        disconnect() {}
      },
    );
    bench.info = { counts: [entry('x/final', true), entry('x/quick', false)], challenges: [], read_only: false } as unknown as CaseInfo;
  });
  afterEach(() => {
    cleanup();
    bench.info = null;
    asked.mockClear();
    vi.unstubAllGlobals();
  });

  it('asks for the rows in sight, and again when the axis brings another column', async () => {
    render(UnitsPage, at('count=x/final'));
    expect(await screen.findByText('k1')).toBeTruthy();
    expect(columns_asked()).toEqual([['turnout_percent', 'share_percent:b', 'registered']]);
    await fireEvent.change(screen.getByLabelText('against'), { target: { value: 'registered' } });
    expect(await screen.findByText('k1')).toBeTruthy();
    expect(columns_asked().slice(1)).toEqual([['registered', 'share_percent:b']]);
  });
  it('changes to another count without a trace of the first', async () => {
    const { rerender } = render(UnitsPage, at('count=x/final&find=zzz'));
    expect(await screen.findByRole('grid', { name: 'Units of x/final' })).toBeTruthy();
    await rerender(at('count=x/quick'));
    expect(await screen.findByRole('grid', { name: 'Units of x/quick' })).toBeTruthy();
    expect(screen.queryByRole('grid', { name: 'Units of x/final' })).toBeNull();
    expect((screen.getByLabelText('Unit or place') as HTMLInputElement).value).toBe('');
    expect(bench.error).toBeNull();
  });
});
