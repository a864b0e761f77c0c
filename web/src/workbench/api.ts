// The server's API (docs/api/openapi.yaml), typed. One function, one request; a refusal is an ApiError with the program's own words.
import type { Answer, Finding, SetAside } from '../lib/finding.ts';
import type { Messages } from '../lib/messages.ts';

export interface CountEntry {
  id: string;
  revision: number;
  title: string;
  contest: string;
  units: number;
  unit: string;
  rows_set_aside: number;
  official: boolean;
  snapshot_of: string;
  as_of: string;
  sha256: string;
  file: string;
  imported_at: string;
}

export interface ChallengeEntry {
  id: string;
  revision: number;
  count: string;
  units: number;
  by: string;
  reason: string;
  source: string;
}

export interface AssemblyEntry {
  id: string;
  revision: number;
  title: string;
  members: number;
  bodies: number;
  roll_calls: number;
  sha256: string;
  file: string;
  imported_at: string;
}

// Whatever has an id.
export type ObjectKind = 'count' | 'challenge' | 'crosswalk' | 'arrival' | 'assembly' | 'rule' | 'finding';

export interface ObjectEntry {
  kind: ObjectKind;
  id: string;
  revisions: number;
  retired: { by: string; reason: string; at: string } | null;
}

export interface ObjectEvent {
  at: string;
  what: 'add' | 'replace' | 'correct' | 'retire' | 'restore' | 'rename';
  revision: number;
  by: string;
  reason: string;
  file: string;
  sha256: string;
  new_id: string;
}

export interface ObjectChange {
  action: 'retire' | 'restore' | 'rename';
  kind: ObjectKind;
  id: string;
  new_id?: string;
  by: string;
  reason: string;
}

export interface CaseInfo {
  name: string;
  version: string;
  read_only: boolean;
  counts: CountEntry[];
  challenges: ChallengeEntry[];
  crosswalks: string[];
  arrivals: string[];
  assemblies: AssemblyEntry[];
  objects: ObjectEntry[];
  chain: { commands: number; head: string };
  findings: { id: string; revision: number; revisions: number; method: string; answer: Answer; headline: string; messages?: Messages; made_at: string }[];
  dossiers: string[];
}

// A count whose figures are typed.
export interface EnteredCount {
  id: string;
  kind: 'totals' | 'register' | 'contested';
  like: string;
  by: string;
  source: string;
  reason?: string;
  replace?: string;
  cells: { unit: string; field: string; value: number }[];
}

export interface Correction {
  count: string;
  by: string;
  reason: string;
  source: string;
  cells: { unit: string; field: string; value?: number }[]; // without a value: missing
}

export interface NewNote {
  count: string;
  unit: string;
  by: string;
  text: string;
  sign_off: boolean;
}

export interface Activity {
  command: number;
  at: string;
  what: string;
  by: string;
  reason: string;
}

export interface Totals {
  units: number;
  registered: number | null;
  cast: number | null;
  valid: number;
  blank: number | null;
  null: number | null;
  options: number[];
}

export interface ColumnInfo {
  name: string;
  kind: 'whole' | 'percent' | 'degrees';
  title: string;
}

export interface CountInfo extends Omit<CountEntry, 'file' | 'imported_at'> {
  contest_title: string;
  date: string;
  options: { id: string; name: string }[];
  levels: string[];
  columns: ColumnInfo[];
  has_coordinates: boolean;
  caveats: string[];
  source: string;
  rule: string;
  totals: Totals;
}

export interface OptionInfo {
  name: string;
  unit: string;
  text: string;
  type: 'whole' | 'real' | 'flag' | 'text';
  default: number | boolean | string;
  low?: number;
  high?: number;
  choices?: string[];
}

export interface Method {
  id: string;
  family: string;
  title: string;
  question: string;
  takes: string;
  needs: {
    rule: boolean;
    challenges: boolean;
    challenges_required: boolean;
    against: 'none' | 'one' | 'several';
    arrivals: boolean;
    crosswalk: boolean;
    assembly: boolean;
  };
  assumes: string;
  cost: string;
  references: string[];
  options: OptionInfo[];
  messages?: Messages;
}

export interface PlaceEntry {
  place: number;
  name: string;
  code: string;
  level: string;
}

export interface Places {
  count: string;
  revision: number;
  place: number | null;
  path: PlaceEntry[];
  children: (PlaceEntry & { totals: Totals })[];
  totals: Totals;
  own_units: number;
}

