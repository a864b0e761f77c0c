// Boundaries that the reader brings (GeoJSON, RFC 7946), joined to the places of one level by the property whose values name most of them.
export interface Boundary {
  geometry: { type: string };
  properties: Record<string, unknown>;
}

export const most_boundaries = 20_000;

// Throws, in words for the reader, where the text is no GeoJSON with areas.
export function boundaries_of(text: string): Boundary[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('The file is not GeoJSON.');
  }
  const features = (value as { features?: unknown } | null)?.features;
  if (!Array.isArray(features)) throw new Error('The file has no list of features.');
  const areas = features.filter((feature): feature is Boundary => ['Polygon', 'MultiPolygon'].includes((feature as Boundary | null)?.geometry?.type ?? ''));
  if (!areas.length) throw new Error('The file has no areas: Polygon or MultiPolygon.');
  if (areas.length > most_boundaries) throw new Error('The file has more than 20,000 areas.');
  return areas.map(({ geometry, properties }) => ({ geometry, properties: properties ?? {} }));
}

// As names are compared: without case, accents and marks.
export const plain = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

export interface Named {
  name: string;
  code: string;
}

export interface Joined<T> {
  property: string; // '' where none names a place
  rows: { boundary: Boundary; label: string; place: T | null }[];
  unmatched: number; // places without a boundary
}

// A name that two places have joins neither: nothing tells which it is.
export function joined<T extends Named>(boundaries: Boundary[], places: T[]): Joined<T> {
  const by = new Map<string, T | null>();
  for (const place of places)
    for (const key of new Set([plain(place.code), plain(place.name)])) if (key) by.set(key, by.has(key) && by.get(key) !== place ? null : place);
  const found = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? (by.get(plain(String(value))) ?? null) : null);
  const names = [...new Set(boundaries.flatMap(({ properties }) => Object.keys(properties)))];
  const matches = (name: string) => new Set(boundaries.map(({ properties }) => found(properties[name])).filter(Boolean)).size;
  const best = names.map((name) => ({ name, count: matches(name) })).reduce((a, b) => (b.count > a.count ? b : a), { name: '', count: 0 });
  const rows = boundaries.map((boundary) => {
    const value = best.name ? boundary.properties[best.name] : undefined;
    const place = found(value);
    return { boundary, label: place?.name ?? String(value ?? ''), place };
  });
  const there = new Set(rows.map(({ place }) => place));
  return { property: best.name, rows, unmatched: places.filter((place) => !there.has(place)).length };
}
