/** Patterns of cases: a map matches what has at least its keys; absent and empty are the same; resource ids are blind to letter case. */
import { isMap } from './stage/objects.ts';
import type { Data } from './stage/objects.ts';

/** What a pattern may ask the world. */
export interface MatchContext {
  /** Present resource version of `Kind/namespace/name`; undefined where there is none. */
  versionOf(ref: string): string | undefined;
}

/** Whether a value fits a pattern. */
export function matches(pattern: Data | undefined, value: unknown, context: MatchContext): boolean {
  if (isMap(pattern)) {
    const ref = pattern['$currentResourceVersionOf'];
    if (typeof ref === 'string') return value !== undefined && value === context.versionOf(ref);
    const fields = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
    return Object.entries(pattern).every(([key, wanted]) => matches(wanted, fields[key], context));
  }
  if (isEmpty(pattern)) return isEmpty(value);
  if (Array.isArray(pattern)) {
    const wanted = pattern as readonly Data[];
    return Array.isArray(value) && value.length === wanted.length && wanted.every((one, index) => matches(one, value[index], context));
  }
  return isSameWord(pattern, value);
}

/** Whether nothing is said: absent, `''`, 0, false, null, or an empty map or list (or a map of such). */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

/** Whether two words are the same; resource ids letter case aside. */
export function isSameWord(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string' && /^\/subscriptions\//iu.test(a)) return a.toLowerCase() === b.toLowerCase();
  return a === b;
}

/** Whether each pattern can be given a value of its own. */
export function canAssign(patterns: readonly Data[], values: readonly unknown[], context: MatchContext): boolean {
  const owner = new Array<number>(values.length).fill(-1);
  const fits = patterns.map((pattern) => values.map((value) => matches(pattern, value, context)));
  const place = (pattern: number, tried: Set<number>): boolean => {
    for (const [index, isFit] of (fits[pattern] ?? []).entries()) {
      if (!isFit || tried.has(index)) continue;
      tried.add(index);
      const holder = owner[index] ?? -1;
      if (holder >= 0 && !place(holder, tried)) continue;
      owner[index] = pattern;
      return true;
    }
    return false;
  };
  return patterns.every((_, pattern) => place(pattern, new Set()));
}
