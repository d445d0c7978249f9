/**
 * Units of time in which knobs are quoted, and how many microseconds each has.
 *
 * Simplified: a month is a twelfth of a year and a year 365.25 days; they only quote rare events.
 */

/** A unit of time a knob may be quoted in. */
export type TimeUnit = 'ms' | 's' | 'min' | 'h' | 'd' | 'months' | 'years';

/** Microseconds in one of each unit. */
export const MICROS_PER_UNIT: Readonly<Record<TimeUnit, number>> = {
  ms: 1_000,
  s: 1_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
  months: 2_629_800_000_000,
  years: 31_557_600_000_000,
};

const SPELLINGS: ReadonlyMap<string, number> = new Map([
  ['us', 1],
  ['µs', 1],
  ['μs', 1],
  ['ms', MICROS_PER_UNIT.ms],
  ['s', MICROS_PER_UNIT.s],
  ['sec', MICROS_PER_UNIT.s],
  ['m', MICROS_PER_UNIT.min],
  ['min', MICROS_PER_UNIT.min],
  ['h', MICROS_PER_UNIT.h],
  ['d', MICROS_PER_UNIT.d],
  ['month', MICROS_PER_UNIT.months],
  ['months', MICROS_PER_UNIT.months],
  ['year', MICROS_PER_UNIT.years],
  ['years', MICROS_PER_UNIT.years],
]);

/** Microseconds in one of the unit a person wrote (`s`, `m`, `min`, `years` …); undefined if none. */
export function microsOfSpelling(spelling: string): number | undefined {
  return SPELLINGS.get(spelling);
}
