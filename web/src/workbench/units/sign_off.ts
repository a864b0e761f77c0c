// A sign-off is of the revision that was the count's latest then: figures of the return that came later, by a correction or by another file, are not
// signed off. The history names a later import only where it changed the return.
import type { UnitInfo } from '../api.ts';

type UnitEvent = Pick<UnitInfo['history'][number], 'count' | 'how' | 'revision'>;

export const changed_after = (sign: UnitEvent, history: UnitEvent[]): boolean =>
  history.some(({ count, how, revision }) => (how === 'correction' || how === 'import') && count === sign.count && revision > sign.revision);
