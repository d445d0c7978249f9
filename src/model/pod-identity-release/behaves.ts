/** What actors ask about releases: whether the installed one behaves so, and how it calls itself. */
import { SETTINGS_KEY } from '../settings.ts';
import type { Turn } from '../vocabulary.ts';
import { hasBehaviour } from './behaviours.ts';
import type { Behaviour } from './behaviours.ts';
import type { Release } from './release.ts';

/** Whether the installed release behaves so; `own`: the release of the process that asks, where it is another one. */
export function behaves(turn: Turn, behaviour: Behaviour, own?: Release): boolean {
  return hasBehaviour(own ?? turn.table('settings').get(SETTINGS_KEY)?.version ?? '', behaviour);
}

/** Number of the installed release as its processes print and write it; `''` in a world without one. */
export function installedRelease(turn: Turn): string {
  return turn.table('settings').get(SETTINGS_KEY)?.version ?? '';
}
