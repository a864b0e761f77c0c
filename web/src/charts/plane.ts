// Units on the plane of turnout and the leader's share. `fingerprint`: counts[turnout][share] in cells of 1 %. `objected-plane`: cells
// [turnout, share, units] of all units, and the objected ones one by one (columns unit, turnout_percent, share_percent).
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart, Place } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of } from './rows.ts';

interface CellOfPlane {
  turnout: number;
  share: number;
  units: number;
}

function cells_of(figure: Figure): CellOfPlane[] {
  const { counts, cells } = figure.data as { counts?: number[][]; cells?: [number, number, number][] };
  if (counts) return counts.flatMap((row, turnout) => row.flatMap((units, share) => (units > 0 ? [{ turnout, share, units }] : [])));
  if (cells) return cells.map(([turnout, share, units]) => ({ turnout, share, units }));
  throw new Error('no cells');
}

function draw(figure: Figure, place: Place, marks: Plot.Markish[], width = Math.min(place.width, 560)): SVGSVGElement {
  const cells = cells_of(figure);
  const most = Math.max(...cells.map((cell) => cell.units), 1);
  const deepness = (units: number) => 0.12 + 0.88 * (Math.log1p(units) / Math.log1p(most));
  return picture(
    { ...place, width },
    {
      height: width * 0.92,
      x: { label: t('turnout, %'), labelArrow: 'none', labelAnchor: 'right', domain: [0, 101], tickFormat: ticks },
      y: { label: t("the leader's share, % of valid votes"), labelArrow: 'none', domain: [0, 101], tickFormat: ticks },
      marks: [
        Plot.rect(cells, {
          x1: 'turnout',
          x2: (cell: CellOfPlane) => cell.turnout + 1,
          y1: 'share',
          y2: (cell: CellOfPlane) => cell.share + 1,
          fill: marks.length ? colour.fair : colour.leader,
          fillOpacity: (cell: CellOfPlane) => deepness(cell.units) * (marks.length ? 0.6 : 1),
          inset: 0,
        }),
        ...marks,
        Plot.frame({ stroke: colour.line }),
      ],
      opacity: { type: 'identity' },
    },
  );
}

const weighted = (cells: CellOfPlane[], value: (cell: CellOfPlane) => number) => {
  const units = cells.reduce((sum, cell) => sum + cell.units, 0);
  return units ? cells.reduce((sum, cell) => sum + cell.units * value(cell), 0) / units : NaN;
};

export const fingerprint: Chart = {
  draw: (figure, place) => draw(figure, place, []),
  describe(figure) {
    const cells = cells_of(figure);
    const corner = cells.filter((cell) => cell.turnout >= 90 && cell.share >= 90).reduce((sum, cell) => sum + cell.units, 0);
    return t(
      "{} units by turnout and the leader's share, in cells of 1 %, darker where there are more. On average {} % turnout and a share of {} %; {} units have both at 90 % or more.",
      number(cells.reduce((sum, cell) => sum + cell.units, 0)),
      decimals(
        weighted(cells, (cell) => cell.turnout + 0.5),
        1,
      ),
      decimals(
        weighted(cells, (cell) => cell.share + 0.5),
        1,
      ),
      number(corner),
    );
  },
  table: (figure) => ({
    title: figure.title,
    columns: [{ name: 'turnout_percent' }, { name: 'share_percent' }, { name: 'units' }],
    rows: cells_of(figure).map((cell) => [cell.turnout, cell.share, cell.units]),
  }),
};

export const objected_plane: Chart = {
  draw(figure, place) {
    const points = objects(figure).filter((row) => finite(row.turnout_percent) && finite(row.share_percent));
    return draw(figure, place, [
      Plot.dot(points, {
        x: 'turnout_percent',
        y: 'share_percent',
        r: points.length > 2000 ? 1.5 : 3,
        stroke: colour.mark,
        strokeWidth: 1.4,
        fill: colour.mark,
        fillOpacity: 0.25,
      }),
    ]);
  },
  describe(figure) {
    const cells = cells_of(figure);
    const points = objects(figure).filter((row) => finite(row.turnout_percent) && finite(row.share_percent));
    const mean = (name: string) => points.reduce((sum, row) => sum + (row[name] as number), 0) / points.length;
    return t(
      '{} objected units (red circles) on all {} units (grey). Mean turnout {} % against {} % of all; mean share of the leader {} % against {} %, each unit counting the same.',
      number(points.length),
      number(cells.reduce((sum, cell) => sum + cell.units, 0)),
      decimals(mean('turnout_percent'), 1),
      decimals(
        weighted(cells, (cell) => cell.turnout + 0.5),
        1,
      ),
      decimals(mean('share_percent'), 1),
      decimals(
        weighted(cells, (cell) => cell.share + 0.5),
        1,
      ),
    );
  },
  table: (figure) => rows_of(figure),
};
