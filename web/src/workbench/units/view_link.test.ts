// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { brush_in, extent_in, extent_text } from './view_link.ts';

const extent = { x0: -68.5, x1: -57, y0: -23.25, y1: -9.125 };

describe('the address of a view', () => {
  it('holds an extent as four numbers, and gives it back', () => {
    expect(extent_text(extent)).toBe('-68.5,-57,-23.25,-9.125');
    expect(extent_in(extent_text(extent))).toEqual(extent);
    expect(extent_text(null)).toBe('');
  });
  it('is no extent with fewer numbers, more, or a word', () => {
    for (const text of [null, '', '1,2,3', '1,2,3,4,5', '1,2,x,4', '1,2,Infinity,4']) expect(extent_in(text)).toBeNull();
  });
  it('has a brush on the plane or on the map, and nowhere else', () => {
    const query = (on: string) => new URLSearchParams({ brushed: on, brush: extent_text(extent) });
    expect(brush_in(query('map'))).toEqual({ on: 'map', extent });
    expect(brush_in(query('table'))).toBeNull();
    expect(brush_in(new URLSearchParams({ brushed: 'map' }))).toBeNull();
  });
});
