/** Replicas of the directory: a new principal is known to one of them first, and a request meets any of them. */
import { between } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import type { ServicePrincipal } from './azure.ts';

/** Chance [0 to 1] that a request now meets a replica without that principal; `rule` is the knob `mi.sp.missProbDuringReplication`. */
export function missChance(
  principal: Pick<ServicePrincipal, 'createdAt' | 'restoredAt' | 'replicatedAt'>,
  rule: 'linear' | 'always' | 'never',
  now: Moment,
): number {
  const { createdAt, restoredAt = createdAt, replicatedAt } = principal;
  if (now >= replicatedAt || rule === 'never') return 0;
  if (rule === 'always') return 1;
  return between(now, replicatedAt) / Math.max(1, between(restoredAt, replicatedAt));
}
