/**
 * When a candidate may take the lock. Follows client-go v0.23.17 tools/leaderelection (tryAcquireOrRenew).
 *
 * While leader, API server and links between them are healthy, renewals are a standing exchange without messages: the n-th renewal
 * after the record was written is known from the record alone.
 */
import type { Duration, Moment } from '../../kernel/time.ts';

/** A lock record as a candidate last saw it change. */
export interface Sighting {
  readonly holder: string;
  readonly renewedAt: Moment;
  /** When the candidate first saw this record, on its own clock. */
  readonly seenAt: Moment;
}

/** Last renewal of a standing exchange at or before a moment. */
export function lastRenewal(record: { readonly renewedAt: Moment; readonly period: Duration }, at: Moment): Moment {
  if (at <= record.renewedAt) return record.renewedAt;
  return (record.renewedAt + Math.floor((at - record.renewedAt) / record.period) * record.period) as Moment;
}

/** First renewal of a standing exchange after a moment. */
export function nextRenewal(record: { readonly renewedAt: Moment; readonly period: Duration }, at: Moment): Moment {
  return (lastRenewal(record, at) + (at < record.renewedAt ? 0 : record.period)) as Moment;
}

/** What a candidate knows after it read the record: seen before, or new from now on. */
export function sight(
  before: Sighting | undefined,
  record: { readonly holder: string; readonly renewedAt: Moment },
  now: Moment,
): Sighting {
  if (before?.holder === record.holder && before.renewedAt === record.renewedAt) return before;
  return { holder: record.holder, renewedAt: record.renewedAt, seenAt: now };
}

/** Whether the lock may be taken: nobody's, one's own, or not seen to change for a whole lease on one's own clock. */
export function mayTake(sighting: Sighting, who: { readonly isOwn: boolean; readonly duration: Duration }, now: Moment): boolean {
  return who.isOwn || sighting.holder === '' || sighting.seenAt + who.duration <= now;
}

/** A process at the lock: key of its pod, and its flag leader-election-instance, `''` for the hostname. */
export interface Elector {
  readonly pod: string;
  readonly instance: string;
}

/**
 * Whether a record's holder is that process: by the name the flag gives, else by that of its pod. Faithful: one name for all replicas makes
 * each of them the holder, so that all lead at once.
 */
export function isOwnRecord(holder: string, { pod, instance }: Elector): boolean {
  return instance === '' ? isHolder(holder, pod) : holder === instance;
}

/** Whether a record's holder is that pod (key `namespace/name`); upstream writes the bare name, its hostname. */
export function isHolder(holder: string, podKey: string): boolean {
  return holder !== '' && (holder === podKey || podKey.endsWith(`/${holder}`));
}
