/** Values and ids as people read them. */
import type { MetricUnit } from '../scenarios/schema/metric-names.ts';
import { humanDuration, humanShare } from './duration-text.ts';

/** `38.2 s`, `12.5 %`, `17`. */
export function humanValue(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'duration':
      return humanDuration(value);
    case 'share':
      return humanShare(value);
    case 'count':
      return String(value);
  }
}

/** A value beside its bound: exact where the short forms of the two would look alike although the values differ. */
export function humanBeside(value: number, of: { readonly bound: number; readonly unit: MetricUnit }): string {
  const text = humanValue(value, of.unit);
  if (value === of.bound || text !== humanValue(of.bound, of.unit)) return text;
  return of.unit === 'duration' ? `${String(value / 1_000_000)} s` : `${String(value * 100)} %`;
}

/** A bound as it was meant: to the last digit where the short form says another number. */
export function humanBound(bound: number, unit: MetricUnit): string {
  const text = humanValue(bound, unit);
  if (unit !== 'duration') return unit === 'share' && !Number.isInteger(bound * 1000) ? `${String(roundedTo(bound * 100))} %` : text;
  const [number = '', of = ''] = text.split(' ');
  const per: Readonly<Record<string, number>> = { µs: 1, ms: 1_000, s: 1_000_000 };
  const isExact = per[of] === undefined || text.split(' ').length > 2 || Math.abs(Number(number) * per[of] - bound) < 1;
  return isExact ? text : `${String(roundedTo(bound / 1_000_000))} s`;
}

/** To the microsecond, without what binary fractions add. */
function roundedTo(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000;
}

/** Last part of an ARM id or of a table key. */
export function lastPart(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** `1 access`, `2 accesses`; the plural where it is not just an s. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${String(count)} ${count === 1 ? noun : plural}`;
}
