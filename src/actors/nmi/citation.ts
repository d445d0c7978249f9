/** NMI says which revision it acted on, so that a wait can be followed back to what ended it. */
import type { Moment } from '../../kernel/time.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Names the revision a decision rests on; what was there before the world began caused no wait. */
export function citeRevision(seen: { readonly cause: number; readonly arrivedAt: Moment }, turn: Turn): void {
  if (seen.cause >= 0) turn.cite({ event: seen.cause, arrivedAt: seen.arrivedAt, label: 'watch', mode: 'revision' });
}

/** Waits in which somebody looks again and again until an identity is assigned: NMI, its client, the application. */
const LOOKED_FOR_IN = ['nmiPoll', 'clientBackoff', 'appRetry'] as const;

/**
 * Names an assignment that a request found. Where it came while somebody looked for it in vain, also in an earlier try, that try waited
 * for it and not for the time of its looks.
 */
export function citeAssignment(seen: { readonly cause: number; readonly arrivedAt: Moment }, turn: Turn): void {
  citeRevision(seen, turn);
  if (seen.cause >= 0) turn.cite({ event: seen.cause, arrivedAt: seen.arrivedAt, label: 'watch', mode: 'condition', polls: LOOKED_FOR_IN });
}
