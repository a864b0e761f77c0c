// The address says what is shown (#/units?count=...), so that a view can be bookmarked and the browser's Back works.

export const pages = ['case', 'units', 'unit', 'run', 'findings', 'compare', 'import', 'dossier'] as const;
export type Page = (typeof pages)[number];

export interface Route {
  page: Page;
  query: URLSearchParams;
  unknown: string; // an address that no page has: its name, and `page` is the case
}

export function parsed(hash: string): Route {
  const text = hash.replace(/^#\/?/, '');
  const mark = text.indexOf('?');
  const name = (mark < 0 ? text : text.slice(0, mark)) as Page;
  const known = pages.includes(name);
  return { page: known ? name : 'case', unknown: known || name.trim() === '' ? '' : name, query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)) };
}

export function address(page: Page, query: Record<string, string | string[] | null | undefined> = {}): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const each of value) out.append(name, each);
    else if (value !== null && value !== undefined && value !== '') out.set(name, value);
  }
  const text = out.toString();
  return `#/${page}${text ? `?${text}` : ''}`;
}
