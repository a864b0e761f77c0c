// Whether the page is being printed. One listener for all: parts that are drawn because of the printing see it too, which
// a listener of their own would not, since it would be added while the event is under way. Everything that depends on it
// is in the document before `beforeprint` returns.
import { flushSync } from 'svelte';

export const print = $state({ now: false });

export function follow_printing(): void {
  window.addEventListener('beforeprint', () => flushSync(() => (print.now = true)));
  window.addEventListener('afterprint', () => (print.now = false));
}
