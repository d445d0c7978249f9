/** What led to a leftover: the write that put it there after MIC had decided to remove it, that decision, or the last event about it. */
import { actorWords } from '../actor-words.ts';
import { humanMoment } from '../duration-text.ts';
import { lastPart } from '../value-text.ts';
import type { Stamped } from '../watcher.ts';
import type { AnsweredRun } from './index.ts';
import type { NotedEvent, RunRecord } from './record.ts';
import type { Rule } from './rules.ts';
import { removalWords } from './sentences/mic-words.ts';

/** A leftover and the event that explains it, if one does. */
export interface FoundLeftover {
  readonly answer: string;
  readonly event: number | undefined;
  /** VM or scale set that it is on; `''` for none. */
  readonly machine: string;
  readonly because: readonly LeftoverCause[];
}

/** A cause as a sentence without a full stop, with the rules behind it. */
interface LeftoverCause {
  readonly text: string;
  readonly rules: readonly Rule[];
}

/** The first thing left whose name contains that; undefined without one. */
export function leftoverOf(name: string, { record, report }: AnsweredRun): FoundLeftover | undefined {
  const item = report.cleanup.leftExamples.find(({ what }) => what.includes(name));
  if (item === undefined) return undefined;
  const gone = goneBehind(item, record);
  if (gone !== undefined) return gone;
  const [grant = '', machine = ''] = item.what.split(' on ');
  const decisions = record.facts.filter(
    ({ fact }) =>
      fact.type === 'mic-removal-decided' &&
      (item.what.includes(fact.assigned) || item.what.toLowerCase().includes(lastPart(fact.identity).toLowerCase())),
  );
  // One about that machine, if there is one.
  const decision =
    decisions.findLast(({ fact }) => fact.type === 'mic-removal-decided' && lastPart(fact.resource) === machine) ?? decisions.at(-1);
  const put = record.facts.findLast(
    ({ fact }) =>
      fact.type === 'arm-operation-ended' &&
      fact.outcome === 'Succeeded' &&
      lastPart(fact.resource) === machine &&
      fact.added.some((id) => lastPart(id).toLowerCase() === grant.toLowerCase()),
  );
  const isPutBack = put !== undefined && decision !== undefined && put.event > decision.event;
  return {
    answer: answerOf(item),
    event: (isPutBack ? put : decision)?.event ?? lastEventAbout(lastWord(item.what), record),
    machine,
    because: [
      ...(decision === undefined ? [] : [decisionMatter(decision)]),
      ...(isPutBack ? [putBackMatter(put, grant)] : []),
      ...(item.note.includes('IMDS') ? [KEPT_BY_IMDS] : []),
    ],
  };
}

/** A leftover of a principal that was deleted, such as a role assignment. */
function goneBehind(item: Left, { facts }: RunRecord): FoundLeftover | undefined {
  const deleted = facts.findLast(
    ({ fact }) =>
      fact.type === 'principal-deleted' &&
      [fact.objectId, lastPart(fact.resourceId)].some((name) => name !== '' && item.note.includes(`principal ${name} is gone`)),
  );
  if (deleted?.fact.type !== 'principal-deleted') return undefined;
  const what = `${lastPart(deleted.fact.resourceId)} was deleted at ${humanMoment(deleted.at)}`;
  const cause: LeftoverCause =
    item.kind === 'liveTokens'
      ? {
          text: `${what}; a token that was issued before works until it expires, wherever nobody asks whether its owner is still there`,
          rules: ['mi.deleted.tokenAcceptedUntilExp', 'mi.token.lifetime'],
        }
      : { text: `${what}; its role assignments stay, and nobody takes them away`, rules: ['rbac.orphanAssignment'] };
  return { answer: answerOf(item), event: deleted.event, machine: '', because: [cause] };
}

function answerOf({ what, note }: Left): string {
  return `left behind: ${what}${note === '' ? '' : ` (${note})`}`;
}

type Left = AnsweredRun['report']['cleanup']['leftExamples'][number];

function decisionMatter({ at, fact }: Stamped): LeftoverCause {
  const text = fact.type === 'mic-removal-decided' ? removalWords(fact) : '';
  return { text: `at ${humanMoment(at)} ${text}`, rules: [] };
}

function putBackMatter({ at, fact }: Stamped, grant: string): LeftoverCause {
  const by = fact.type === 'arm-operation-ended' ? actorWords(fact.client) : '';
  return { text: `at ${humanMoment(at)}, after that, a write of ${by} put ${grant} there again`, rules: [] };
}

/** Why a token outlives the identity's leave. */
const KEPT_BY_IMDS: LeftoverCause = {
  text: 'IMDS keeps a token that it has, whatever becomes of the identity',
  rules: ['imds.cache.serveUntil', 'imds.cache.proactiveRenewAfter', 'mi.token.lifetime'],
};

/** The last event whose message names something. */
export function lastEventAbout(text: string, { events }: RunRecord): number | undefined {
  return [...events.values()].findLast((noted) => names(noted, text))?.event;
}

function names({ message, actor }: NotedEvent, text: string): boolean {
  return actor.includes(text) || JSON.stringify(message).includes(text);
}

function lastWord(text: string): string {
  return text.split(' ').find((word) => word.includes('-') || word.includes('/')) ?? text;
}
