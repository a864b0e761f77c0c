// Every kind of picture, by the `kind` of a finding's figure (docs/formats/finding.md). One file, one picture.
import type { Finding, Figure, Table } from '../lib/finding.ts';
import { bars } from './bars.ts';
import { choropleth } from './choropleth.ts';
import { coalition } from './coalition.ts';
import { comb } from './comb.ts';
import { decomposition } from './decomposition.ts';
import { digits } from './digits.ts';
import { dumbbells } from './dumbbells.ts';
import { early_late } from './early_late.ts';
import { excess } from './excess.ts';
import { flagged } from './flagged.ts';
import { hemicycle } from './hemicycle.ts';
import { intervals } from './intervals.ts';
import { lattice } from './lattice.ts';
import { line } from './line.ts';
import { map } from './map.ts';
import { outcome } from './outcome.ts';
import { p_values } from './p_values.ts';
import { placebo } from './placebo.ts';
import { fingerprint, objected_plane } from './plane.ts';
import { positions } from './positions.ts';
import { posterior, trace } from './posterior.ts';
import { projection } from './projection.ts';
import { running_margin } from './running_margin.ts';
import { slope } from './slope.ts';
import { timeline } from './timeline.ts';

// A Svelte context of this name gives the address of a unit's return.
export const unit_address = 'cotejo.unit_address';

export interface Place {
  width: number; // CSS pixels that the picture may take
  document: Document;
  address?: (unit: string) => string; // of a unit's return, where there are pages of returns
}

export interface Chart {
  // The picture. Data that is not of this kind's layout throws; the reader then gets the table.
  draw(figure: Figure, place: Place, finding?: Finding): SVGSVGElement;
  // What it shows, in a sentence or two with its numbers: the text alternative.
  describe(figure: Figure, finding?: Finding): string;
  // The numbers behind it.
  table(figure: Figure): Pick<Table, 'title' | 'columns' | 'rows'>;
}

export const charts: Record<string, Chart> = {
  bars,
  choropleth,
  'coalition-gap': coalition,
  decomposition,
  'digit-bars': digits,
  dumbbells,
  'early-late': early_late,
  'excess-curve': excess,
  fingerprint,
  'flagged-units': flagged,
  hemicycle,
  'ideal-points': intervals,
  'ideal-points-plane': positions,
  intervals,
  lattice,
  line,
  'membership-timeline': timeline,
  'objected-map': map,
  'objected-plane': objected_plane,
  outcome,
  'outlier-map': map,
  'p-values': p_values,
  'peak-comb': comb,
  'placebo-jumps': placebo,
  'posterior-density': posterior,
  projection,
  'running-margin': running_margin,
  slope,
  'spike-density': comb,
  trace,
};
