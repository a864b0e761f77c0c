// A rectangle drawn over a plane, with the pointer or from the keyboard: what lies in it is brushed.
import type { Plane, Point } from './plane.svelte.ts';
import type { Extent } from './raster.ts';
import type { Combine } from './selection.ts';

const click = 3; // pixels; a smaller rectangle is none
const step = 8; // pixels, of an arrow key

export class PlaneBrush {
  rect = $state.raw<Extent | null>(null); // pixels of the plot, from where it began
  dragging = false;
  private plane: Plane;
  private brushed: (extent: Extent, how: Combine, done: boolean) => void;
  private how: Combine = 'replace';
  private waiting = false;

  constructor(plane: Plane, brushed: (extent: Extent, how: Combine, done: boolean) => void) {
    this.plane = plane;
    this.brushed = brushed;
  }

  begin([x, y]: Point, how: Combine): void {
    this.how = how;
    this.rect = { x0: x, y0: y, x1: x, y1: y };
    this.dragging = true;
  }

  // Told once a frame.
  drag([x, y]: Point): void {
    if (!this.rect) return;
    this.rect = { ...this.rect, x1: x, y1: y };
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.dragging) this.tell(false);
    });
  }

  // Where it was a click and no rectangle, that point and how the click was meant.
  end(): { at: Point; how: Combine } | null {
    const { rect, how, dragging } = this;
    if (!dragging || !rect) return null;
    this.dragging = false;
    if (Math.abs(rect.x1 - rect.x0) >= click || Math.abs(rect.y1 - rect.y0) >= click) {
      this.tell(true);
      return null;
    }
    this.rect = null;
    return { at: [rect.x0, rect.y0], how };
  }

  // In the middle of the picture.
  place(): void {
    const { inner_width, inner_height } = this.plane;
    this.set({ x0: inner_width * 0.4, y0: inner_height * 0.4, x1: inner_width * 0.6, y1: inner_height * 0.6 });
  }

  // By steps to the right and down; or only its last corner, which sizes it.
  move(right: number, down: number, size: boolean): void {
    if (!this.rect) return;
    const moved = ([x, y]: Point) => this.plane.inside([x + right * step, y + down * step]);
    const { x0, y0, x1, y1 } = this.rect;
    const [from, to] = [size ? ([x0, y0] as const) : moved([x0, y0]), moved([x1, y1])];
    this.set({ x0: from[0], y0: from[1], x1: to[0], y1: to[1] });
  }

  clear(): void {
    this.rect = null;
  }

  private set(rect: Extent): void {
    this.rect = rect;
    this.how = 'replace';
    this.tell(true);
  }

  private tell(done: boolean): void {
    if (this.rect) this.brushed(this.plane.between([this.rect.x0, this.rect.y0], [this.rect.x1, this.rect.y1]), this.how, done);
  }
}
