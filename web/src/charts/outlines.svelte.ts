// The outlines of countries (Natural Earth, 1:50m) under a map's dots. A report and a document bring those in view; the workbench fetches them from its
// own server when a map is shown.
import { geoIdentity, geoStream, tickStep } from 'd3';

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

// Its points in degrees.
function* points_of(ring: number[]): Generator<[longitude: number, latitude: number]> {
  let longitude: number | undefined;
  for (const hundredths of ring) {
    if (longitude === undefined) longitude = hundredths / 100;
    else {
      yield [longitude, hundredths / 100];
      longitude = undefined;
    }
  }
}

function touches(ring: number[], { west, east, south, north }: Box): boolean {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  ring.forEach((degrees, at) => {
    if (at % 2 === 0) [left, right] = [Math.min(left, degrees), Math.max(right, degrees)];
    else [bottom, top] = [Math.min(bottom, degrees), Math.max(top, degrees)];
  });
  return left <= 100 * east && right >= 100 * west && bottom <= 100 * north && top >= 100 * south;
}

// A round number of kilometres, a fifth of the width at most, and how many degrees of longitude it takes in the middle of the box.
export function scale_of({ west, east, south, north }: Box): { km: number; degrees: number } {
  const across = 111.32 * Math.cos((((south + north) / 2) * Math.PI) / 180);
  const km = tickStep(0, Math.max(0.4, across * (east - west) * 0.2), 1);
  return { km, degrees: km / across };
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
      if (!touches(ring, box)) continue;
      // A ring that crosses the 180th meridian is cut there: its next point lies at the other edge of the map.
      let coordinates: [number, number][] = [];
      const parts = [coordinates];
      let before = NaN;
      for (const point of points_of(ring)) {
        const [longitude] = point;
        if (Math.abs(longitude - before) > 180) parts.push((coordinates = []));
        coordinates.push(point);
        before = longitude;
      }
      for (const part of parts) geoStream({ type: 'LineString', coordinates: part }, sink);
    }
  return out;
}
