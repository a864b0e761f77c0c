// Places filled by a value, within boundaries that the reader brings: columns label, value (null: the boundary has no place of the count), rows in the
// order of `boundaries` (GeoJSON geometries, longitude and latitude); `unit`; `unmatched`: places of the count without a boundary.
import * as Plot from '@observablehq/plot';
import { extent, geoIdentity, geoPath, scaleQuantize, schemeBlues, select, type GeoPermissibleObjects } from 'd3';
import { decimals, number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture } from './plot.ts';
import { objects, rows_of, unit_of } from './rows.ts';

const classes = schemeBlues[5]!;
const without = '#e6e6e6'; // a value
const legend_height = 44;

export const choropleth: Chart = {
  draw(figure, place) {
    const geometries = figure.data.boundaries as GeoPermissibleObjects[] | undefined;
    const rows = objects(figure);
    if (!Array.isArray(geometries) || geometries.length !== rows.length || !rows.length) throw new Error('no boundaries');
    const shapes = rows.map((row, i) => ({ geometry: geometries[i]!, label: String(row.label ?? ''), value: finite(row.value) ? row.value : null }));
    const unit = unit_of(figure);
    const all = { type: 'GeometryCollection', geometries } as GeoPermissibleObjects;
    const width = Math.min(place.width, 640);
    const [[west, south], [east, north]] = geoPath(geoIdentity()).bounds(all);
    const height = width * Math.min(1.6, Math.max(0.3, (north - south) / (east - west) || 1));
    const [low = 0, high = 1] = extent(shapes.flatMap(({ value }) => (value === null ? [] : [value])));
    const fill = scaleQuantize<string>().domain([low, high]).range(classes);
    const told = (shape: (typeof shapes)[number]) => `${shape.label}: ${shape.value === null ? t('not in the count') : `${decimals(shape.value, 1)} ${unit}`}`;
    const svg = picture(
      { ...place, width },
      {
        height: height + legend_height,
        marginLeft: 8,
        marginBottom: 8 + legend_height,
        // Longitude and latitude as they are: nothing is measured on it.
        projection: {
          type: (size: { width: number; height: number }) => geoIdentity().reflectY(true).fitSize([size.width, size.height], all),
          domain: all,
        } as Plot.PlotOptions['projection'],
        marks: [
          Plot.geo(shapes, {
            geometry: 'geometry',
            fill: (shape) => (shape.value === null ? without : fill(shape.value)),
            stroke: colour.ink,
            strokeWidth: 0.4,
            title: told,
          }),
        ],
        color: { type: 'identity' },
      },
    );
    // The legend: each colour with the values that it stands for.
    const step = Math.min(110, (width - 16) / classes.length);
    const entry = select(svg)
      .append('g')
      .attr('transform', `translate(8, ${height + 8})`)
      .selectAll('g')
      .data(classes)
      .join('g')
      .attr('transform', (_, i) => `translate(${i * step}, 0)`);
    entry.append('rect').attr('width', step).attr('height', 10).attr('fill', String).attr('stroke', 'currentColor').attr('stroke-width', 0.4);
    entry
      .append('text')
      .attr('y', 24)
      .attr('fill', 'currentColor')
      .text((each) => decimals(fill.invertExtent(each)[0] ?? low, 1));
    return svg;
  },
  describe(figure) {
    const known = objects(figure).filter((row) => finite(row.value));
    if (!known.length) return t('No boundary has a place of the count.');
    const sorted = [...known].sort((a, b) => (a.value as number) - (b.value as number));
    const told = (row: (typeof sorted)[number]) => `${row.label} (${decimals(row.value as number, 1)})`;
    const missing = objects(figure).length - known.length;
    return [
      t('From {} to {}.', told(sorted[0]!), told(sorted[sorted.length - 1]!)),
      missing ? t('Grey: {} without a place of the count.', number(missing)) : '',
      Number(figure.data.unmatched) > 0 ? t('{} places of the count have no boundary here.', number(Number(figure.data.unmatched))) : '',
    ]
      .filter(Boolean)
      .join(' ');
  },
  table: (figure) => rows_of(figure),
};
