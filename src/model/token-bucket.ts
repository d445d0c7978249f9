/**
 * Token buckets: the limiter of a client, which makes its owner wait, and the throttle of a server, which refuses.
 *
 * Follows golang.org/x/time/rate (Limiter.reserveN, as client-go's flowcontrol uses it) for `reserve`, and the token buckets that ARM
 * and the compute provider publish for `take`. Both refill continuously. Kept as one number, the moment at which the bucket is full
 * again, instead of a count of tokens: that moment is exact where a count would gather rounding errors (4 a minute is 15 s a token).
 */
import { ZERO, micros } from '../kernel/time.ts';
import type { Duration, Moment } from '../kernel/time.ts';

/** Size and refill of a bucket, as bucket knobs carry them. */
export interface BucketSize {
  /** Tokens of a full bucket [tokens, above 0] -- constant. */
  readonly capacity: number;
  /** Refill [tokens/s, above 0] -- constant. */
  readonly refillPerSecond: number;
}

/** A bucket: plain data, replaced by each use. */
export interface TokenBucket {
  /** Tokens of a full bucket -- constant. */
  readonly capacity: number;
  /** Time in which one token grows [µs, may have a fraction] -- constant. */
  readonly intervalMicros: number;
  /** When it is full again if nobody takes any more [µs since the start, may have a fraction] -- changes. */
  readonly fullAtMicros: number;
}

/** What a client's limiter answers: go ahead after `wait`. */
export interface Reservation {
  readonly bucket: TokenBucket;
  /** Time until the reserved token exists; zero if it does already. */
  readonly wait: Duration;
}

/** What a server's throttle answers: taken, or refused and when to come back. A refusal leaves the bucket as it was. */
export type Taking =
  | { readonly outcome: 'taken'; readonly ok: true; readonly bucket: TokenBucket }
  | { readonly outcome: 'refused'; readonly ok: false; readonly bucket: TokenBucket; readonly retryAfter: Duration };

/** Finer than this [µs] nothing is told apart: it takes the noise of division out of intervals such as 15 s. */
const GRAIN = 1e-6;

/** A full bucket. Throws RangeError unless capacity and refill are above 0. */
export function tokenBucket(size: BucketSize): TokenBucket {
  if (!(size.capacity > 0) || !(size.refillPerSecond > 0)) throw new RangeError('a bucket must hold and gain more than no tokens');
  return { capacity: size.capacity, intervalMicros: Math.round(1_000_000 / size.refillPerSecond / GRAIN) * GRAIN, fullAtMicros: 0 };
}

/** Whether a bucket is full, so that a fresh one would do as well. */
export function isFull(bucket: TokenBucket, now: Moment): boolean {
  return bucket.fullAtMicros <= now;
}

/** Tokens in a bucket [may have a fraction; below 0 when clients have reserved ahead]. */
export function tokensIn(bucket: TokenBucket, now: Moment): number {
  return bucket.capacity - Math.max(0, bucket.fullAtMicros - now) / bucket.intervalMicros;
}

/** Takes the next token for a client, which has to wait until it exists; later callers wait longer, in order of their calls. */
export function reserve(bucket: TokenBucket, now: Moment): Reservation {
  const spent = spend(bucket, now);
  return { bucket: spent, wait: shortfall(spent, now) };
}

/** Takes a token if there is a whole one; else says how long until there is. */
export function take(bucket: TokenBucket, now: Moment): Taking {
  const spent = spend(bucket, now);
  const retryAfter = shortfall(spent, now);
  if (retryAfter > 0) return { outcome: 'refused', ok: false, bucket, retryAfter };
  return { outcome: 'taken', ok: true, bucket: spent };
}

function spend(bucket: TokenBucket, now: Moment): TokenBucket {
  return {
    capacity: bucket.capacity,
    intervalMicros: bucket.intervalMicros,
    fullAtMicros: Math.max(bucket.fullAtMicros, now) + bucket.intervalMicros,
  };
}

/** How long the youngest token taken is still to come: rounded up, so that who waits it out finds the token. */
function shortfall(bucket: TokenBucket, now: Moment): Duration {
  const missing = bucket.fullAtMicros - now - bucket.capacity * bucket.intervalMicros;
  return missing <= GRAIN * 100 ? ZERO : micros(Math.ceil(missing - GRAIN * 100));
}
