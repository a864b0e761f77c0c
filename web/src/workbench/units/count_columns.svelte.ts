// A count as its page of units holds it: what its two pictures show, first as the server counted every unit into cells, then whole columns.
import { maxIndex } from 'd3';
import { api, type CountInfo } from '../api.ts';
import { bench } from '../state.svelte.ts';
import { Store, type Numbers } from './columns.ts';
import { column_label } from './labels.ts';
import { of_server, type Bins } from './raster.ts';

export class CountColumns {
  readonly info: CountInfo;
  share_of = $state(0); // index of the option on the share axis
  x_name = $state('');
  readonly y_name = $derived.by(() => `share_percent:${this.info.options[this.share_of]?.id}`);
  store = $state.raw<Store | null>(null); // null until the pictures are there: the columns are many times their size
  x = $state.raw<Numbers | null>(null);
  y = $state.raw<Numbers | null>(null);
  longitude = $state.raw<Numbers | null>(null);
  latitude = $state.raw<Numbers | null>(null);
  plane_first = $state.raw<Bins | null>(null);
  map_first = $state.raw<Bins | null>(null);
  // What the pictures show first, then the return's cells, then the options from the strongest down.
  readonly listed = $derived.by((): string[] => {
    const cells = this.info.columns.filter((column) => column.kind === 'whole').map((column) => column.name);
    return [...new Set([this.x_name, this.y_name, ...cells.sort((a, b) => this.votes_of(b) - this.votes_of(a))])].filter(Boolean);
  });

  // While the component is made, because the columns are read as they are asked for.
  constructor(info: CountInfo, query: URLSearchParams) {
    this.info = info;
    const asked = info.options.findIndex((option) => option.id === query.get('share'));
    this.share_of = asked >= 0 ? asked : Math.max(0, maxIndex(info.totals.options));
    const known = (name: string) => info.columns.some((column) => column.name === name);
    const against = query.get('against') ?? '';
    const whole = info.columns.find((column) => column.kind === 'whole')?.name ?? '';
    this.x_name = known(against) ? against : known('turnout_percent') ? 'turnout_percent' : whole;
    $effect(() => this.read_pictures(this.x_name, this.y_name));
    $effect(() => {
      const name = this.x_name;
      this.read(name, (got) => {
        if (name === this.x_name) this.x = got;
      });
    });
    $effect(() => {
      const name = this.y_name;
      this.read(name, (got) => {
        if (name === this.y_name) this.y = got;
      });
    });
  }

  title_of(name: string): string {
    return column_label(this.info, name);
  }

  // A column that is no option stands before all of them.
  private votes_of(name: string): number {
    return this.info.totals.options[this.info.options.findIndex((option) => option.id === name)] ?? Infinity;
  }

  private read_pictures(x: string, y: string): void {
    if (!x || !y) return;
    bench
      .attempt(() => api.pictures(`${this.info.id}@${this.info.revision}`, x, y))
      .then((got) => {
        if (got && x === this.x_name && y === this.y_name) {
          this.plane_first = of_server(got.plane);
          this.map_first = got.map && (this.map_first ?? of_server(got.map));
        }
        if (!this.store) this.fetch_columns();
      });
  }

  private fetch_columns(): void {
    const columns = new Store(`${this.info.id}@${this.info.revision}`, this.info.units, api.columns);
    this.store = columns;
    if (this.info.has_coordinates)
      bench
        .attempt(() => Promise.all([columns.numbers('longitude'), columns.numbers('latitude')]))
        .then((got) => {
          if (got) [this.longitude, this.latitude] = got;
        });
  }

  private read(name: string, take: (column: Numbers | null) => void): void {
    const from = this.store;
    if (from && name) bench.attempt(() => from.numbers(name)).then((got) => take(got ?? null));
  }
}
