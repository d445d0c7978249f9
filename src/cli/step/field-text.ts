/** Values of fields as people read them: a moment as a clock reading, a duration with its unit, everything else as it is. */
import type { Moment } from '../../kernel/time.ts';
import { formatMoment } from '../../kernel/time.ts';
import { isDurationField, isMomentField } from '../../model/time-fields.ts';
import { humanDuration } from '../../report/duration-text.ts';

/** A value that is no tree. `key`: name of its field, or that of the list it stands in. */
export function leafText(value: unknown, key = ''): string {
  if (typeof value === 'string') return /^[^\s"=,{}[\]]+$/u.test(value) ? value : JSON.stringify(value);
  if (value === undefined) return 'undefined';
  // A time that has not come stands as -1.
  if (typeof value === 'number' && Number.isInteger(value) && value !== -1) {
    if (isMomentField(key)) return formatMoment(value as Moment);
    if (isDurationField(key)) return humanDuration(value);
  }
  return JSON.stringify(value);
}
