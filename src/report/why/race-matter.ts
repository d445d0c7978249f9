/** From which events a race is told, and as of when. */
import { actorWords } from '../actor-words.ts';
import type { PlaceInRun } from '../document/index.ts';
import { humanMoment } from '../duration-text.ts';
import { lastPart } from '../value-text.ts';
import { podOfReplica } from '../watcher.ts';
import type { AnsweredRun } from './answered-run.ts';
import type { RunRecord } from './record.ts';
import type { About } from './standing/index.ts';
import { cause } from './standing/matter.ts';
import type { Matter as StandingMatter } from './standing/matter.ts';

/** What an answer is about: the event, the pod it concerned, and from when on causes are told. */
export interface Matter {
  readonly event: number;
  readonly pod?: string;
  readonly since?: number;
  /** Default: a token. */
  readonly of?: About['of'];
  /** VM or scale set of a leftover. */
  readonly machine?: string;
  /** Events that led to it by chains of their own; the last is the event itself. */
  readonly events?: readonly number[];
  /** Causes that are known beside the chain. */
  readonly own?: readonly StandingMatter[];
  /** As of when things are told: of that event, of the longest wait on the way there, or of the end, for what lasts. */
  readonly asOf?: 'end' | 'longestWait';
}

/** Races that are found by how things are at the end. */
const LASTING: ReadonlySet<string> = new Set(['stuckAssignment', 'wedge']);

/** What a race is read from: one that lasts from its end, or as it is at the end of the run. */
export function matterOfRace(race: string, { event, pod }: PlaceInRun, { record }: AnsweredRun): Matter {
  const end =
    race === 'wedge'
      ? record.facts.find((one) => one.event >= event && one.fact.type === 'mic-cycle-ended' && podOfReplica(one.fact.replica) === pod)
      : undefined;
  if (end !== undefined) return { event: end.event, events: [event, end.event], pod, of: 'assignment', asOf: 'longestWait' };
  if (race === 'lostUpdate') return { event, pod, own: putBefore(event, record) };
  return { event, pod, ...(LASTING.has(race) ? { asOf: 'end' } : {}) };
}

/** Who had put on a machine what an operation that ends with an event took off. */
function putBefore(event: number, { facts }: RunRecord): readonly StandingMatter[] {
  const taken = facts.find((one) => one.event === event && one.fact.type === 'arm-operation-ended')?.fact;
  if (taken?.type !== 'arm-operation-ended') return [];
  const removed = new Set(taken.removed.map((id) => id.toLowerCase()));
  const isIt = (id: string): boolean => removed.has(id.toLowerCase());
  const put = facts.findLast(
    ({ fact, event: at }) =>
      at < event &&
      fact.type === 'arm-operation-ended' &&
      fact.outcome === 'Succeeded' &&
      fact.resource.toLowerCase() === taken.resource.toLowerCase() &&
      fact.added.some(isIt),
  );
  if (put?.fact.type !== 'arm-operation-ended') return [];
  const what = put.fact.added.filter(isIt).map(lastPart).join(', ');
  const by = `${actorWords(put.fact.client)} put ${what} on ${lastPart(taken.resource)} at ${humanMoment(put.at)}`;
  return [cause(put.at, `${by}; the list that ${actorWords(taken.client)} wrote after that is without it`)];
}
