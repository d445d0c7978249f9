/**
 * What led to a leftover: the deletion that made it one, then the write that put it there after MIC had decided to remove it, or that
 * decision; else the last event about it.
 */
import type { Moment } from '../../kernel/time.ts';
import { actorWords } from '../actor-words.ts';
import { deletedWords } from '../deletion-words.ts';
import type { CleanupItem, DeletionSection } from '../document/index.ts';
import { humanMoment } from '../duration-text.ts';
import { lastPart } from '../value-text.ts';
import type { Stamped } from '../watcher.ts';
import type { AnsweredRun } from './answered-run.ts';
import type { NotedEvent, RunRecord } from './record.ts';
import { removalWords } from './sentences/mic-words.ts';
import { cause } from './standing/matter.ts';
import type { Matter } from './standing/matter.ts';

/** A leftover and the events that explain it, oldest first; none where nothing does. */
export interface FoundLeftover {
  readonly answer: string;
  readonly events: readonly number[];
  /** Whether MIC should have seen to it, or nobody had to. */
  readonly of: 'leftover' | 'design';
  /** VM or scale set that it is on; `''` for none. */
  readonly machine: string;
  readonly because: readonly Matter[];
}

/** A thing that is left, as the report shows it. */
type Left = AnsweredRun['report']['cleanup']['leftExamples'][number];

/** The first thing of that name among things left: by its own name, or by what is noted of it. */
function namedIn(name: string, left: readonly Left[]): Left | undefined {
  return left.find(({ what }) => what.includes(name)) ?? left.find(({ note }) => note.includes(name));
}

/** The first thing left whose name contains that; undefined without one. */
export function leftoverOf(name: string, { record, report }: AnsweredRun): FoundLeftover | undefined {
  const item = namedIn(name, report.cleanup.leftExamples);
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
  const deletion = report.cleanup.deletions.find(({ items }) => items.some((one) => isBehind(one, item)));
  const kept = isPutBack ? put : (decision ?? leaderLostBefore(deletion, record));
  const events = [deletion?.place.event, kept?.event].filter((event) => event !== undefined);
  const last = events.length > 0 ? undefined : lastEventAbout(lastWord(item.what), record);
  return {
    answer: answerOf(item),
    events: last === undefined ? events.toSorted((a, b) => a - b) : [last],
    of: 'leftover',
    machine,
    because: [
      ...(deletion === undefined ? [] : [deletionMatter(deletion, item)]),
      ...(decision === undefined ? [] : [decisionMatter(decision)]),
      ...(isPutBack ? [putBackMatter(put, grant)] : []),
      ...(item.note.includes('IMDS') ? [KEPT_BY_IMDS] : []),
    ],
  };
}

/** The end of the last leader of MIC, if none led when something was deleted. */
function leaderLostBefore(deletion: DeletionSection | undefined, { facts }: RunRecord): Stamped | undefined {
  const led = facts.findLast(({ fact }) => fact.type === 'mic-leading');
  if (deletion === undefined || led?.fact.type !== 'mic-leading') return undefined;
  const { replica } = led.fact;
  return facts.find(
    ({ fact, event }) => fact.type === 'mic-stopped' && fact.replica === replica && event > led.event && event < deletion.place.event,
  );
}

/** Whether what hung on a deletion is that which is left. */
function isBehind({ kind, what, state }: CleanupItem, left: Left): boolean {
  switch (left.kind) {
    case 'assignedIdentities':
      return kind === 'assignedIdentity' && state === 'left' && what.endsWith(`/${left.what}`);
    case 'grants':
      return kind === 'grant' && state === 'left' && what === left.what;
    case 'servicePrincipals':
      return kind === 'servicePrincipal' && state === 'left' && what === left.what;
    case 'imdsCredentials':
      return kind === 'imdsCredential' && state === 'lingersByDesign' && what.startsWith(`tokens of ${left.what.split(' ')[2] ?? ''} in `);
    default:
      // Of roles and tokens the principal says it.
      return false;
  }
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
  const because =
    item.kind === 'liveTokens'
      ? cause(
          deleted.at,
          `${what}; a token that was issued before works until it expires, wherever nobody asks whether its owner is still there`,
          ['mi.deleted.tokenAcceptedUntilExp', 'mi.token.lifetime'],
        )
      : cause(deleted.at, `${what}; its role assignments stay, and nobody takes them away`, ['rbac.orphanAssignment']);
  return { answer: answerOf(item), events: [deleted.event], of: 'design', machine: '', because: [because] };
}

function answerOf({ what, note }: Left): string {
  return `left behind: ${what}${note === '' ? '' : ` (${note})`}`;
}

function deletionMatter({ kind, name, place }: DeletionSection, { kind: left }: Left): Matter {
  const since = left === 'grants' || left === 'assignedIdentities' ? ', and from then on no pod needed it there' : '';
  return cause(place.atUs as Moment, `at ${humanMoment(place.atUs)} ${deletedWords({ kind, name })} was deleted${since}`);
}

function decisionMatter({ at, fact }: Stamped): Matter {
  const text = fact.type === 'mic-removal-decided' ? removalWords(fact) : '';
  return cause(at, `at ${humanMoment(at)} ${text}`);
}

function putBackMatter({ at, fact }: Stamped, grant: string): Matter {
  const by = fact.type === 'arm-operation-ended' ? actorWords(fact.client) : '';
  return cause(at, `at ${humanMoment(at)}, after that, a write of ${by} put ${grant} there again`);
}

/** Why a token outlives the identity's leave. */
const KEPT_BY_IMDS: Matter = cause(Infinity as Moment, 'IMDS keeps a token that it has, whatever becomes of the identity', [
  'imds.cache.serveUntil',
  'imds.cache.proactiveRenewAfter',
  'mi.token.lifetime',
]);

/** The last event up to a moment whose message names something. */
export function lastEventAbout(text: string, { events }: RunRecord, until = Infinity): number | undefined {
  return [...events.values()].findLast((noted) => noted.at <= until && names(noted, text))?.event;
}

/** The last event up to a moment; -1 before the first. */
export function lastEventBy(until: number, { events }: RunRecord): number {
  return [...events.values()].findLast(({ at }) => at <= until)?.event ?? -1;
}

function names({ message, actor }: NotedEvent, text: string): boolean {
  return actor.includes(text) || JSON.stringify(message).includes(text);
}

function lastWord(text: string): string {
  return text.split(' ').find((word) => word.includes('-') || word.includes('/')) ?? text;
}
