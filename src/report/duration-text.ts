/** Durations and moments as people read them: three digits and a unit. The same on every machine: no locale. */
import { formatMoment } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';

const MILLI = 1_000;
const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0 s`, `250 µs`, `3.1 ms`, `150 ms`, `38.2 s`, `2 min 05 s`, `1 h 30 min`, `3 d 4 h`; a minus where it is negative. */
export function humanDuration(us: number): string {
  if (us < 0) return `-${humanDuration(-us)}`;
  if (us === 0) return '0 s';
  if (us < MILLI) return `${String(Math.round(us))} µs`;
  // The limits lie where rounding would reach the next unit.
  if (us < 999_500) return `${digits(us / MILLI)} ms`;
  if (us < 119_950_000) return `${digits(us / SECOND)} s`;
  if (us < HOUR - SECOND / 2) return inTwo(Math.round(us / SECOND), 60, ['min', 's']);
  if (us < DAY - MINUTE / 2) return inTwo(Math.round(us / MINUTE), 60, ['h', 'min']);
  return inTwo(Math.round(us / HOUR), 24, ['d', 'h']);
}

/** The same in one unit, eight characters at most, for columns: `9.5 min`, `1.5 h`, `3.2 d`. */
export function narrowDuration(us: number): string {
  if (us < 119_950_000) return humanDuration(us);
  if (us < HOUR - 3 * SECOND) return `${digits(us / MINUTE)} min`;
  return us < DAY - 3 * MINUTE ? `${digits(us / HOUR)} h` : `${digits(us / DAY)} d`;
}

/** Clock reading since the start to a tenth of a second, cut off: `00:12:03.2`. */
export function humanMoment(us: number): string {
  return formatMoment(us as Moment).slice(0, -2);
}

/** A share as percent with one decimal: `12.5 %`; `<0.1 %` and `>99.9 %` where rounding would say nothing or everything. */
export function humanShare(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1 %';
  if (share < 1 && share >= 0.9995) return '>99.9 %';
  return `${(share * 100).toFixed(1)} %`;
}

function digits(value: number): string {
  return value < 99.95 ? value.toFixed(1) : String(Math.round(value));
}

function inTwo(total: number, per: number, units: readonly [string, string]): string {
  const small = total % per;
  const large = `${String(Math.floor(total / per))} ${units[0]}`;
  return small === 0 ? large : `${large} ${String(small).padStart(2, '0')} ${units[1]}`;
}
