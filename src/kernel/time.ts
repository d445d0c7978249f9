/**
 * Simulated time: whole microseconds since the start of a run.
 *
 * A moment and a duration are different types, so a moment cannot be added to a moment. Both are plain integers underneath (exact up
 * to 2^53 µs, some 285 years), so the event queue keeps them in a Float64Array and a comparison is one instruction.
 * Spelling of durations follows Go's time.ParseDuration, with days added and nanoseconds, signs and repeated units left out.
 */

declare const momentBrand: unique symbol;
declare const durationBrand: unique symbol;

/** A point of simulated time [µs since the start of the run, integer]. */
export type Moment = number & { readonly [momentBrand]: true };

/** A length of simulated time [µs, integer]; negative only as the difference of two moments in reverse order. */
export type Duration = number & { readonly [durationBrand]: true };

const MICROS_PER_MILLI = 1_000;
const MICROS_PER_SECOND = 1_000_000;
const MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
const MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE;
const MICROS_PER_DAY = 24 * MICROS_PER_HOUR;

/** Start of every run. */
export const ORIGIN: Moment = 0 as Moment;

/** No time at all. */
export const ZERO: Duration = 0 as Duration;

/** A moment from microseconds since the start, rounded to a whole one. Throws RangeError unless finite and within ±2^53. */
export function moment(us: number): Moment {
  return wholeMicros(us) as Moment;
}

/** A duration from microseconds, rounded to a whole one. Throws RangeError unless finite and within ±2^53 µs. */
export function micros(n: number): Duration {
  return wholeMicros(n) as Duration;
}

/** A duration from milliseconds, rounded to whole microseconds. Throws RangeError as {@link micros} does. */
export function millis(n: number): Duration {
  return micros(n * MICROS_PER_MILLI);
}

/** A duration from seconds, rounded to whole microseconds. Throws RangeError as {@link micros} does. */
export function seconds(n: number): Duration {
  return micros(n * MICROS_PER_SECOND);
}

/** A duration from minutes, rounded to whole microseconds. Throws RangeError as {@link micros} does. */
export function minutes(n: number): Duration {
  return micros(n * MICROS_PER_MINUTE);
}

/** A duration from hours, rounded to whole microseconds. Throws RangeError as {@link micros} does. */
export function hours(n: number): Duration {
  return micros(n * MICROS_PER_HOUR);
}

/** A duration from days of 24 hours, rounded to whole microseconds. Throws RangeError as {@link micros} does. */
export function days(n: number): Duration {
  return micros(n * MICROS_PER_DAY);
}

/** The moment that lies `d` later. Unchecked: it runs once per event. */
export function after(m: Moment, d: Duration): Moment {
  return (m + d) as Moment;
}

/** The moment that lies `d` earlier. */
export function before(m: Moment, d: Duration): Moment {
  return (m - d) as Moment;
}

/** Time from one moment to another; negative when `to` lies before `from`. */
export function between(from: Moment, to: Moment): Duration {
  return (to - from) as Duration;
}

/** Sum of two durations. */
export function plus(a: Duration, b: Duration): Duration {
  return (a + b) as Duration;
}

/** A duration times a factor, rounded to whole microseconds. Throws RangeError when the product is not finite. */
export function scaled(d: Duration, factor: number): Duration {
  return micros(d * factor);
}

/** A duration as a number of seconds, with its fraction. For display and statistics; not for arithmetic on time. */
export function inSeconds(d: Duration): number {
  return d / MICROS_PER_SECOND;
}

/** Each unit at most once, largest first; every part digits with an optional fraction. */
const DURATION =
  /^(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?(?:(\d+(?:\.\d+)?)[uµμ]s)?$/u;

/** Microseconds per unit, in the order of the groups of {@link DURATION}. */
const UNITS: readonly number[] = [MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND, MICROS_PER_MILLI, 1];

/**
 * Reads `5m`, `1h30m`, `300ms`, `2.5s`, `10us` (or `10µs`), `3d`; fractions below a microsecond are rounded.
 *
 * @returns undefined for anything else: a bare number (also `0`), a sign, blanks, units repeated or out of order, or more than 2^53 µs.
 */
export function parseDuration(text: string): Duration | undefined {
  const match = text === '' ? null : DURATION.exec(text);
  if (match === null) return undefined;

  let total = 0;
  for (const [index, unit] of UNITS.entries()) {
    const part = match[index + 1];
    // Each part is rounded by itself: below 2^51 µs the product is exact enough that this is the correct rounding.
    if (part !== undefined) total += Math.round(Number(part) * unit);
  }
  return Number.isSafeInteger(total) ? (total as Duration) : undefined;
}

/**
 * Short form for people: `0s`, `250us`, `1.5ms`, `2.5s`, `1h30m`, `3d0.25s`. Exact: {@link parseDuration} gives the same duration
 * back, except that negative ones, which it refuses, get a leading minus here.
 */
export function formatDuration(d: Duration): string {
  if (d < 0) return `-${formatDuration(micros(0 - d))}`;
  if (d === 0) return '0s';
  if (d < MICROS_PER_MILLI) return `${String(d)}us`;
  if (d < MICROS_PER_SECOND) return `${withFraction(d, MICROS_PER_MILLI)}ms`;

  const wholeDays = Math.floor(d / MICROS_PER_DAY);
  const wholeHours = Math.floor(d / MICROS_PER_HOUR) % 24;
  const wholeMinutes = Math.floor(d / MICROS_PER_MINUTE) % 60;
  const rest = d % MICROS_PER_MINUTE;
  return (
    (wholeDays > 0 ? `${String(wholeDays)}d` : '') +
    (wholeHours > 0 ? `${String(wholeHours)}h` : '') +
    (wholeMinutes > 0 ? `${String(wholeMinutes)}m` : '') +
    (rest > 0 ? `${withFraction(rest, MICROS_PER_SECOND)}s` : '')
  );
}

/**
 * Clock reading since the start, to the millisecond: `00:12:03.250`, `2d 07:00:00.000`. What is below a millisecond is cut off, not
 * rounded, so the clock never shows a moment that has not come yet.
 */
export function formatMoment(m: Moment): string {
  if (m < 0) return `-${formatMoment(moment(0 - m))}`;
  const wholeDays = Math.floor(m / MICROS_PER_DAY);
  const clock = [
    twoDigits(Math.floor(m / MICROS_PER_HOUR) % 24),
    twoDigits(Math.floor(m / MICROS_PER_MINUTE) % 60),
    twoDigits(Math.floor(m / MICROS_PER_SECOND) % 60),
  ].join(':');
  const wholeMillis = String(Math.floor(m / MICROS_PER_MILLI) % 1_000).padStart(3, '0');
  return `${wholeDays > 0 ? `${String(wholeDays)}d ` : ''}${clock}.${wholeMillis}`;
}

function wholeMicros(us: number): number {
  // `+ 0` turns the -0 that rounding leaves into 0, so that equal times are also identical (Object.is).
  const whole = Math.round(us) + 0;
  if (!Number.isSafeInteger(whole)) throw new RangeError(`a time must be finite and within ±2^53 µs, not ${String(us)}`);
  return whole;
}

/** `amount` in the given unit, as a decimal number without trailing zeros. Digits, not division, so that nothing is lost. */
function withFraction(amount: number, unit: number): string {
  const places = unit === MICROS_PER_SECOND ? 6 : 3;
  const digits = String(amount % unit)
    .padStart(places, '0')
    .replace(/0+$/u, '');
  const whole = String(Math.floor(amount / unit));
  return digits === '' ? whole : `${whole}.${digits}`;
}

function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
