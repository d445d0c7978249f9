/** The one question actors ask about releases. */
import { SETTINGS_KEY } from '../settings.ts';
import type { Turn } from '../vocabulary.ts';
import { hasBehaviour } from './behaviours.ts';
import type { Behaviour } from './behaviours.ts';

/** Whether the installed release behaves so. */
export function behaves(turn: Turn, behaviour: Behaviour): boolean {
  return hasBehaviour(turn.table('settings').get(SETTINGS_KEY)?.version ?? '', behaviour);
}
