/**
 * Claim: a lagging view shows exactly what a naive copy shows that is fed entry by entry as they arrive, for any writes, lags and
 * partitions. Method: random histories, compared at every look with the naive copy.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LaggingView, StreamCursor } from '../../src/kernel/informer.ts';
import { hashString } from '../../src/kernel/random.ts';
import { Table } from '../../src/kernel/table.ts';
import type { JournalEntry } from '../../src/kernel/revision.ts';
import { moment } from '../../src/kernel/time.ts';
import type { Row } from '../support/toy-world.ts';

const LONGEST = 1000;
const KEYS = ['a', 'b', 'c', 'd'] as const;

const write = fc.record({
  gap: fc.integer({ min: 0, max: 400 }),
  key: fc.constantFrom(...KEYS),
  group: fc.constantFrom('left', 'right'),
  value: fc.integer({ min: 0, max: 99 }),
  isDeletion: fc.boolean(),
});

function lagOf(entry: JournalEntry<Row>): number {
  return hashString(`lag of ${String(entry.hash)}`) % LONGEST;
}

/** Rows as a watcher knows them that got every entry in order, each at the latest arrival so far. */
function naive(journal: readonly JournalEntry<Row>[], now: number): Map<string, Row> {
  const known = new Map<string, Row>();
  let latest = 0;
  for (const entry of journal) {
    latest = Math.max(latest, entry.at + lagOf(entry));
    if (latest > now) break;
    if (entry.after === undefined) known.delete(entry.key);
    else known.set(entry.key, entry.after);
  }
  return known;
}

function isLeft(row: Row | undefined): boolean {
  return row?.group === 'left';
}

function namesOf(rows: Iterable<Row>): readonly string[] {
  return [...rows].map((row) => row.name).sort();
}

function newTable(): Table<Row> {
  return new Table<Row>('things', { lag: 'watch', indexes: { group: (row) => row.group }, watchable: ['group'] });
}

describe('a lagging view', () => {
  it('equals a naive copy, whole and by partition, at every look', () => {
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 1500 }), (writes, wait) => {
        const table = newTable();
        const journal: JournalEntry<Row>[] = [];
        const cursors = { whole: new StreamCursor(), part: new StreamCursor() };
        let now = 0;
        for (const [n, step] of [...writes, { gap: wait, key: 'z', group: 'left', value: 0, isDeletion: true }].entries()) {
          now += step.gap;
          table.trim(moment(now - LONGEST - 1));
          const row: Row | undefined = step.isDeletion ? undefined : { name: step.key, group: step.group, value: step.value };
          const entry = table.commit(step.key, row, { at: moment(now), cause: n });
          if (entry !== undefined) journal.push(entry);
          const stream = {
            arrivalOf: (other: JournalEntry<Row>) => other.at + lagOf(other),
            isMissing: undefined,
            now: moment(now),
            isExact: false,
          } as const;
          const whole = new LaggingView(table, { ...stream, partition: undefined, cursor: cursors.whole });
          const part = new LaggingView(table, { ...stream, partition: { index: 'group', value: 'left' }, cursor: cursors.part });
          const expected = naive(journal, now);
          const ofPart = journal.filter((other) => isLeft(other.before) || isLeft(other.after));
          const mine = naive(ofPart, now);
          for (const key of KEYS) {
            expect(whole.get(key)).toEqual(expected.get(key));
            const known = mine.get(key);
            expect(part.get(key)).toEqual(isLeft(known) ? known : undefined);
          }
          expect(namesOf(whole.all())).toEqual(namesOf(expected.values()));
          expect(namesOf(whole.by('group', 'right'))).toEqual(namesOf([...expected.values()].filter((other) => other.group === 'right')));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a table', () => {
  it('keeps its indexes and its order of creation equal to a naive recomputation, also after a restore', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), (writes) => {
        const table = newTable();
        const order: string[] = [];
        let now = 0;
        for (const [n, step] of writes.entries()) {
          now += step.gap;
          const isThere = table.get(step.key) !== undefined;
          table.commit(step.key, step.isDeletion ? undefined : { name: step.key, group: step.group, value: n }, {
            at: moment(now),
            cause: n,
          });
          if (isThere && step.isDeletion) order.splice(order.indexOf(step.key), 1);
          if (!isThere && !step.isDeletion) order.push(step.key);
          table.trim(moment(now - LONGEST));
        }
        const copy = newTable();
        copy.restore(table.snapshot());
        for (const one of [table, copy]) {
          expect(one.all().map((row) => row.name)).toEqual(order);
          for (const group of ['left', 'right']) expect(one.by('group', group)).toEqual(one.all().filter((row) => row.group === group));
        }
      }),
    );
  });
});
