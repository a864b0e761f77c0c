import { describe, expect, it } from 'vitest';
import { csv_cell, csv_of, file_name } from './download.ts';
import { printable } from './text.ts';

describe('a table as CSV', () => {
  it('holds no text that a spreadsheet would run', () => {
    for (const formula of ['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) expect(csv_cell(formula).replace(/^"/, '')[0]).toBe("'");
  });
  it('keeps numbers as numbers, and negative ones too', () => {
    expect([-1.5, 0, 12345.678, true, null].map(csv_cell)).toEqual(['-1.5', '0', '12345.678', 'true', '']);
  });
  it('quotes what needs it', () => {
    expect(csv_of({ columns: [{ name: 'a,b' }, { name: 'c' }], rows: [['x"y', 'two\nlines']] })).toBe('"a,b",c\r\n"x""y","two\nlines"\r\n');
  });
});

describe('text of strangers', () => {
  it('shows what would be invisible or turn the writing around', () => {
    expect(printable('a\u202eb\u0007c\u200f')).toBe('a\\u{202e}b\\u{7}c\\u{200f}');
  });
  it('is cut where it is endless', () => {
    expect(printable('x'.repeat(10_000)).length).toBeLessThan(2010);
  });
  it('makes a name that is safe for a file', () => {
    expect(file_name('../../etc/pass wd\u0000"<>')).toBe('.._.._etc_pass_wd_');
  });
});
