// The units of a picture as pixels of its canvas: those that are shown, by their density where there are many, and on them the challenged and the selected.
import { untrack } from 'svelte';
import type { Plane } from './plane.svelte.ts';
import { binned, painted, stamped, type Bins, type Colour } from './raster.ts';

const few = 3000; // units drawn one by one; more are shaded by their density
const density = 2; // pixels a bin of those

// What is drawn; an object whose properties are read anew.
export interface Drawn {
  readonly x: ArrayLike<number> | null; // null while they are on their way
  readonly y: ArrayLike<number> | null;
  readonly first: Bins | null; // what is drawn meanwhile: every unit, coarser
  readonly shown: Uint8Array | null;
  readonly selected: Uint8Array | null;
  readonly challenged: Uint8Array | null;
}

function context_of(canvas: HTMLCanvasElement): CanvasRenderingContext2D;
function context_of(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D;
function context_of(canvas: HTMLCanvasElement | OffscreenCanvas) {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser draws no pictures on a canvas');
  return context;
}

// The canvas itself where it has this size already, else a new one.
function sized(canvas: OffscreenCanvas | undefined, width: number, height: number): OffscreenCanvas {
  return canvas?.width === width && canvas.height === height ? canvas : new OffscreenCanvas(width, height);
}

export class Painting {
  private plane: Plane;
  private units: Drawn;
  private canvas: () => HTMLCanvasElement | undefined;
  private layer: OffscreenCanvas | undefined;
  private heap: OffscreenCanvas | undefined;
  private scheduled = false;
  private begun = false; // the first picture does not wait for a frame
  private theme = $state(0); // grows when the page's colours change

  private readonly colours = $derived.by(() => {
    void this.theme;
    const style = getComputedStyle(this.canvas() ?? document.documentElement);
    const colour = (name: string): Colour => {
      const text = style.getPropertyValue(name).trim();
      const part = (from: number) => parseInt(text.slice(from, from + 2), 16);
      return [part(1), part(3), part(5)];
    };
    return {
      weak: colour('--weak'),
      strong: colour('--strong'),
      selected_weak: colour('--selected-weak'),
      selected_strong: colour('--selected-strong'),
      selected: colour('--selected'),
      challenged: colour('--challenged'),
    };
  });
  private readonly ground = $derived.by(() => {
    const { x, y, first, shown } = this.units;
    if (this.plane.width === 0) return null;
    if (!x || !y) return first && !shown ? { picture: this.picture_of(first, true), bins: first } : null;
    const { extent, inner_width, inner_height } = this.plane;
    const coarse = binned(x, y, shown, extent, Math.ceil(inner_width / density), Math.ceil(inner_height / density));
    const bins = coarse.total > few ? coarse : binned(x, y, shown, extent, inner_width, inner_height);
    return { picture: this.picture_of(bins, bins === coarse), bins };
  });
  private readonly challenged = $derived.by(() => {
    const { x, y, challenged } = this.units;
    const { width, extent, inner_width, inner_height } = this.plane;
    return challenged && x && y && width > 0 ? binned(x, y, challenged, extent, inner_width, inner_height) : null;
  });
  readonly outside = $derived.by(() => this.ground?.bins.outside ?? 0); // units beyond the extent
  readonly unknown = $derived.by(() => this.ground?.bins.unknown ?? 0); // units without a place in the plane

  constructor(plane: Plane, units: Drawn, canvas: () => HTMLCanvasElement | undefined) {
    this.plane = plane;
    this.units = units;
    this.canvas = canvas;
    $effect(() => this.follow_theme());
    $effect(() => {
      void [this.ground, units.selected, this.challenged, plane.inner_width, plane.inner_height];
      this.schedule();
    });
  }

  // The theme may change under an open page.
  private follow_theme(): () => void {
    const change = () => this.theme++;
    const query = matchMedia('(prefers-color-scheme: dark)');
    query.addEventListener('change', change);
    const observer = new MutationObserver(change);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      query.removeEventListener('change', change);
      observer.disconnect();
    };
  }

  private schedule(): void {
    if (this.scheduled) return;
    const draw = () => untrack(() => this.draw());
    if (!this.begun && this.ground) {
      this.begun = true;
      draw();
      return;
    }
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      draw();
    });
  }

  private picture_of(bins: Bins, by_density: boolean): HTMLCanvasElement {
    const picture = document.createElement('canvas');
    [picture.width, picture.height] = [bins.width, bins.height];
    const context = context_of(picture);
    const image = context.createImageData(bins.width, bins.height);
    const pixels = new Uint32Array(image.data.buffer);
    if (by_density) painted(bins, this.colours.weak, this.colours.strong, pixels);
    else stamped(bins, this.colours.strong, 3, pixels);
    context.putImageData(image, 0, 0);
    return picture;
  }

  private draw(): void {
    const canvas = this.canvas();
    if (!canvas || !this.ground) return;
    const { x, y, inner_width: width, inner_height: height } = this.plane;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const context = context_of(canvas);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    const { x0, x1, y0, y1 } = this.ground.bins.extent;
    const [left, top] = [x(x0), y(y1)];
    context.drawImage(this.ground.picture, left, top, x(x1) - left, y(y0) - top);
    this.draw_marked(context, width, height);
  }

  // The challenged units, and the selected ones over them.
  private draw_marked(context: CanvasRenderingContext2D, width: number, height: number): void {
    const { x, y, selected, challenged } = this.units;
    if (!x || !y || (!selected && !challenged)) return;
    this.layer = sized(this.layer, width, height);
    const layer = context_of(this.layer);
    const image = layer.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    if (this.challenged) stamped(this.challenged, this.colours.challenged, 5, pixels);
    if (selected) {
      const bins = binned(x, y, selected, this.plane.extent, width, height);
      if (bins.total <= few) stamped(bins, this.colours.selected, 3, pixels);
      else this.draw_heap(context, x, y, selected, width, height);
    }
    layer.putImageData(image, 0, 0);
    context.drawImage(this.layer, 0, 0);
  }

  // Many selected units, by their density.
  private draw_heap(context: CanvasRenderingContext2D, x: ArrayLike<number>, y: ArrayLike<number>, selected: Uint8Array, width: number, height: number): void {
    const [columns, rows] = [Math.ceil(width / density), Math.ceil(height / density)];
    this.heap = sized(this.heap, columns, rows);
    const heap = context_of(this.heap);
    const image = heap.createImageData(columns, rows);
    const bins = binned(x, y, selected, this.plane.extent, columns, rows);
    painted(bins, this.colours.selected_weak, this.colours.selected_strong, new Uint32Array(image.data.buffer));
    heap.putImageData(image, 0, 0);
    context.drawImage(this.heap, 0, 0, width, height);
  }
}
