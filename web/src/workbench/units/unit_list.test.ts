// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { units_of_list } from './unit_list.ts';

const keys = ['10', '11', '12', '13'];

describe('a list of units from a file', () => {
  it('is found in whatever column holds keys, with or without a title', () => {
    expect(units_of_list('name,unit\nA,11\nB,13\n', keys)).toEqual({ units: [1, 3], unknown: [], repeated: 0, column: 'unit' });
    expect(units_of_list('12\n10\n', keys).units).toEqual([2, 0]);
    expect(units_of_list('\ufeff"a;b";unit\r\n"x;y";12\r\n', keys).units).toEqual([2]);
  });
  it('says what is no unit and what is named twice', () => {
    const list = units_of_list('unit\n10\n99\n10\n<script>\n', keys);
    expect(list.units).toEqual([0]);
    expect(list.unknown).toEqual(['99', '<script>']);
    expect(list.repeated).toBe(1);
  });
  it('selects nothing from a file without keys', () => {
    expect(units_of_list('', keys).units).toEqual([]);
    expect(units_of_list('a,b\nc,d\n', keys).units).toEqual([]);
  });
});
