// The units that the reader has selected: by a brush, a list, one by one; with their totals.
import { untrack } from 'svelte';
import { counted as with_noun, number, t } from '../../lib/language.svelte.ts';
import { printable } from '../../lib/text.ts';
import { api, type Totals } from '../api.ts';
import { bench } from '../state.svelte.ts';
import type { CountColumns } from './count_columns.svelte.ts';
import type { Filters } from './filters.svelte.ts';
import type { Extent } from './raster.ts';
import { combined, counted, indices, mask, masked, type Combine } from './selection.ts';
import { units_of_list } from './unit_list.ts';
import type { BrushOn } from './view_link.ts';

export const most_totals = 100_000; // units that the server adds up
const most_bytes = 50_000_000; // of a list

export class SelectedUnits {
  mask = $state.raw<Uint8Array | null>(null); // null: none
  only = $state(false); // these alone in the table
  brush = $state.raw<BrushOn | null>(null); // the last that replaced the selection: the address keeps it
  awaited = $state.raw<BrushOn | null>(null); // by the address, until the columns are there
  told = $state(''); // of the list that was read
  totals = $state.raw<Totals | null>(null);
  readonly units = $derived.by(() => (this.mask ? counted(this.mask) : 0));
  private count: CountColumns;
  private filters: Filters;
  private before: Uint8Array | null = null;
  private gesture = false; // a brush is being drawn

  constructor(count: CountColumns, filters: Filters, awaited: BrushOn | null) {
    this.count = count;
    this.filters = filters;
    this.awaited = awaited;
    $effect(() => this.brush_awaited());
    $effect(() => this.add_up(this.mask));
  }

  brushed(on: BrushOn['on'], extent: Extent, how: Combine, done: boolean): void {
    const { x, y, longitude, latitude } = this.count;
    const [across, up] = on === 'map' ? [longitude, latitude] : [x, y];
    if (!across || !up) return;
    if (!this.gesture) this.before = this.mask;
    if (done) this.brush = how === 'replace' ? { on, extent } : null;
    this.gesture = !done;
    const within = [
      { values: across, range: { low: extent.x0, high: extent.x1 } },
      { values: up, range: { low: extent.y0, high: extent.y1 } },
    ];
    this.mask = combined(this.before, mask(this.count.info.units, within, this.filters.shown), how);
  }

  clear(): void {
    this.mask = null;
    this.brush = null;
    this.only = false;
    this.told = '';
  }

  toggle(unit: number): void {
    this.mask = combined(this.mask, masked(this.count.info.units, [unit]), this.mask?.[unit] ? 'remove' : 'add');
    if (counted(this.mask) === 0) this.clear();
  }

  select(units: Uint8Array | null): void {
    this.mask = units?.slice() ?? null;
  }

  async keys(): Promise<string[]> {
    const [selected, keys] = [this.mask, await this.count.store?.keys()];
    return selected && keys ? keys.filter((_, unit) => selected[unit]) : [];
  }

  async load_list(file: File): Promise<void> {
    const { store, info } = this.count;
    if (!store) return;
    await bench.attempt(async () => {
      if (file.size > most_bytes) throw new Error(t('The list is larger than 50 MB.'));
      const { units, repeated, unknown } = units_of_list(await file.text(), await store.keys());
      this.mask = units.length > 0 ? masked(info.units, units) : null;
      const some = unknown.slice(0, 5).map((cell) => printable(cell, 40));
      this.told = [
        t('{}: {} selected.', printable(file.name, 80), with_noun(units.length, '{} unit', '{} units')),
        repeated ? t('{} named twice.', number(repeated)) : '',
        unknown.length ? t('{} are no units of this count: {}', number(unknown.length), some.join(', ')) : '',
      ]
        .filter(Boolean)
        .join(' ');
      bench.notice = this.told;
    });
  }

  private brush_awaited(): void {
    const asked = this.awaited;
    const { x, y, longitude, latitude } = this.count;
    if (!asked || (asked.on === 'map' ? !longitude || !latitude : !x || !y)) return;
    untrack(() => {
      this.awaited = null;
      this.brushed(asked.on, asked.extent, 'replace', true);
    });
  }

  // A moment after the last change, and not while a brush is drawn.
  private add_up(selected: Uint8Array | null): () => void {
    this.totals = null;
    const timer = setTimeout(() => {
      if (!selected || this.gesture) return;
      const units = [...indices(selected)];
      if (units.length === 0 || units.length > most_totals) return;
      bench
        .attempt(() => api.select({ count: this.count.info.id, selection: { units }, keys: false }))
        .then((got) => {
          if (selected === this.mask) this.totals = got?.totals ?? null;
        });
    }, 150);
    return () => clearTimeout(timer);
  }
}
