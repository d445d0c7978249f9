/** NMI says which revision it acted on, so that a wait can be followed back to what ended it. */
import type { Moment } from '../../kernel/time.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Names the revision a decision rests on; what was there before the world began caused no wait. */
export function citeRevision(seen: { readonly cause: number; readonly arrivedAt: Moment }, turn: Turn): void {
  if (seen.cause >= 0) turn.cite({ event: seen.cause, arrivedAt: seen.arrivedAt, label: 'watch', mode: 'revision' });
}
