// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { address, parsed } from './route.ts';

describe('the address', () => {
  it('goes there and back with any text', () => {
    const text = 'bo-2019/computo & <b>?#=%';
    const route = parsed(address('units', { count: text, challenge: ['a', 'b'], place: '' }));
    expect(route.page).toBe('units');
    expect(route.query.get('count')).toBe(text);
    expect(route.query.getAll('challenge')).toEqual(['a', 'b']);
    expect(route.query.has('place')).toBe(false);
  });
  it('falls back to the case', () => {
    for (const hash of ['', '#', '#/nowhere', '#/<script>']) expect(parsed(hash).page).toBe('case');
  });
  it('that no page has is named', () => {
    for (const hash of ['', '#', '#/', '#/units?count=x']) expect(parsed(hash).unknown).toBe('');
    expect(parsed('#/nowhere').unknown).toBe('nowhere');
    expect(parsed('#/<script>?a=b').unknown).toBe('<script>');
  });
});
