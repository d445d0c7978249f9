/** How long the token of a managed identity lives. */
import type { Duration } from '../kernel/time.ts';
import type { Turn } from './vocabulary.ts';

/** Life from the issue: 24 hours, or 8 in the years before December 2020. */
export function managedTokenLife(turn: Turn): Duration {
  return turn.knob(turn.knob('mi.token.lifetime.era') === 'before2020-12' ? 'mi.token.lifetime.legacy' : 'mi.token.lifetime');
}
