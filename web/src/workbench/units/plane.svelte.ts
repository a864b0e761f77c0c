// The plane that a picture of units shows: its room on the page, the part of it that is seen, and the way between units and pixels.
import { scaleLinear } from 'd3';
import type { Drawn } from './painting.svelte.ts';
import { nearest, true_to_scale, zoomed, type Extent } from './raster.ts';

export const margin = { left: 50, right: 14, top: 24, bottom: 34 };

// What the plane depends on; an object whose properties are read and written anew.
export interface Sight {
  readonly home: Extent;
  readonly geographic: boolean;
  view: Extent | null; // zoomed; null: home
}

export type Point = [x: number, y: number]; // pixels of the plot, from its left and its top

export class Plane {
  width = $state(0); // of the frame, with the margins
  height = $state(0);
  private sight: Sight;
  readonly inner_width = $derived(Math.max(10, this.width - margin.left - margin.right));
  readonly inner_height = $derived(Math.max(10, this.height - margin.top - margin.bottom));
  readonly extent = $derived.by(() => {
    const wanted = this.sight.view ?? this.sight.home;
    return this.sight.geographic ? true_to_scale(wanted, this.inner_width, this.inner_height) : wanted;
  });
  readonly x = $derived(scaleLinear([this.extent.x0, this.extent.x1], [0, this.inner_width]));
  readonly y = $derived(scaleLinear([this.extent.y0, this.extent.y1], [this.inner_height, 0]));

  constructor(sight: Sight) {
    this.sight = sight;
  }

  // Follows the size of a frame: now, not a frame later.
  follow(frame: HTMLElement): () => void {
    const observer = new ResizeObserver((entries) => {
      for (const { contentRect } of entries) [this.width, this.height] = [Math.round(contentRect.width), Math.round(contentRect.height)];
    });
    observer.observe(frame);
    [this.width, this.height] = [frame.clientWidth, frame.clientHeight];
    return () => observer.disconnect();
  }

  // Of a pointer over the frame.
  point(event: MouseEvent, frame: HTMLElement): Point {
    const box = frame.getBoundingClientRect();
    return [event.clientX - box.left - frame.clientLeft - margin.left, event.clientY - box.top - frame.clientTop - margin.top];
  }

  // The nearest point of the plot.
  inside([x, y]: Point): Point {
    return [Math.min(Math.max(x, 0), this.inner_width), Math.min(Math.max(y, 0), this.inner_height)];
  }

  // What lies between two corners of a rectangle.
  between([ax, ay]: Point, [bx, by]: Point): Extent {
    const { x, y } = this;
    return { x0: x.invert(Math.min(ax, bx)), x1: x.invert(Math.max(ax, bx)), y0: y.invert(Math.max(ay, by)), y1: y.invert(Math.min(ay, by)) };
  }

  // The unit at a point; null: none is near, or their columns are not there yet.
  unit_at(point: Point, { x, y, shown }: Pick<Drawn, 'x' | 'y' | 'shown'>): number | null {
    return x && y ? nearest(point, x, y, shown, this.extent, this.inner_width, this.inner_height) : null;
  }

  zoom(factor: number, [px, py]: Point = [this.inner_width / 2, this.inner_height / 2]): void {
    this.sight.view = zoomed(this.extent, factor, this.x.invert(px), this.y.invert(py));
  }

  // By shares of what is seen.
  pan(right: number, up: number): void {
    const { x0, x1, y0, y1 } = this.extent;
    const [dx, dy] = [(x1 - x0) * right, (y1 - y0) * up];
    this.sight.view = { x0: x0 + dx, x1: x1 + dx, y0: y0 + dy, y1: y1 + dy };
  }

  go_home(): void {
    this.sight.view = null;
  }
}
