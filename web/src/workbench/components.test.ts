import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { set_language } from '../lib/language.svelte.ts';
import { ApiError, type CaseInfo, type Job, type Method } from './api.ts';
import CasePage from './case/CasePage.svelte';
import JobLine from './runs/JobLine.svelte';
import MethodForm from './runs/MethodForm.svelte';
import { bench, told } from './state.svelte.ts';
import ChallengeDialog from './units/ChallengeDialog.svelte';

const hostile = '<script>window.harmed = 1</script>';
const info: CaseInfo = {
  name: 'x.cotejo',
  version: '1',
  read_only: false,
  objects: [],
  chain: { commands: 1, head: '0'.repeat(64) },
  counts: [
    {
      id: 'x/final',
      revision: 1,
      title: hostile,
      contest: 'x',
      units: 3,
      unit: 'table',
      rows_set_aside: 0,
      official: true,
      snapshot_of: '',
      as_of: '',
      sha256: '',
      file: '',
      imported_at: '',
    },
    {
      id: 'x/quick',
      revision: 1,
      title: '',
      contest: 'x',
      units: 2,
      unit: 'table',
      rows_set_aside: 0,
      official: false,
      snapshot_of: 'x/final',
      as_of: '',
      sha256: '',
      file: '',
      imported_at: '',
    },
  ],
  challenges: [
    { id: 'c', revision: 1, count: 'x/final', units: 1, by: 'b\u202Ey', reason: hostile, source: 's' },
    { id: 'other', revision: 1, count: 'x/quick', units: 1, by: 'b', reason: 'r', source: 's' },
  ],
  crosswalks: [],
  assemblies: [],
  arrivals: ['x/times'],
  findings: [],
  dossiers: [],
};
const method: Method = {
  id: 'probe',
  family: 'tally',
  title: 'T',
  question: 'Q?',
  takes: '',
  assumes: '',
  cost: '',
  references: [],
  needs: { rule: true, challenges: true, challenges_required: true, against: 'several', arrivals: true, crosswalk: true, assembly: false },
  options: [
    { name: 'replicates', unit: 'replicates', text: 'How many.', type: 'whole', default: 999, low: 99, high: 100000 },
    { name: 'kind', unit: '', text: 'Which.', type: 'text', default: 'a', choices: ['a', 'b'] },
    { name: 'fast', unit: '', text: 'Quick?', type: 'flag', default: false },
  ],
};
const job = (changes: Partial<Job>): Job => ({
  id: '1',
  kind: 'run',
  state: 'running',
  stage: 'drawing',
  fraction: 0.25,
  position: 0,
  made_at: '',
  request: { method: 'probe' },
  error: null,
  result: null,
  ...changes,
});

beforeEach(() => {
  set_language('en');
  bench.info = info;
  // jsdom has the element but not what opens it.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
});
afterEach(cleanup);

