// What the pages share: the case as the server last told it, the registry, the jobs, and the findings of both.
import type { Finding } from '../lib/finding.ts';
import type { Messages } from '../lib/messages.ts';
import { t } from '../lib/language.svelte.ts';
import { api, ApiError, follow, type CaseInfo, type Job, type Method, type RunRequest } from './api.ts';

export interface Shown {
  key: string; // in addresses: "kept-3" (kept in the case), "job-7" (of this session, not kept)
  id: string;
  method: string;
  answer: Finding['answer'];
  headline: string;
  messages?: Messages;
  at: string;
  kept: boolean;
  job: Job | null;
}

class Bench {
  info = $state.raw<CaseInfo | null>(null);
  methods = $state.raw<Method[]>([]);
  jobs = $state.raw<Job[]>([]);
  error = $state<{ told: string; remedy: string } | null>(null);
  notice = $state('');
  // Pages of units remember what was chosen while another page is open.
  count = $state('');
  // Whoever works is named once and stands in every challenge and revision.
  who = $state(localStorage.getItem('who') ?? '');
  named(who: string): void {
    this.who = who.trim();
    localStorage.setItem('who', this.who);
  }
  // When a job was first seen to run, for the time that is left.
  private began = new Map<string, { at: number; fraction: number }>();

  private kept: Promise<Finding[]> | null = null;
  private of_jobs = new Map<string, Promise<Finding>>();
  private followed = new Set<string>();

  get running(): Job[] {
    return this.jobs.filter((job) => job.state === 'queued' || job.state === 'running');
  }

  // Every finding there is to show: those kept in the case, then those of this session's runs, newest first.
  get findings(): Shown[] {
    const kept = (this.info?.findings ?? []).map((entry, at): Shown => ({ ...entry, key: `kept-${at}`, at: entry.made_at, kept: true, job: null }));
    const fresh = this.jobs
      .filter((job) => job.kind === 'run' && job.state === 'done' && job.result && !job.result.saved)
      .map((job): Shown => {
        const result = job.result as { id: string; method: string; answer: Finding['answer']; headline: string; messages?: Messages };
        return { ...result, key: `job-${job.id}`, at: job.made_at, kept: false, job };
      });
    return [...fresh.reverse(), ...kept.reverse()];
  }

  // Says what failed and goes on; for what a page does without a place of its own for errors.
  fail(problem: unknown): void {
    if (problem instanceof ApiError) this.error = { told: told(problem), remedy: problem.problem.remedy };
    else {
      console.error(problem);
      this.error = { told: problem instanceof Error ? problem.message : String(problem), remedy: '' };
    }
  }

  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      this.error = null;
      return await work();
    } catch (problem) {
      this.fail(problem);
      return undefined;
    }
  }

  async open(): Promise<void> {
    await this.attempt(async () => {
      const [info, methods, jobs] = await Promise.all([api.case(), api.methods(), api.jobs()]);
      this.info = info;
      this.methods = methods;
      this.jobs = jobs;
      for (const job of this.running) this.follow(job.id);
    });
  }

  async refresh(): Promise<void> {
    this.info = await api.case();
    this.kept = null;
  }

  finding(key: string): Promise<Finding> {
    const [kind, name] = [key.slice(0, key.indexOf('-')), key.slice(key.indexOf('-') + 1)];
    if (kind === 'job') {
      let found = this.of_jobs.get(name);
      if (!found) {
        this.of_jobs.set(name, (found = api.finding(name)));
        found.catch(() => this.of_jobs.delete(name));
      }
      return found;
    }
    if (!this.kept) {
      this.kept = api.findings();
      this.kept.catch(() => (this.kept = null));
    }
    return this.kept.then((all) => {
      const finding = all[Number(name)];
      if (!finding) throw new Error(t('There is no such finding.'));
      return finding;
    });
  }

  // Seconds that are left at the pace so far; null where that cannot be told yet.
  left(job: Job): number | null {
    const began = this.began.get(job.id);
    const done = began ? job.fraction - began.fraction : 0;
    if (!began || job.state !== 'running' || done < 0.02) return null;
    return ((Date.now() - began.at) / 1000 / done) * (1 - job.fraction);
  }

  told(job: Job): void {
    if (job.state === 'running' && !this.began.has(job.id)) this.began.set(job.id, { at: Date.now(), fraction: job.fraction });
    const at = this.jobs.findIndex((each) => each.id === job.id);
    this.jobs = at < 0 ? [...this.jobs, job] : this.jobs.map((each) => (each.id === job.id ? job : each));
  }

  // Until it has ended; then the case is read again, for it may hold more.
  follow(id: string, ended?: (job: Job) => void): void {
    if (this.followed.has(id)) return;
    this.followed.add(id);
    const take = (job: Job) => {
      this.told(job);
      if (job.state === 'queued' || job.state === 'running') return;
      this.followed.delete(id);
      this.notice = job.state === 'done' ? t('Done.') : job.state === 'cancelled' ? t('Cancelled.') : t('Failed.');
      ended?.(job);
      if (job.state === 'done' && (job.kind !== 'run' || job.result?.saved)) this.refresh().catch((problem: unknown) => this.fail(problem));
    };
    follow(id, take, () => {
      this.followed.delete(id);
      api.job(id).then(take, (problem: unknown) => this.fail(problem));
    });
  }

  async run(request: RunRequest): Promise<Job> {
    const job = await api.run(request);
    this.told(job);
    this.follow(job.id);
    return job;
  }

  async cancel(id: string): Promise<void> {
    await this.attempt(async () => this.told(await api.cancel(id)));
  }

  async save(id: string): Promise<void> {
    await this.attempt(async () => {
      this.told(await api.save(id));
      await this.refresh();
    });
  }
}

// An error in a sentence: where, what, which value.
export function told(problem: ApiError | { problem: ApiError['problem'] }): string {
  const { file, row, column, value, message } = problem.problem;
  const place = [file, row > 0 ? t('row {}', row) : '', column].filter(Boolean).join(', ');
  return `${place ? `${place}: ` : ''}${message}${value ? ` ('${value}')` : ''}`;
}

export const bench = new Bench();
