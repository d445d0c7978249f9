/** How many numbers become one. */
import type { Fold } from '../../scenarios/description/observation.ts';
import { nearestRank } from '../sample.ts';

/** Folds of numbers. */
export type NumberFold = Exclude<Fold, 'count' | 'distinct' | 'perMinute' | 'share' | 'age'>;

/** The numbers in the order in which they came, made one; undefined: there are none. */
export function folded(fold: NumberFold, numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  const ascending = [...numbers].sort((a, b) => a - b);
  const sum = numbers.reduce((total, value) => total + value, 0);
  switch (fold) {
    case 'first':
      return numbers[0];
    case 'last':
      return numbers.at(-1);
    case 'min':
      return ascending[0];
    case 'max':
      return ascending.at(-1);
    case 'mean':
      return sum / numbers.length;
    case 'sum':
      return sum;
    case 'p50':
      return nearestRank(ascending, 50);
    case 'p95':
      return nearestRank(ascending, 95);
    case 'span':
      return (ascending.at(-1) ?? 0) - (ascending[0] ?? 0);
  }
}
