/**
 * What a component's Event recorder makes of Events that come again: the same one counted, many similar ones combined, too many dropped.
 *
 * Follows client-go v0.23.17 tools/record/events_cache.go (EventAggregate, eventObserve, EventSourceObjectSpamFilter), in this order:
 *
 *   Event ─► 10th message of its kind about one object within 10 min? ─► "(combined from similar events): …"
 *         ─► seen before, word for word? ─► a count on the old Event (PATCH), else a new one (POST)
 *         ─► the object's bucket empty? ─► dropped
 */
import type { Duration, Moment } from '../kernel/time.ts';
import { isFull, take, tokenBucket } from './token-bucket.ts';
import type { BucketSize, TokenBucket } from './token-bucket.ts';

/** An Event before it is told apart. */
export interface PlainEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** `Kind/namespace/name`. */
  readonly regarding: string;
  readonly message: string;
}

/** How many Events are remembered of each sort; the oldest goes first (`maxLruCacheEntries`). */
const REMEMBERED = 4096;

/** What a recorder remembers; plain data. */
export interface EventMemory {
  /** Different messages of similar Events, and when the last came; by object, type and reason -- changes. */
  readonly similar: Record<string, { readonly messages: readonly string[]; readonly lastAt: Moment }>;
  /** Name and count of each Event written; by all that makes it the same -- changes. */
  readonly written: Record<string, { readonly name: string; readonly count: number }>;
  /** Bucket of each object -- changes. */
  readonly spam: Record<string, TokenBucket>;
}

/** A recorder that has said nothing yet. */
export function newEventMemory(): EventMemory {
  return { similar: {}, written: {}, spam: {} };
}

/** Limits of a recorder. */
export interface EventLimits {
  /** Different messages from which similar Events are combined [count], and the time without one that ends it. */
  readonly similarEvents: number;
  readonly similarWithin: Duration;
  readonly perObject: BucketSize;
}

/** What is to be written: a new Event under a new name, another count of an old one, or nothing. */
export type Correlation =
  | { readonly outcome: 'dropped' }
  | { readonly outcome: 'new' | 'counted'; readonly name: string; readonly message: string; readonly count: number };

/** Tells an Event apart and remembers it. `name` is the one it gets if it is new. Changes `memory`. */
export function correlate(
  memory: EventMemory,
  event: PlainEvent & { readonly name: string; readonly now: Moment },
  limits: EventLimits,
): Correlation {
  const kind = `${event.regarding}|${event.type}|${event.reason}`;
  const isCombined = aggregate(memory, kind, event, limits) === 'combined';
  const message = isCombined ? `(combined from similar events): ${event.message}` : event.message;
  const key = isCombined ? kind : `${kind}|${message}`;
  const before = memory.written[key];
  const written = { name: before?.name ?? event.name, count: (before?.count ?? 0) + 1 };
  remember(memory.written, key, written);
  const taking = take(memory.spam[event.regarding] ?? tokenBucket(limits.perObject), event.now);
  rememberBucket(memory.spam, event.regarding, taking.bucket, event.now);
  // Faithful: an Event the bucket drops was counted all the same.
  if (taking.outcome === 'refused') return { outcome: 'dropped' };
  return { outcome: before === undefined ? 'new' : 'counted', message, ...written };
}

/** Notes one more message of a kind. Faithful: combined Events let one old message go, so one that pauses is counted anew. */
function aggregate(
  memory: EventMemory,
  kind: string,
  event: { readonly message: string; readonly now: Moment },
  limits: EventLimits,
): 'combined' | 'single' {
  const old = memory.similar[kind];
  const isOver = old === undefined || event.now - old.lastAt > limits.similarWithin;
  const known = isOver ? [] : old.messages;
  const messages = known.includes(event.message) ? known : [...known, event.message];
  const isCombined = messages.length >= limits.similarEvents;
  remember(memory.similar, kind, { messages: isCombined ? messages.slice(1) : messages, lastAt: event.now });
  return isCombined ? 'combined' : 'single';
}

/** Puts an entry last; the first goes when there are too many. */
function remember<T>(entries: Record<string, T>, key: string, value: T): void {
  const isNew = entries[key] === undefined;
  entries[key] = value;
  if (!isNew) return;
  const keys = Object.keys(entries);
  if (keys.length > REMEMBERED && keys[0] !== undefined) Reflect.deleteProperty(entries, keys[0]);
}

/** A full bucket is as good as none: those go when there are many. */
function rememberBucket(buckets: Record<string, TokenBucket>, key: string, bucket: TokenBucket, now: Moment): void {
  buckets[key] = bucket;
  const keys = Object.keys(buckets);
  if (keys.length <= REMEMBERED) return;
  for (const other of keys) {
    const old = buckets[other];
    if (old !== undefined && isFull(old, now)) Reflect.deleteProperty(buckets, other);
  }
}
