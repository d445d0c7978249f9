/** The table of behaviours, whole, and what a release has of it. */
import type { BehaviourRow } from './behaviour-row.ts';
import { micBehaviours } from './mic-behaviours.ts';
import { nmiBehaviours } from './nmi-behaviours.ts';
import { DEFAULT_RELEASE, RELEASES, isRelease, isWithin } from './release.ts';
import type { Release } from './release.ts';

/** Every behaviour by name. */
export const BEHAVIOURS = { ...micBehaviours, ...nmiBehaviours } as const;

/** Name of a behaviour. */
export type Behaviour = keyof typeof BEHAVIOURS;

/** What each release has; asked for in every cycle, so made once. */
const HELD: ReadonlyMap<string, ReadonlySet<string>> = new Map(RELEASES.map((release) => [release, heldBy(release)]));

/** Whether a release has a behaviour. A world without a release (`''`) is one of the default. */
export function hasBehaviour(version: string, behaviour: Behaviour): boolean {
  return HELD.get(isRelease(version) ? version : DEFAULT_RELEASE)?.has(behaviour) === true;
}

function heldBy(release: Release): ReadonlySet<string> {
  const rows: readonly (readonly [string, BehaviourRow])[] = Object.entries(BEHAVIOURS);
  return new Set(rows.filter(([, row]) => isWithin(release, row)).map(([name]) => name));
}
