/** Moments and durations: constructors, parsing, formatting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ORIGIN,
  ZERO,
  after,
  before,
  between,
  days,
  formatDuration,
  formatMoment,
  hours,
  inSeconds,
  micros,
  millis,
  minutes,
  moment,
  parseDuration,
  plus,
  scaled,
  seconds,
} from '../../src/kernel/time.ts';

const DAY = 86_400_000_000;

describe('constructors', () => {
  it('count microseconds: 1.5 ms are 1500, a day is 86400000000', () => {
    expect([micros(7), millis(1.5), seconds(2), minutes(1), hours(1), days(1)]).toEqual([
      7,
      1_500,
      2_000_000,
      60_000_000,
      3_600_000_000,
      DAY,
    ]);
    expect([ORIGIN, ZERO, moment(5)]).toEqual([0, 0, 5]);
  });

  it('round to whole microseconds: 0.0004 ms is 0, 0.0006 ms is 1, and -0 becomes 0', () => {
    expect([millis(0.0004), millis(0.0006)]).toEqual([0, 1]);
    expect(Object.is(micros(-0.2), 0)).toBe(true);
  });

  it.each([Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 1e300])('refuse %s', (bad) => {
    expect(() => micros(bad)).toThrow(RangeError);
    expect(() => moment(bad)).toThrow(RangeError);
    expect(() => days(bad)).toThrow(RangeError);
    expect(() => scaled(seconds(1), bad)).toThrow(RangeError);
  });
});

describe('arithmetic', () => {
  it('moves moments, measures between them, and keeps seconds with their fraction', () => {
    const start = moment(10);
    expect(after(start, micros(5))).toBe(15);
    expect(before(start, micros(4))).toBe(6);
    expect(between(start, moment(3))).toBe(-7);
    expect(plus(seconds(1), millis(1))).toBe(1_001_000);
    expect(scaled(micros(3), 0.5)).toBe(2);
    expect(inSeconds(millis(1_250))).toBe(1.25);
  });
});

describe('parseDuration', () => {
  it.each([
    ['5m', 300_000_000],
    ['1h30m', 5_400_000_000],
    ['300ms', 300_000],
    ['2.5s', 2_500_000],
    ['10us', 10],
    ['10µs', 10],
    ['3d', 3 * DAY],
    ['0s', 0],
    ['1d2h3m4s5ms6us', DAY + 7_384_005_006],
    ['0.000001s', 1],
    ['1.1s', 1_100_000],
    ['0.1us', 0],
  ])('reads %s as %d µs', (text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  it.each([
    '',
    '0',
    '5',
    '2.5',
    '-5m',
    '+5m',
    '5 m',
    ' 5m',
    '5m ',
    '.5s',
    '5.s',
    '5M',
    '1m1h',
    '1s1s',
    'm',
    '1e3s',
    'Infinitys',
    '5min',
    '١s',
    '999999999d',
    '1h-5m',
    '5ns',
  ])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [250, '250us'],
    [1_500, '1.5ms'],
    [300_000, '300ms'],
    [2_500_000, '2.5s'],
    [90_000_000, '1m30s'],
    [5_400_000_000, '1h30m'],
    [3 * DAY + 250_000, '3d0.25s'],
    [-1_000_000, '-1s'],
  ])('writes %d µs as %s', (us, text) => {
    expect(formatDuration(micros(us))).toBe(text);
  });

  // Claim: every duration survives formatting and parsing; by random durations of all magnitudes.
  it('is read back exactly', () => {
    const anyDuration = fc.oneof(fc.maxSafeNat(), fc.nat(), fc.nat(2_000_000));
    fc.assert(fc.property(anyDuration, (us) => parseDuration(formatDuration(micros(us))) === us));
  });
});

describe('formatMoment', () => {
  it.each([
    [0, '00:00:00.000'],
    [723_250_999, '00:12:03.250'],
    [DAY - 1, '23:59:59.999'],
    [2 * DAY + 7 * 3_600_000_000, '2d 07:00:00.000'],
    [-5_000_000, '-00:00:05.000'],
  ])('shows %d µs as %s, cutting off what is below a millisecond', (us, text) => {
    expect(formatMoment(moment(us))).toBe(text);
  });
});
