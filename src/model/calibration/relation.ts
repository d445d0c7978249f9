/**
 * Rules between knobs: values that are possible alone but not together.
 */
import { hours } from '../../kernel/time.ts';

import type { Calibration } from './calibration.ts';
import type { KnobName } from './catalogue/index.ts';

/** A rule between knobs; it is blamed on the first that is overridden. */
interface Relation {
  readonly knobs: readonly KnobName[];
  readonly rule: string;
  readonly holds: (calibration: Calibration) => boolean;
}

/** client-go adds up to 1.2 retry periods of jitter and refuses a deadline below that. */
const LEASE_JITTER = 1.2;

/** All rules between knobs. */
export const relations: readonly Relation[] = [
  {
    knobs: ['mic.lease.renewDeadline', 'mic.lease.duration'],
    rule: 'mic.lease.renewDeadline is shorter than mic.lease.duration',
    holds: (c) => c.value('mic.lease.renewDeadline') < c.value('mic.lease.duration'),
  },
  {
    knobs: ['mic.lease.retryPeriod', 'mic.lease.renewDeadline'],
    rule: 'mic.lease.renewDeadline is longer than 1.2 times mic.lease.retryPeriod',
    holds: (c) => c.value('mic.lease.renewDeadline') > LEASE_JITTER * c.value('mic.lease.retryPeriod'),
  },
  {
    knobs: ['mi.cert.rollAfter', 'mi.cert.lifetime'],
    rule: 'mi.cert.rollAfter is shorter than mi.cert.lifetime',
    holds: (c) => c.value('mi.cert.rollAfter') < c.value('mi.cert.lifetime'),
  },
  {
    knobs: ['wi.saToken.lifetime'],
    rule: 'wi.saToken.lifetime is 1h to 24h',
    holds: (c) => c.value('wi.saToken.lifetime') >= hours(1) && c.value('wi.saToken.lifetime') <= hours(24),
  },
  {
    knobs: ['watch.backoff.first', 'watch.backoff.cap'],
    rule: 'watch.backoff.first is at most watch.backoff.cap',
    holds: (c) => c.value('watch.backoff.first') <= c.value('watch.backoff.cap'),
  },
  {
    knobs: ['pod.crashBackoff.first', 'pod.crashBackoff.cap'],
    rule: 'pod.crashBackoff.first is at most pod.crashBackoff.cap',
    holds: (c) => c.value('pod.crashBackoff.first') <= c.value('pod.crashBackoff.cap'),
  },
];
