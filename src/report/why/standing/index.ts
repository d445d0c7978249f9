/**
 * How things stood at the moment a question is about: what was under way, behind, refused or gone. Causes that never send a message, such
 * as a watch that delivers nothing or rules that are not there, are found in no chain of events; they are told here.
 */
import type { Moment } from '../../../kernel/time.ts';
import { humanMoment } from '../../duration-text.ts';
import type { Stamped } from '../../watcher.ts';
import type { NotedStatus, RunRecord } from '../record.ts';
import { mattersOfAzure } from './azure.ts';
import type { Matter, Place } from './matter.ts';
import { cause, isPod, plain, since } from './matter.ts';
import { mattersOfMic } from './mic.ts';
import { mattersOfNode } from './node.ts';

/** Steps of the story that are told. */
const STEPS = 3;

/** What a question is about. */
export interface About {
  /** `namespace/name`, or part of it; `''` for no pod. */
  readonly pod: string;
  readonly at: Moment;
  /** The event, or Infinity for the end. */
  readonly event: number;
  /** `design`: what nobody had to take away. */
  readonly of: 'token' | 'assignment' | 'leftover' | 'design';
  /** VM or scale set of a leftover. */
  readonly machine?: string;
}

/** How things stood up to an event. `told`: steps of the story that are told already. */
export function standingAt(record: RunRecord, about: About, told: ReadonlySet<number>): readonly Matter[] {
  const place = placeOf(record, about);
  if (about.of === 'design') return storyOf(place, told);
  // Assignments are made and taken away without the node: NMI and the application only wait for them.
  const onNode = about.of === 'token' ? mattersOfNode(place) : [];
  return [...storyOf(place, told), ...ofAssignment(place), ...onNode, ...mattersOfAzure(place), ...mattersOfMic(place)];
}

function placeOf(record: RunRecord, { pod, at, event, machine = '' }: About): Place {
  const facts = record.facts.filter((stamped) => stamped.event <= event);
  const seen = facts.findLast(
    ({ fact }) => (fact.type === 'container-started' || fact.type === 'connection-routed') && isPod(fact.pod, pod),
  )?.fact;
  const node = seen !== undefined && 'node' in seen ? seen.node : machine;
  const status = record.statuses.findLast((change) => isPod(change.pod, pod) && change.event <= event);
  const heard = facts.findLast(({ fact }) => isPod(hearerOf(fact), pod))?.fact;
  const answered = facts.findLast(({ fact }) => fact.type === 'nmi-answered' && isPod(fact.sender, pod))?.fact;
  const isUnknown = answered?.type === 'nmi-answered' && answered.status >= 400 && answered.found === 'notLooked';
  const isRefused = heard !== undefined && 'status' in heard && (heard.status >= 400 || heard.status < 0);
  return {
    record,
    facts,
    pod,
    node,
    identity: (status?.identity ?? '').toLowerCase(),
    status,
    at,
    isUnknown,
    isRefused,
    isServed: heard?.type === 'token-answered',
  };
}

/** Pod that heard of an answer about its token; `''` for facts of another kind. */
function hearerOf(fact: Stamped['fact']): string {
  if (fact.type === 'nmi-answered' || fact.type === 'imds-answered') return fact.sender;
  return fact.type === 'token-answered' || fact.type === 'token-try-ended' ? fact.pod : '';
}

function storyOf({ facts }: Place, told: ReadonlySet<number>): readonly Matter[] {
  const steps = facts.filter(({ fact, at, event }) => fact.type === 'story-step' && at > 0 && !told.has(event)).slice(-STEPS);
  const texts = steps.flatMap(({ fact, at }) => (fact.type === 'story-step' ? [`the story at ${humanMoment(at)}: ${fact.text}`] : []));
  return [...new Set(texts)].map((text) => plain(text));
}

function ofAssignment({ record, facts, pod, status, at, isUnknown }: Place): readonly Matter[] {
  if (isUnknown) return [];
  if (status === undefined) {
    const needsOne = facts.some(({ fact }) => fact.type === 'token-asked' && isPod(fact.pod, pod));
    return needsOne && record.statuses.length > 0 ? [plain('there is no AzureAssignedIdentity of this pod')] : [];
  }
  const ended = facts.findLast(({ fact }) => fact.type === 'container-ended' && isPod(fact.pod, pod) && fact.reason === 'completed');
  const kept = `${status.name} ${statusWords(status)} ${since(status.at, at)}`;
  if (ended === undefined || !status.isAssigned) return status.at === at ? [] : [plain(kept)];
  return [
    cause(
      ended.at,
      `${kept}, though its pod completed at ${humanMoment(ended.at)}: MIC keeps an assignment as long as the pod is there, in whatever phase (#637)`,
    ),
  ];
}

/** What a state is called. Releases before 1.5 write the object once the cloud is done, and no status. */
function statusWords({ status, isAssigned }: NotedStatus): string {
  switch (status) {
    case '':
      return isAssigned ? 'has no status (before 1.5 that means Assigned)' : 'has no status';
    case 'gone':
      return 'is gone';
    case 'terminating':
      return 'is deleted, all but for its finalizer,';
    default:
      return `is ${status}`;
  }
}