export interface Selection {
  place?: number;
  challenge?: string;
  not_challenge?: string;
  text?: string;
  units?: number[];
}

export interface UnitRow {
  unit: number;
  key: string;
  place: number | null;
  place_name: string;
  values: (number | null)[];
}

export interface UnitsPage {
  count: string;
  revision: number;
  total: number;
  offset: number;
  columns: string[];
  units: UnitRow[];
}

// Units counted into cells, row by row from the lowest y.
export interface Grid {
  x: { column: string; low: number; high: number; bins: number };
  y: { column: string; low: number; high: number; bins: number };
  counts: number[];
  total: number;
  outside: number;
  missing: number;
}

export interface Pictures {
  count: string;
  revision: number;
  plane: Grid;
  map: Grid | null;
}

export interface Selected {
  count: string;
  revision: number;
  total: number;
  units: number[];
  keys?: string[];
  totals: Totals;
}

export interface ReturnCell {
  field: string;
  title: string;
  value: number | null;
}

export interface UnitReturn {
  count: string;
  revision: number;
  title: string;
  unit: number;
  place: number | null;
  path: PlaceEntry[];
  latitude: number | null;
  longitude: number | null;
  cells: ReturnCell[];
  options: ReturnCell[];
  defects: { field: string; value: string; rule: string }[];
}

export interface UnitInfo {
  key: string;
  counts: UnitReturn[];
  challenges: ChallengeEntry[];
  history: {
    count: string;
    revision: number;
    at: string;
    how:
      | 'import'
      | 'correction'
      | 'note'
      | 'signed off'
      | 'set aside'
      | 'challenge'
      | 'count retired'
      | 'count restored'
      | 'challenge retired'
      | 'challenge restored';
    file: string;
    sha256: string;
    by: string;
    reason: string;
    source: string;
    cells: { field: string; before: number | null; after: number | null }[];
  }[];
}

// What a method is asked with; also one finding of a plan.
export interface Asked {
  id?: string;
  method: string;
  count?: string;
  assembly?: string; // in the place of a count
  challenges?: string[];
  against?: string[];
  arrivals?: string[];
  crosswalk?: string;
  options?: Record<string, string | number | boolean>;
}

export interface RunRequest extends Asked {
  seed?: number;
  save?: boolean;
}

export interface Problem {
  code: string;
  message: string;
  file: string;
  row: number;
  column: string;
  value: string;
  remedy: string;
}

export interface Job {
  id: string;
  kind: 'run' | 'import' | 'dossier';
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  stage: string;
  fraction: number;
  position: number;
  made_at: string;
  request: Record<string, unknown>;
  error: Problem | null;
  result: Record<string, unknown> | null;
}

export interface PlanRequest {
  id: string;
  title: string;
  question: string;
  seed: number;
  findings: (Asked & { id: string })[];
}

export interface Upload {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
}

export interface ProposeRequest {
  upload: string;
  toml?: string;
  id?: string;
  [answer: string]: string | number | string[] | undefined;
}

export interface Proposal {
  guesses: { what: string; value: string; evidence: string; doubt: number; alternatives: string[] }[];
  questions: { text: string; option: string; choices: string[] }[];
  toml: string;
  preview: { columns: string[]; rows: string[][] } | null;
  reads: {
    kind: 'count' | 'crosswalk' | 'arrival';
    id: string;
    units: number;
    rows_set_aside: { row: number; column: string; value: string; reason: string }[];
    set_aside: (SetAside & { needs_reason: boolean; options: { option: string; title: string; votes_at_least: number; votes_at_most: number }[] }) | null;
    another_country: string;
    totals: { field: string; title: string; total: number }[];
  } | null;
  problem: Problem | null;
}

// What went wrong, in the program's words: the sentence with its place, and the remedy.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }
}

function unreachable(reason: string): ApiError {
  return new ApiError(0, {
    code: 'unreachable',
    message: `The server does not answer (${reason}).`,
    file: '',
    row: 0,
    column: '',
    value: '',
    remedy: 'Is `cotejo serve` still running? Start it again and follow its link.',
  });
}

