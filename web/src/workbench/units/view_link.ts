// What a page of units keeps in its address: which part of the plane and of the map is seen, and the last brush, so that a view can be sent as a link.
import { finite } from '../../charts/plot.ts';
import type { Extent } from './raster.ts';

export interface BrushOn {
  on: 'plane' | 'map';
  extent: Extent;
}

export function extent_in(text: string | null): Extent | null {
  const [x0, x1, y0, y1, ...more] = (text ?? '').split(',').map(Number);
  return finite(x0) && finite(x1) && finite(y0) && finite(y1) && more.length === 0 ? { x0, x1, y0, y1 } : null;
}

export function extent_text(extent: Extent | null): string {
  return extent ? [extent.x0, extent.x1, extent.y0, extent.y1].map((value) => Number(value.toPrecision(7))).join(',') : '';
}

export function brush_in(query: URLSearchParams): BrushOn | null {
  const [on, extent] = [query.get('brushed'), extent_in(query.get('brush'))];
  return extent && (on === 'plane' || on === 'map') ? { on, extent } : null;
}
