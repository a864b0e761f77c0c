// Units where they lie, under them the outlines of the countries in view and a scale; nothing is fetched. Grey: the places of the other units (cells
// [longitude, latitude, units], where the figure has them; `outside`: units beyond the frame). Columns latitude, longitude [, unit] [, z]; rows.
import * as Plot from '@observablehq/plot';
import { extent } from 'd3';
import type { Figure } from '../lib/finding.ts';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { lines_in, outlines, scale_of } from './outlines.svelte.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

const on_map = (row: Row) => finite(row.latitude) && finite(row.longitude);
const cells_of = (figure: Figure) => (figure.data.cells as [number, number, number][] | undefined) ?? [];

export const map: Chart = {
  draw(figure, place) {
    const points = objects(figure).filter(on_map);
    const cells = cells_of(figure);
    const longitudes = [...points.map((row) => row.longitude as number), ...cells.map((cell) => cell[0])];
    const latitudes = [...points.map((row) => row.latitude as number), ...cells.map((cell) => cell[1])];
    const [west, east] = extent(longitudes);
    const [south, north] = extent(latitudes);
    if (west === undefined || south === undefined) throw new Error('no coordinates');
    const middle = (south + north) / 2;
    const aspect = Math.max(north - south, 0.02) / Math.max(east - west, 0.02) / Math.max(0.2, Math.cos((middle * Math.PI) / 180));
    const width = Math.min(place.width, 600);
    const height = Math.min(640, Math.max(200, (width - 66) * aspect + 60));
    const signed = points.some((row) => finite(row.z));
    const fill = (row: Row) => (signed && (row.z as number) < 0 ? colour.other : colour.mark);
    const size = points.length > 2000 ? 1.8 : 3.2;
    const told = (row: Row) => [row.unit, finite(row.z) ? `z ${decimals(row.z, 1)}` : ''].filter(Boolean).join(', ');
    const margin = 0.02 * Math.max(east - west, north - south);
    const borders = lines_in(outlines.list, { west: west - margin, east: east + margin, south: south - margin, north: north + margin }).flatMap((line, z) =>
      line.map(([x, y]) => ({ x, y, z })),
    );
    const { km, degrees } = scale_of({ west, east, south, north });
    const bar = { x1: east - degrees, x2: east, y: south };
    const usable = Math.min(width, (height - 60) / aspect + 66);
    return picture(
      { ...place, width: usable },
      {
        height,
        x: { label: t('longitude'), labelArrow: 'none', labelAnchor: 'right', domain: [west, east], inset: 10, tickFormat: ticks, ticks: 5 },
        y: { label: t('latitude'), labelArrow: 'none', domain: [south, north], inset: 10, tickFormat: ticks, ticks: 5 },
        marks: [
          Plot.line(borders, { x: 'x', y: 'y', z: 'z', stroke: colour.soft, strokeWidth: 0.8 }),
          Plot.dot(cells, { x: '0', y: '1', r: 1.6, fill: colour.fair, fillOpacity: 0.55 }),
          Plot.dot(points, {
            x: 'longitude',
            y: 'latitude',
            r: size,
            fill,
            fillOpacity: 0.6,
            stroke: fill,
            symbol: (row: Row) => (signed && (row.z as number) < 0 ? 'square' : 'circle'),
            title: told,
            href: place.address ? (row: Row) => (row.unit ? place.address!(String(row.unit)) : null) : undefined,
          }),
          Plot.link([bar], { x1: 'x1', x2: 'x2', y1: 'y', y2: 'y', stroke: colour.ink, strokeWidth: 2 }),
          Plot.text([bar], { x: (b: typeof bar) => (b.x1 + b.x2) / 2, y: 'y', dy: -8, text: () => `${number(km)} km`, fill: colour.ink }),
          Plot.frame({ stroke: colour.line }),
        ],
        symbol: { type: 'identity' },
      },
    );
  },
  describe(figure) {
    const points = objects(figure).filter(on_map);
    const above = points.filter((row) => finite(row.z) && row.z > 0).length;
    return [
      t('{} units are drawn at their coordinates, south to north and west to east.', number(points.length)),
      cells_of(figure).length ? t('Grey: where the other units lie.') : '',
      finite(figure.data.outside) && figure.data.outside > 0 ? t('{} units lie outside what is shown.', number(figure.data.outside)) : '',
      points.some((row) => finite(row.z))
        ? t('{} have more for the leader than expected (red circles), {} less (orange squares).', number(above), number(points.length - above))
        : '',
    ]
      .filter(Boolean)
      .join(' ');
  },
  table: (figure) => rows_of(figure),
};