async function asked(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...init });
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === 'AbortError') throw reason;
    throw unreachable(reason instanceof Error ? reason.message : String(reason));
  }
  if (response.ok) return response;
  let problem: Problem | undefined;
  try {
    problem = ((await response.json()) as { error: Problem }).error;
  } catch {
    // no JSON: told below
  }
  throw problem ? new ApiError(response.status, problem) : unreachable(`HTTP ${response.status}`);
}

const got = async <T>(path: string, query: Record<string, string | number | undefined> = {}, signal?: AbortSignal): Promise<T> => {
  const text = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))).toString();
  return (await asked(text ? `${path}?${text}` : path, { signal })).json() as Promise<T>;
};

const posted = async <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  (await asked(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal })).json() as Promise<T>;

const job_path = (id: string) => `api/jobs/${encodeURIComponent(id)}`;

export const api = {
  case: () => got<CaseInfo>('api/case'),
  count: (count: string) => got<CountInfo>('api/count', { count }),
  methods: () => got<Method[]>('api/methods'),
  places: (count: string, place?: number) => got<Places>('api/places', { count, place }),
  units: (request: { count: string; selection?: Selection; columns?: string[]; limit?: number }, signal?: AbortSignal) =>
    posted<UnitsPage>('api/units', request, signal),
  select: (request: { count: string; selection: Selection; keys?: boolean }, signal?: AbortSignal) => posted<Selected>('api/select', request, signal),
  pictures: (count: string, x: string, y: string) => got<Pictures>('api/pictures', { count, x, y }),
  columns: async (count: string, names: string[]) => (await asked(`api/columns?${new URLSearchParams({ count, names: names.join(',') })}`)).arrayBuffer(),
  unit: (key: string) => got<UnitInfo>('api/unit', { key }),
  outcome: (count: string) => got<Finding>('api/outcome', { count }),
  activity: () => got<Activity[]>('api/activity'),
  correct: (correction: Correction) => posted<{ count: string; revision: number; added: boolean }>('api/corrections', correction),
  write_note: (note: NewNote) => posted<{ count: string; unit: string; sign_off: boolean }>('api/notes', note),
  enter_count: (count: EnteredCount) => posted<{ id: string; units: number; sha256: string; added: boolean }>('api/counts/entered', count),
  add_challenge: (challenge: { id: string; count: string; by: string; reason: string; source: string; units: string[]; replace?: string }) =>
    posted<{ id: string; count: string; revision: number; units: number; added: boolean }>('api/challenges', challenge),
  change_object: (change: ObjectChange) => posted<{ kind: string; id: string; changed: boolean }>('api/objects', change),
  revisions: (kind: string, id: string) => got<ObjectEvent[]>('api/revisions', { kind, id }),
  findings: () => got<Finding[]>('api/findings'),
  run: (request: RunRequest) => posted<Job>('api/runs', request),
  jobs: () => got<Job[]>('api/jobs'),
  job: (id: string) => got<Job>(job_path(id)),
  cancel: async (id: string) => (await asked(job_path(id), { method: 'DELETE' })).json() as Promise<Job>,
  finding: (id: string) => got<Finding>(`${job_path(id)}/finding`),
  save: (id: string) => posted<Job>(`${job_path(id)}/save`, {}),
  plan: (request: PlanRequest) => posted<{ toml: string; notes: string[] }>('api/plan', request),
  upload: async (file: File) =>
    (
      await asked(`api/uploads?${new URLSearchParams({ name: file.name })}`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: file,
      })
    ).json() as Promise<Upload>,
  propose: (request: ProposeRequest) => posted<Proposal>('api/import/propose', request),
  import: (upload: string, toml: string, replace = '', reason = '') =>
    posted<Job>('api/import', { upload, toml, ...(replace ? { replace } : {}), ...(reason ? { accept_set_aside: reason } : {}) }),
  dossier: (name: string, plan: PlanRequest) => posted<Job>('api/dossier', { name, plan }),
};

// Follows a job to its end; `told` gets every state. Returns what stops following.
export function follow(id: string, told: (job: Job) => void, lost: () => void): () => void {
  const events = new EventSource(`${job_path(id)}/events`);
  events.addEventListener('progress', (event) => told(JSON.parse((event as MessageEvent<string>).data) as Job));
  events.addEventListener('end', (event) => {
    events.close();
    told(JSON.parse((event as MessageEvent<string>).data) as Job);
  });
  events.onerror = () => {
    if (events.readyState === EventSource.CLOSED) lost();
  };
  return () => events.close();
}
