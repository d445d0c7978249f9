/** Every time in a fact is known by the name of its field. The compiler keeps the lists whole: it knows which fields hold times. */
import { expect, test } from 'vitest';
import type { Duration, Moment } from '../../src/kernel/time.ts';
import type { FactOf, FactType } from '../../src/model/facts/index.ts';
import { isDurationField, isMomentField } from '../../src/model/time-fields.ts';

/** Names of fields of some fact that hold a value of that kind. */
type FieldsOf<V> = {
  [T in FactType]: { [K in keyof FactOf<T>]-?: NonNullable<FactOf<T>[K]> extends V ? K : never }[keyof FactOf<T>];
}[FactType];

const MOMENTS: Readonly<Record<FieldsOf<Moment>, true>> = {
  askedAt: true,
  createdAt: true,
  everywhereAt: true,
  expiresAt: true,
  keptUntil: true,
  loggedAt: true,
  notAfter: true,
  since: true,
  startedAt: true,
  until: true,
  usableFrom: true,
};
const DURATIONS: Readonly<Record<FieldsOf<Duration>, true>> = { retryAfter: true, took: true, waited: true };

test.each(Object.keys(MOMENTS))('%s of a fact is a moment, and no duration', (name) => {
  expect([isMomentField(name), isDurationField(name)]).toEqual([true, false]);
});

test.each(Object.keys(DURATIONS))('%s of a fact is a duration, and no moment', (name) => {
  expect([isMomentField(name), isDurationField(name)]).toEqual([false, true]);
});

test('a path is known by its last name, and other numbers are no times', () => {
  expect(isMomentField('metadata.deletionTimestamp')).toBe(true);
  expect(isDurationField('spec.resyncPeriod')).toBe(true);
  for (const other of ['status', 'at.count', 'sat', 'period.count', 'missingFrom']) {
    expect([other, isMomentField(other), isDurationField(other)]).toEqual([other, false, false]);
  }
});
