/** Token buckets: exact at the seams, and never more than capacity plus refill. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, millis, moment, seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { isFull, reserve, take, tokenBucket, tokensIn } from '../../src/model/token-bucket.ts';
import type { TokenBucket } from '../../src/model/token-bucket.ts';

const FOUR_A_MINUTE = { capacity: 12, refillPerSecond: 4 / 60 };
const MIC = { capacity: 5, refillPerSecond: 5 };

function takeMany(bucket: TokenBucket, times: readonly Moment[]): { readonly granted: readonly boolean[]; readonly bucket: TokenBucket } {
  let now = bucket;
  const granted = times.map((at) => {
    const taking = take(now, at);
    now = taking.bucket;
    return taking.ok;
  });
  return { granted, bucket: now };
}

describe('a server throttle', () => {
  it('grants 12 at once, refuses the 13th for 15 s to the microsecond, and then grants one', () => {
    const start = moment(seconds(7));
    const burst = takeMany(tokenBucket(FOUR_A_MINUTE), Array<Moment>(12).fill(start));
    expect(burst.granted).toEqual(Array(12).fill(true));
    expect(take(burst.bucket, start)).toMatchObject({ ok: false, retryAfter: seconds(15) });
    expect(take(burst.bucket, moment(seconds(22) - 1)).ok).toBe(false);
    expect(take(burst.bucket, moment(seconds(22))).ok).toBe(true);
  });

  it('is not emptied by what it refuses', () => {
    const empty = takeMany(tokenBucket(FOUR_A_MINUTE), Array<Moment>(100).fill(moment(0))).bucket;
    expect(take(empty, moment(seconds(15))).ok).toBe(true);
  });

  it('is full again after capacity over rate', () => {
    const { bucket } = takeMany(tokenBucket(FOUR_A_MINUTE), Array<Moment>(12).fill(moment(0)));
    expect(isFull(bucket, moment(seconds(180) - 1))).toBe(false);
    expect(isFull(bucket, moment(seconds(180)))).toBe(true);
    expect(tokensIn(bucket, moment(seconds(90)))).toBeCloseTo(6, 9);
  });
});

describe('a client limiter', () => {
  it('lets 5 calls go at once and spaces the next 10 by 200 ms', () => {
    let bucket = tokenBucket(MIC);
    const waits = Array.from({ length: 15 }, () => {
      const reservation = reserve(bucket, moment(seconds(3)));
      bucket = reservation.bucket;
      return reservation.wait;
    });
    expect(waits).toEqual([...Array<number>(5).fill(0), ...Array.from({ length: 10 }, (_, n) => millis(200 * (n + 1)))]);
    expect(tokensIn(bucket, moment(seconds(3)))).toBeCloseTo(-10, 9);
  });

  it('refuses sizes that never let anything through', () => {
    expect(() => tokenBucket({ capacity: 0, refillPerSecond: 1 })).toThrow(RangeError);
    expect(() => tokenBucket({ capacity: 1, refillPerSecond: 0 })).toThrow(RangeError);
  });
});

const sizes = fc.record({ capacity: fc.integer({ min: 1, max: 400 }), refillPerSecond: fc.double({ min: 0.01, max: 1000, noNaN: true }) });
const gaps = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 200 });

function timesOf(gapsInMicros: readonly number[]): readonly Moment[] {
  let at = 0;
  return gapsInMicros.map((gap) => moment((at += gap)));
}

describe('any bucket', () => {
  it('never grants more than capacity + rate × t in any stretch t of any schedule', () => {
    // Claim: the bound of a token bucket, checked for every pair of grants of random schedules.
    fc.assert(
      fc.property(sizes, gaps, (size, some) => {
        const times = timesOf(some);
        const granted = takeMany(tokenBucket(size), times).granted;
        const at = times.filter((_, n) => granted[n]);
        for (let first = 0; first < at.length; first += 1) {
          for (let last = first; last < at.length; last += 1) {
            const stretch = ((at[last] ?? 0) - (at[first] ?? 0)) / seconds(1);
            expect(last - first + 1).toBeLessThanOrEqual(size.capacity + size.refillPerSecond * stretch + 1e-6);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has the token it promised when the time it named has passed', () => {
    // Claim: Retry-After is enough, and one microsecond less (beyond rounding) is not.
    fc.assert(
      fc.property(sizes, gaps, (size, some) => {
        const times = timesOf(some);
        const { bucket } = takeMany(tokenBucket(size), times);
        const now = times.at(-1) ?? moment(0);
        const taking = take(bucket, now);
        if (taking.ok) return;
        expect(take(bucket, after(now, taking.retryAfter)).ok).toBe(true);
        if (taking.retryAfter > 2) expect(take(bucket, moment(now + taking.retryAfter - 2)).ok).toBe(false);
      }),
    );
  });

  it('lets reservations out in the order of their calls, and no faster than it lets takings', () => {
    // Claim: moments of release are sorted and keep the same bound.
    fc.assert(
      fc.property(sizes, gaps, (size, some) => {
        let bucket = tokenBucket(size);
        const released = timesOf(some).map((at) => {
          const reservation = reserve(bucket, at);
          bucket = reservation.bucket;
          return at + reservation.wait;
        });
        expect(released).toEqual([...released].sort((a, b) => a - b));
        const span = ((released.at(-1) ?? 0) - (released[0] ?? 0)) / seconds(1);
        expect(released.length).toBeLessThanOrEqual(size.capacity + size.refillPerSecond * span + 1e-3);
      }),
    );
  });
});
