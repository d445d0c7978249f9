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

/** Last part of an ARM id or of a table key. */
export function lastPart(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
