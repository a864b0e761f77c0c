// Browsers cap an element's height (17.9 million pixels in the strictest), a million rows ask for more. The scrolled element is at
// most `longest` high; its scroll position stands in proportion for the position in the whole list.

export const longest = 15_000_000;

export function real_height(total: number): number {
  return Math.min(total, longest);
}

function factor(total: number, visible: number): number {
  return total <= longest || longest <= visible ? 1 : (total - visible) / (longest - visible);
}

export function to_virtual(real: number, total: number, visible: number): number {
  return real * factor(total, visible);
}

export function to_real(virtual: number, total: number, visible: number): number {
  return virtual / factor(total, visible);
}