describe('the form of a method', () => {
  it('is made from the option table and what the method takes', () => {
    render(MethodForm, { method, info, preset: {}, busy: false, taken: [], onrun: () => {} });
    expect((screen.getByLabelText('Count') as HTMLSelectElement).value).toBe('x/final');
    expect((screen.getByLabelText(/replicates/) as HTMLInputElement).value).toBe('999');
    expect(
      within(screen.getByLabelText('kind'))
        .getAllByRole('option')
        .map((option) => option.textContent),
    ).toEqual(['a', 'b']);
    expect(screen.getByText(/99 to 100,000/)).toBeTruthy();
    expect(screen.getByLabelText(/^c ·/)).toBeTruthy();
    expect(screen.queryByLabelText(/^other ·/)).toBeNull(); // a challenge of another count
    expect(screen.queryByLabelText('Crosswalk of codes')).toBeNull(); // the case has none
  });
  it('does not run without what the method needs, and says what is lacking', async () => {
    const onrun = vi.fn();
    render(MethodForm, { method, info, preset: {}, busy: false, taken: [], onrun });
    await fireEvent.input(screen.getByLabelText(/replicates/), { target: { value: '5' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(onrun).not.toHaveBeenCalled();
    const said = screen.getByRole('alert').textContent;
    expect(said).toContain('Choose at least one challenge of this count.');
    expect(said).toContain('replicates: not below 99');
  });
  it('asks with what was chosen, and leaves out what stands at its default', async () => {
    const onrun = vi.fn();
    render(MethodForm, { method, info, preset: { challenges: ['c'] }, busy: false, taken: ['probe-c'], onrun });
    await fireEvent.change(screen.getByLabelText('kind'), { target: { value: 'b' } });
    await fireEvent.click(screen.getByLabelText('x/times'));
    await fireEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(onrun).toHaveBeenCalledWith({
      method: 'probe',
      count: 'x/final',
      against: [],
      challenges: ['c'],
      arrivals: ['x/times'],
      options: { kind: 'b' },
      seed: 0,
      id: 'probe-c-2',
    });
  });
});

describe('a job', () => {
  it('shows how far it is and can be stopped', () => {
    render(JobLine, { job: job({}) });
    expect(screen.getByRole('progressbar').getAttribute('value')).toBe('25');
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
  });
  it('that failed says where, which value, and what to do', () => {
    const error = { code: 'value_invalid', message: 'not a number', file: 'a.csv', row: 7, column: 'valid', value: '1x', remedy: 'Write digits.' };
    render(JobLine, { job: job({ state: 'failed', error }) });
    expect(screen.getByRole('alert').textContent).toContain("a.csv, row 7, valid: not a number ('1x')");
    expect(screen.getByRole('alert').textContent).toContain('Write digits.');
    expect(told(new ApiError(400, error))).toBe("a.csv, row 7, valid: not a number ('1x')");
  });
});

describe('the case', () => {
  it('shows hostile text as text, and marks that turn the direction of writing as signs', () => {
    const { container } = render(CasePage);
    expect(container.querySelector('script')).toBeNull();
    expect(container.textContent).toContain(hostile);
    expect(container.textContent).toContain('b\\u{202e}y');
    expect((window as unknown as { harmed?: number }).harmed).toBeUndefined();
  });
  it('speaks Spanish', () => {
    set_language('es');
    const { container } = render(CasePage);
    expect(container.textContent).toContain('Cómputos');
    expect(container.textContent).toContain('Objeciones');
  });
});

describe('a selection that becomes a challenge', () => {
  const props = { open: true, count: 'x/final', units: 2, keys: () => Promise.resolve(['1', '2']), onclose: () => {}, onadded: () => {} };
  afterEach(() => vi.unstubAllGlobals());
  it('needs its name, who, why and from which document', async () => {
    const asked = vi.fn();
    vi.stubGlobal('fetch', asked);
    render(ChallengeDialog, props);
    await fireEvent.input(screen.getByLabelText('Name'), { target: { value: 'två' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Add the challenge' }));
    expect(asked).not.toHaveBeenCalled();
    expect(screen.getByText(/without accents/)).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toContain('are all needed');
  });
  it('names the units by their keys, and shows what the server refuses', async () => {
    const asked = vi.fn((_path: string, _init: RequestInit) =>
      Promise.resolve(
        new Response(JSON.stringify({ error: { code: 'conflict', message: 'taken', file: '', row: 0, column: '', value: 'm', remedy: 'Another name.' } }), {
          status: 409,
        }),
      ),
    );
    vi.stubGlobal('fetch', asked);
    render(ChallengeDialog, props);
    for (const [label, value] of [
      ['Name', 'm'],
      ['Who objects', 'w'],
      ['Why', 'y'],
      ['From which document', 'd'],
    ] as const)
      await fireEvent.input(screen.getByLabelText(label), { target: { value } });
    await fireEvent.click(screen.getByRole('button', { name: 'Add the challenge' }));
    await vi.waitFor(() => expect(screen.getByRole('alert').textContent).toContain("taken ('m') Another name."));
    const sent = asked.mock.calls.map(([, request]) => JSON.parse(request.body as string));
    expect(sent).toEqual([{ id: 'm', count: 'x/final', by: 'w', reason: 'y', source: 'd', units: ['1', '2'] }]);
  });
});
