// Every kind of picture, by the `kind` of a finding's figure (docs/formats/finding.md). One file, one picture.
import type { Finding, Figure, Table } from '../lib/finding.ts';

export interface Place {
  width: number; // CSS pixels that the picture may take
  document: Document;
}

export interface Chart {
  // The picture. Data that is not of this kind's layout throws; the reader then gets the table.
  draw(figure: Figure, place: Place, finding?: Finding): SVGSVGElement;
  // What it shows, in a sentence or two with its numbers: the text alternative.
  describe(figure: Figure, finding?: Finding): string;
  // The numbers behind it.
  table(figure: Figure): Pick<Table, 'title' | 'columns' | 'rows'>;
}

export const charts: Record<string, Chart> = {};
