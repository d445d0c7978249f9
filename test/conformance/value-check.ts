/** The assertion `returns`: what a call gave against what it should give. */
import { mismatch } from './case.ts';
import type { HttpEquivalent } from './functions/http-equivalent.ts';
import { isEmpty, isSameWord, matches } from './matching.ts';
import type { MatchContext } from './matching.ts';
import { isMap, listAt, mapAt } from './stage/objects.ts';
import type { Data, DataMap } from './stage/objects.ts';

/** What a call came to. `error`: it failed. `isExact`: a map that must be equal, not just contain. */
export interface CallResult {
  readonly value: unknown;
  readonly error?: string;
  readonly isExact?: boolean;
  /** What NMI says over HTTP in its place. */
  readonly http?: HttpEquivalent;
  /** How long it took [s]. */
  readonly took: number;
}

const NO_CONTEXT: MatchContext = { versionOf: () => undefined };

/** Throws where the result is not the one wanted. */
export function checkReturn(wanted: DataMap, result: CallResult): void {
  const isError = result.error !== undefined;
  if (isError !== (wanted['error'] === true)) mismatch('error', wanted['error'] ?? false, result.error ?? false);
  if (isMap(wanted['partition'])) checkPartition(mapAt(wanted, 'partition'), result.value);
  if (!Object.hasOwn(wanted, 'value')) return;
  const expected = wanted['value'] ?? null;
  const seen = typeof wanted['roundTo'] === 'number' ? rounded(result.value, wanted['roundTo']) : result.value;
  if (!isWanted(expected, seen, { ...wanted, exact: result.isExact === true })) mismatch('value', expected, seen);
}

function isWanted(expected: Data, seen: unknown, how: DataMap): boolean {
  if (expected === null) return seen === null || seen === undefined;
  if (Array.isArray(expected)) return isSameList(expected as readonly Data[], seen, how);
  if (isMap(expected)) {
    if (Object.keys(expected).length === 0) return seen !== null && seen !== undefined && isEmpty(seen);
    if (how['exact'] === true) return isSameMap(expected, seen, how);
    return Object.entries(expected).every(([key, value]) => {
      const field = typeof seen === 'object' && seen !== null ? (seen as Readonly<Record<string, unknown>>)[key] : undefined;
      return Array.isArray(value) ? isSameList(value as readonly Data[], field ?? [], how) : matches(value, field, NO_CONTEXT);
    });
  }
  if (how['ignoreCase'] === true && typeof expected === 'string' && typeof seen === 'string')
    return expected.toLowerCase() === seen.toLowerCase();
  return isSameWord(expected, seen);
}

/** Lists are sets, unless they are said to be ordered. */
function isSameList(expected: readonly Data[], seen: unknown, how: DataMap): boolean {
  if (!Array.isArray(seen) || seen.length !== expected.length) return false;
  const values = seen as readonly unknown[];
  if (how['ordered'] === true) return expected.every((one, index) => matches(one, values[index], NO_CONTEXT));
  return expected.every((one) => values.some((value) => matches(one, value, NO_CONTEXT)));
}

function isSameMap(expected: DataMap, seen: unknown, how: DataMap): boolean {
  if (typeof seen !== 'object' || seen === null) return false;
  const fields = seen as Readonly<Record<string, unknown>>;
  if (Object.keys(fields).length !== Object.keys(expected).length) return false;
  return Object.entries(expected).every(([key, value]) => {
    const field = fields[key];
    if (isMap(value)) return isSameMap(value, field, how);
    return Array.isArray(value) ? isSameList(value as readonly Data[], field, how) : field === value;
  });
}

function rounded(value: unknown, to: number): unknown {
  return typeof value === 'number' ? Math.round(value / to) * to : value;
}

/** Sizes of two parts that together hold each input once. */
function checkPartition(wanted: DataMap, seen: unknown): void {
  const parts = isMap(seen as Data) ? (seen as DataMap) : {};
  const [first, rest] = [listAt(parts, 'first'), listAt(parts, 'rest')];
  if (first.length !== wanted['first'] || rest.length !== wanted['rest'])
    mismatch('partition', wanted, { first: first.length, rest: rest.length });
  if (new Set([...first, ...rest]).size !== first.length + rest.length) mismatch('partition', 'each in one part', 'some in both');
}
