import { describe, expect, it } from 'vitest';
import { label, reading_label } from './labels.ts';

describe('labels', () => {
  it('are the words of a machine name, with the unit that it ends in', () => {
    expect(label('units_objected')).toBe('units objected');
    expect(label('leader_share_before_percent')).toBe('leader share before, %');
    expect(label('margin_points')).toBe('margin, points');
    expect(label('net_PAN-BOL')).toBe('net PAN-BOL');
  });
  it('leave what is no machine name as it is', () => {
    for (const name of ['reading', 'SHA-256', 'votes to spare', 'A_b', '21F', 'PAN-BOL']) expect(label(name)).toBe(name);
  });
  it('of a reading tell what it does', () => {
    expect(reading_label('winner-void-valid-kept')).toBe('cancelled, valid total kept');
    expect(reading_label('of-34')).toBe('of-34');
  });
});
