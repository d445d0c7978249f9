/**
 * What MIC makes of the text of a `Retry-After` header. Follows aad-pod-identity v1.8.17 `pkg/cloudprovider/cloudprovider.go:getRetryAfter`:
 * whole seconds or a date of RFC 1123 count, anything else is as if there were no header.
 */
import { seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';

const MONTHS: readonly string[] = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const DATE = new RegExp(`^${WEEKDAY}, (\\d{2}) (${MONTHS.join('|')}) (\\d{4}) (\\d{2}):(\\d{2}):(\\d{2}) [A-Z]{3,4}$`, 'u');
const DAY_SECONDS = 86_400;

/** Wait until which ARM wants no further call, seen at `present` [s since 1 January 1970 UTC]; undefined: none, or over. */
export function holdBackOf(header: string, present: number): Duration | undefined {
  const wait = /^\d+$/u.test(header) ? Number(header) : dateOf(header) - present;
  return wait > 0 ? seconds(wait) : undefined;
}

/** A date of RFC 1123 in seconds since 1970; -Infinity for any other text. Zones count as UTC, as Go takes abbreviations it does not know. */
function dateOf(text: string): number {
  const parts = DATE.exec(text);
  if (parts === null) return -Infinity;
  const [day, year, hours, minutes, rest] = [1, 3, 4, 5, 6].map((index) => Number(parts[index])) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const month = MONTHS.indexOf(parts[2] ?? '') + 1;
  return daysSince1970(year, month, day) * DAY_SECONDS + hours * 3600 + minutes * 60 + rest;
}

/** Days of the Gregorian calendar, years counted from March so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - DAYS_TO_1970;
}

/** Days from 1 March of year 0 to 1 January 1970 [d]. */
const DAYS_TO_1970 = 719_468;
