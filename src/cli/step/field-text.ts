/**
 * Values of fields as people read them: a moment as a clock reading, a duration with its unit, everything else as it is.
 *
 * Simplified: states, rows and messages are plain data, in which a time is a number like any other; its field's name tells it.
 */
import type { Moment } from '../../kernel/time.ts';
import { formatMoment } from '../../kernel/time.ts';
import { humanDuration } from '../../report/duration-text.ts';

/** Names of fields that hold a moment, beside those that end in `At`, `Until` or `Timestamp`. */
const MOMENTS: ReadonlySet<string> = new Set(['at', 'until', 'since', 'due', 'notAfter', 'notBefore', 'usableFrom', 'lastTry', 'arrival']);

/** Names of fields that hold a duration, beside those that end in `Timeout`, `Period` or `Duration`. */
const DURATIONS: ReadonlySet<string> = new Set([
  'took',
  'waited',
  'wait',
  'retryAfter',
  'delay',
  'latency',
  'gap',
  'every',
  'timeout',
  'duration',
  'hold',
  'sleep',
  'grace',
  'backdate',
  'skew',
  'period',
  'life',
  'initialDelay',
]);

/** A value that is no tree. `key`: name of its field, or that of the list it stands in. */
export function leafText(value: unknown, key = ''): string {
  if (typeof value === 'string') return /^[^\s"=,{}[\]]+$/u.test(value) ? value : JSON.stringify(value);
  if (value === undefined) return 'undefined';
  // A time that has not come stands as -1.
  if (typeof value === 'number' && Number.isInteger(value) && value !== -1) {
    if (isMoment(key)) return formatMoment(value as Moment);
    if (isDuration(key)) return humanDuration(value);
  }
  return JSON.stringify(value);
}

function isMoment(key: string): boolean {
  return MOMENTS.has(key) || /[a-z](?:At|Until|Timestamp)$/u.test(key);
}

function isDuration(key: string): boolean {
  return DURATIONS.has(key) || /[a-z](?:Timeout|Period|Duration)$/u.test(key);
}
