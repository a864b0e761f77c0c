// The outlines of countries (Natural Earth, 1:50m) under a map's dots. A report and a document bring those in view; the workbench fetches them from its
// own server when a map is shown.
import { geoIdentity, geoStream } from 'd3';

export interface Outline {
  name: string;
  rings: number[][]; // hundredths of a degree: longitude, latitude, longitude, latitude, ...
}

class Outlines {
  list = $state.raw<Outline[]>([]);
  private source = '';

  found_at(address: string): void {
    this.source = address;
  }
  // Without them a map is the dots alone.
  async wanted(): Promise<void> {
    const address = this.source;
    if (!address) return;
    this.source = '';
    try {
      const answer = await fetch(address);
      if (answer.ok) this.list = (await answer.json()) as Outline[];
    } catch {
      this.source = address;
    }
  }
}
export const outlines = new Outlines();

export interface Box {
  west: number;
  east: number;
  south: number;
  north: number;
}

// The parts of the outlines inside the box, as lines of [longitude, latitude].
export function lines_in(list: Outline[], box: Box): [number, number][][] {
  const out: [number, number][][] = [];
  let line: [number, number][] = [];
  const clip = geoIdentity().clipExtent([
    [box.west, box.south],
    [box.east, box.north],
  ]);
  const sink = clip.stream({
    lineStart: () => void (line = []),
    point: (x, y) => void line.push([x, y]),
    lineEnd: () => void (line.length > 1 && out.push(line)),
    polygonStart() {},
    polygonEnd() {},
    sphere() {},
  });
  for (const { rings } of list)
    for (const ring of rings) {
      const coordinates: [number, number][] = [];
      for (let i = 0; i + 1 < ring.length; i += 2) coordinates.push([ring[i] / 100, ring[i + 1] / 100]);
      geoStream({ type: 'LineString', coordinates }, sink);
    }
  return out;
}
