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
import { take, tokenBucket } from './token-bucket.ts';
import type { BucketSize, TokenBucket } from './token-bucket.ts';

/** An Event before it is told apart. */
export interface PlainEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** `Kind/namespace/name`. */
  readonly regarding: string;
  readonly message: string;
}

/** What a recorder remembers of one object; plain data, replaced by each Event. */
export interface EventMemory {
  /** Different messages of similar Events, and when the last came; by type and reason. */
  readonly similar: Readonly<Record<string, { readonly messages: readonly string[]; readonly lastAt: Moment }>>;
  /** Name and count of each Event written; by all that makes it the same. */
  readonly written: Readonly<Record<string, { readonly name: string; readonly count: number }>>;
  readonly bucket: TokenBucket;
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

/**
 * Tells an Event apart and answers what is remembered of its object from now on. `name` is the one it gets if it is new.
 *
 * Simplified: upstream forgets the oldest of 4,096 objects; here none is forgotten while the process lives.
 */
export function correlate(
  before: EventMemory | undefined,
  event: PlainEvent & { readonly name: string; readonly now: Moment },
  limits: EventLimits,
): { readonly memory: EventMemory; readonly made: Correlation } {
  const kind = `${event.type}|${event.reason}`;
  const group = aggregate(before?.similar[kind], event, limits);
  const message = group.isCombined ? `(combined from similar events): ${event.message}` : event.message;
  const key = group.isCombined ? kind : `${kind}|${message}`;
  const old = before?.written[key];
  const written = { name: old?.name ?? event.name, count: (old?.count ?? 0) + 1 };
  const taking = take(before?.bucket ?? tokenBucket(limits.perObject), event.now);
  const memory: EventMemory = {
    similar: { ...before?.similar, [kind]: { messages: group.messages, lastAt: event.now } },
    written: { ...before?.written, [key]: written },
    bucket: taking.bucket,
  };
  // Faithful: an Event the bucket drops was counted all the same.
  if (taking.outcome === 'refused') return { memory, made: { outcome: 'dropped' } };
  return { memory, made: { outcome: old === undefined ? 'new' : 'counted', message, ...written } };
}

/** Adds one message to those of its kind. Faithful: combining lets one old message go, so a kind that pauses is counted anew. */
function aggregate(
  old: { readonly messages: readonly string[]; readonly lastAt: Moment } | undefined,
  event: { readonly message: string; readonly now: Moment },
  limits: EventLimits,
): { readonly messages: readonly string[]; readonly isCombined: boolean } {
  const known = old === undefined || event.now - old.lastAt > limits.similarWithin ? [] : old.messages;
  const messages = known.includes(event.message) ? known : [...known, event.message];
  const isCombined = messages.length >= limits.similarEvents;
  return { messages: isCombined ? messages.slice(1) : messages, isCombined };
}
