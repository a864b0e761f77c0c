// Which units of a count are shown: by place and text, by a challenge, by bounds of columns.
import { untrack } from 'svelte';
import { api, type Selection } from '../api.ts';
import { bench } from '../state.svelte.ts';
import type { Numbers } from './columns.ts';
import type { CountColumns } from './count_columns.svelte.ts';
import { both, counted, mask, masked, type Condition } from './selection.ts';

// What the address and the search ask for; an object whose properties are read anew.
export interface Asked {
  place: number | null;
  words: string;
  challenge: string; // empty: none
}

// As a reader types a bound: with a point or a comma; null where it is no number.
export function bound(text: string): number | null {
  const value = Number(text.replace(',', '.'));
  return text.trim() === '' || !Number.isFinite(value) ? null : value;
}

export class Filters {
  bounds = $state<{ column: string; low: string; high: string }[]>([]);
  only_challenged = $state(false);
  challenged = $state.raw<Uint8Array | null>(null);
  base = $state.raw<Uint8Array | null>(null); // by place and text; null: all
  private count: CountColumns;
  private asked: Asked;
  private values = $state.raw<Record<string, Numbers>>({}); // of the columns that have a bound

  private readonly conditions = $derived.by((): Condition[] =>
    this.bounds.flatMap(({ column, low, high }) => {
      const values = this.values[column];
      const range = { low: bound(low), high: bound(high) };
      return values && (range.low !== null || range.high !== null) ? [{ values, range }] : [];
    }),
  );
  // Null: every unit.
  readonly shown = $derived.by((): Uint8Array | null => {
    const among = this.only_challenged ? this.challenged : null;
    if (this.base === null && among === null && this.conditions.length === 0) return null;
    const out = mask(this.count.info.units, this.conditions, this.base);
    return among ? both(out, among) : out;
  });
  readonly units = $derived.by(() => (this.shown ? counted(this.shown) : this.count.info.units));
  readonly challenged_shown = $derived.by(() => (this.challenged && this.shown ? both(this.challenged, this.shown) : this.challenged));

  constructor(count: CountColumns, asked: Asked) {
    this.count = count;
    this.asked = asked;
    $effect(() => this.select_base(asked.place, asked.words));
    $effect(() => this.select_challenged(asked.challenge));
    $effect(() => this.read_bounds());
  }

  clear(): void {
    this.bounds = [];
    this.only_challenged = false;
  }

  private select(selection: Selection): Promise<Uint8Array | undefined> {
    const { id, units } = this.count.info;
    return bench.attempt(async () => masked(units, (await api.select({ count: id, selection, keys: false })).units));
  }

  private select_base(place: number | null, words: string): void {
    if (place === null && !words) {
      this.base = null;
      return;
    }
    this.select({ ...(place === null ? {} : { place }), ...(words ? { text: words } : {}) }).then((got) => {
      if (got && place === this.asked.place && words === this.asked.words) this.base = got;
    });
  }

  private select_challenged(challenge: string): void {
    if (!challenge) {
      this.challenged = null;
      this.only_challenged = false;
      return;
    }
    this.select({ challenge }).then((got) => {
      if (got && challenge === this.asked.challenge) this.challenged = got;
    });
  }

  private read_bounds(): void {
    const from = this.count.store;
    if (!from) return;
    for (const { column } of this.bounds)
      if (column && !untrack(() => this.values[column]))
        bench
          .attempt(() => from.numbers(column))
          .then((got) => {
            if (got) this.values = { ...this.values, [column]: got };
          });
  }
}
