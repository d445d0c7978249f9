/** From which events a race is told, and as of when. */
import type { PlaceInRun } from '../document/index.ts';
import { podOfReplica } from '../watcher.ts';
import type { AnsweredRun } from './answered-run.ts';
import type { Matter } from './index.ts';

/** Races that are found by how things are at the end. */
const LASTING: ReadonlySet<string> = new Set(['stuckAssignment', 'wedge']);

/** What a race is read from: one that lasts from its end, or as it is at the end of the run. */
export function matterOfRace(race: string, { event, pod }: PlaceInRun, { record }: AnsweredRun): Matter {
  const end =
    race === 'wedge'
      ? record.facts.find((one) => one.event >= event && one.fact.type === 'mic-cycle-ended' && podOfReplica(one.fact.replica) === pod)
      : undefined;
  if (end !== undefined) return { event: end.event, events: [event, end.event], pod, of: 'assignment', asOf: 'longestWait' };
  return { event, pod, ...(LASTING.has(race) ? { asOf: 'end' } : {}) };
}
