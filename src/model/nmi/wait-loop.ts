/**
 * How long NMI waits for an identity: a look every interval, so many for it to be created, so many more for it to be assigned.
 *
 * Follows aad-pod-identity v1.8.17 `pkg/nmi/standard.go:listPodIDsWithRetry`. With 16, 4 and 5 s: never created fails at 80 s, created
 * but never assigned at 100 s, and what becomes assigned in between is found at the next multiple of 5 s.
 */

/** How often NMI looks. */
export interface WaitLimits {
  /** `retry-attempts-for-created` [looks] -- constant. */
  readonly created: number;
  /** `retry-attempts-for-assigned` [looks] -- constant. */
  readonly assigned: number;
}

/** Before NMI waited: one look, and an answer. */
export const ONE_LOOK: WaitLimits = { created: 0, assigned: 1 };

/** What follows a look. */
export type AfterLook = 'found' | 'sleep' | 'notFound';

/** What to do after the look of number `attempt` (from 0). */
export function afterLook(kind: 'usable' | 'created' | 'none', attempt: number, limits: WaitLimits): AfterLook {
  if (kind === 'usable') return 'found';
  return kind === 'none' && attempt >= limits.created ? 'notFound' : 'sleep';
}

/** Whether there is a look of that number. Faithful: the sleep after the last look is slept all the same, and then NMI gives up. */
export function hasLook(attempt: number, limits: WaitLimits): boolean {
  return attempt < limits.created + limits.assigned;
}
