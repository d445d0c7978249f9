/**
 * Whether a replay did what the recording shows. Everything is compared; entries of PATCHes that the recording only counts are counted,
 * since which of them go into which PATCH is chance.
 */
import { isDeepStrictEqual } from 'node:util';
import { byText } from '../stage/control-plane.ts';
import type { Outcome, RecordedCall, Snapshot } from './vector.ts';

/** Where a replay departs from the recording first. */
export interface Difference {
  readonly step: number;
  readonly field: string;
  readonly expected: string;
  readonly seen: string;
}

/** The first difference; undefined where there is none. */
export function differenceBetween(expected: Outcome, seen: Outcome): Difference | undefined {
  for (const [index, wanted] of expected.entries()) {
    const got = seen[index];
    if (got === undefined) return { step: wanted.step, field: 'steps', expected: 'a snapshot', seen: 'none' };
    const difference = differenceAt(wanted, got);
    if (difference !== undefined) return difference;
  }
  const more = seen[expected.length];
  return more === undefined ? undefined : { step: more.step, field: 'steps', expected: 'none', seen: 'a snapshot' };
}

function differenceAt(wanted: Snapshot, got: Snapshot): Difference | undefined {
  const [a, b] = [comparable(wanted), comparable(got)];
  for (const [field, value] of Object.entries(a)) {
    const other = b[field];
    if (!isDeepStrictEqual(value, other)) {
      return { step: wanted.step, field, expected: JSON.stringify(value), seen: JSON.stringify(other) };
    }
  }
  return undefined;
}

function comparable({ step, assignedIdentities, armResources, armCalls, crdCalls, events }: Snapshot): Readonly<Record<string, unknown>> {
  return {
    step,
    assignedIdentities,
    armResources,
    armCalls: armCalls.map(({ kind, name, calls }) => ({ kind, name, calls: comparableCalls(calls) })),
    crdCalls,
    events: events.map((event) => JSON.stringify(sorted(event))),
  };
}

function comparableCalls(calls: readonly RecordedCall[]): readonly unknown[] {
  let isCounted = false;
  return calls.map(({ op, status, type, adds = [], removes = [], addCount, removeCount, asyncFailed = false }) => {
    if (op === 'GET') return { op, status };
    isCounted ||= addCount !== undefined || adds.length + removes.length >= COUNTED_FROM;
    const entries = isCounted ? { adds: addCount ?? adds.length, removes: removeCount ?? removes.length } : { adds, removes };
    return { op, status, type, asyncFailed, ...entries };
  });
}

/** Size of a change from which the recording counts entries [entries]. */
const COUNTED_FROM = 150;

function sorted(record: object): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => byText(a, b)));
}
