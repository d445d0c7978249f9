/**
 * Simulated moments as dates, for formats that want them. Time zero of every run stands for one date, always the same, so that equal
 * runs give equal files.
 */
import type { Moment } from '../../kernel/time.ts';

/** What time zero stands for: 2021-03-01T00:00:00Z, when AAD Pod Identity was in wide use [ms since 1970]. */
const ZERO_MS = 1_614_556_800_000;

/** A moment as `2021-03-01T00:02:50.400123Z`. */
function isoTime(at: Moment): string {
  const { seconds, micros } = split(at);
  return `${new Date(ZERO_MS + seconds * 1000).toISOString().slice(0, 19)}.${micros}Z`;
}

/** A moment as nanoseconds since 1970, in digits: the number is too large to be exact. */
export function unixNanos(at: Moment): string {
  const { seconds, micros } = split(at);
  return `${String(ZERO_MS / 1000 + seconds)}${micros}000`;
}

/** A moment as klog writes it: `0301 00:02:50.400123`. */
export function klogTime(at: Moment): string {
  const iso = isoTime(at);
  return `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 26)}`;
}

function split(at: Moment): { readonly seconds: number; readonly micros: string } {
  const seconds = Math.floor(at / 1_000_000);
  return { seconds, micros: String(at - seconds * 1_000_000).padStart(6, '0') };
}
