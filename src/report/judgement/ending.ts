/** How a run ended, as far as judging goes. */
import type { Outcome } from '../../kernel/world.ts';

/** The end of a run. */
export type Ending = Pick<Outcome, 'ended' | 'at'>;

/** Whether the run stopped before its time: what did not happen might have. */
export function isCutShort({ ended }: Pick<Ending, 'ended'>): boolean {
  return ended === 'budget' || ended === 'paused';
}
