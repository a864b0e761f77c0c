// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { boundaries_of, joined } from './boundaries.ts';

const square = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ],
  ],
};
const file = (properties: Record<string, unknown>[]) =>
  JSON.stringify({ type: 'FeatureCollection', features: properties.map((each) => ({ type: 'Feature', geometry: square, properties: each })) });

describe('boundaries that the reader brings', () => {
  const places = [
    { name: 'Potosí', code: '05' },
    { name: 'La Paz', code: '02' },
    { name: 'Beni', code: '08' },
  ];
  it('are joined by the property that names most places, without case and accents', () => {
    const got = joined(
      boundaries_of(
        file([
          { id: 'x', NOMBRE: 'POTOSI' },
          { id: 'y', NOMBRE: 'la paz' },
          { id: 'z', NOMBRE: 'Oruro' },
        ]),
      ),
      places,
    );
    expect(got.property).toBe('NOMBRE');
    expect(got.rows.map(({ place }) => place?.name ?? null)).toEqual(['Potosí', 'La Paz', null]);
    expect(got.unmatched).toBe(1);
  });
  it('are joined by codes too', () => {
    expect(joined(boundaries_of(file([{ dep: '08' }])), places).rows[0]!.place?.name).toBe('Beni');
  });
  it('join no place where two have the name', () => {
    expect(
      joined(boundaries_of(file([{ n: 'San José' }])), [
        { name: 'San José', code: '1' },
        { name: 'San Jose', code: '2' },
      ]).rows[0]!.place,
    ).toBeNull();
  });
  it('say what is wrong with a file', () => {
    expect(() => boundaries_of('<kml>')).toThrow('not GeoJSON');
    expect(() => boundaries_of('{}')).toThrow('no list of features');
    expect(() => boundaries_of('{"features":[{"geometry":{"type":"Point"}}, null]}')).toThrow('no areas');
  });
});
