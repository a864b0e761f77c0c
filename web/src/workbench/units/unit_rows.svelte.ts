// Rows of units, fetched as they come into sight and kept while the columns are the same.
import { untrack } from 'svelte';
import { api, type UnitRow } from '../api.ts';
import { bench } from '../state.svelte.ts';
import type { CountColumns } from './count_columns.svelte.ts';

const most_kept = 20_000;
const most_at_once = 1000; // that the server gives

export class UnitRows {
  private count: CountColumns;
  private rows = new Map<number, UnitRow>();
  private arrivals = $state(0); // grows when rows arrive
  private columns: string[] = [];
  private asking: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(count: CountColumns) {
    this.count = count;
    $effect(() => {
      this.columns = count.listed;
      untrack(() => {
        this.rows.clear();
        this.arrivals++;
      });
    });
    $effect(() => () => {
      clearTimeout(this.timer);
      this.asking?.abort();
    });
  }

  // Undefined while it is not there yet.
  at(unit: number): UnitRow | undefined {
    void this.arrivals;
    return this.rows.get(unit);
  }

  // Of one unit, wherever it lies.
  async find(unit: number): Promise<UnitRow | undefined> {
    const known = this.rows.get(unit);
    if (known) return known;
    const { info, x_name, y_name } = this.count;
    const page = await bench.attempt(() => api.units({ count: info.id, selection: { units: [unit] }, columns: [x_name, y_name], limit: 1 }));
    return page?.units[0];
  }

  // The last that is wanted counts: whoever scrolls on does not wait for what is out of sight.
  want(units: Uint32Array): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch([...units].filter((unit) => !this.rows.has(unit))), 40);
  }

  private async fetch(units: number[]): Promise<void> {
    if (units.length === 0) return;
    const columns = this.columns;
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      const limit = Math.min(most_at_once, units.length);
      const page = await api.units({ count: this.count.info.id, selection: { units }, columns, limit }, this.asking.signal);
      if (columns !== this.columns) return;
      if (this.rows.size > most_kept) this.rows.clear();
      for (const row of page.units) this.rows.set(row.unit, row);
      this.arrivals++;
    } catch (problem) {
      if (!(problem instanceof DOMException)) bench.fail(problem);
    }
  }
}
