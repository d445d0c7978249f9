/**
 * Which fields of facts, rows, states and messages are times: by name.
 *
 * Simplified: all of these are plain data, in which a time is a number like any other; the name of its field tells it.
 */

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

/** Whether a field of that name, or at that path (`metadata.deletionTimestamp`), holds a moment [µs since the start]. */
export function isMomentField(path: string): boolean {
  const name = lastName(path);
  return MOMENTS.has(name) || /[a-z](?:At|Until|Timestamp)$/u.test(name);
}

/** Whether a field of that name, or at that path, holds a duration [µs]. */
export function isDurationField(path: string): boolean {
  const name = lastName(path);
  return DURATIONS.has(name) || /[a-z](?:Timeout|Period|Duration)$/u.test(name);
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
