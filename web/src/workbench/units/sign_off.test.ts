// @vitest-environment node
import { expect, it } from 'vitest';
import { changed_after } from './sign_off.ts';

const sign = { count: 'a', how: 'signed off', revision: 1 } as const;
const imported = { count: 'a', how: 'import', revision: 1 } as const;

it('a sign-off stands while the return has the figures of its revision', () => {
  expect(changed_after(sign, [imported, sign, { count: 'a', how: 'note', revision: 2 }, { count: 'b', how: 'correction', revision: 2 }])).toBe(false);
});
it('a later correction and a later file leave it behind', () => {
  expect(changed_after(sign, [imported, sign, { count: 'a', how: 'correction', revision: 2 }])).toBe(true);
  expect(changed_after(sign, [imported, sign, { count: 'a', how: 'import', revision: 2 }])).toBe(true);
});
