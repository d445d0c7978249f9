/** What led to a leftover: the write that put it there after MIC had decided to remove it, that decision, or the last event about it. */
import { lastPart } from '../value-text.ts';
import type { AnsweredRun } from './index.ts';
import type { NotedEvent, RunRecord } from './record.ts';
import type { Rule } from './rules.ts';

/** A leftover and the event that explains it, if one does. */
export interface FoundLeftover {
  readonly answer: string;
  readonly event: number | undefined;
  readonly because: readonly { readonly text: string; readonly rules: readonly Rule[] }[];
}

/** The first thing left whose name contains that; undefined without one. */
export function leftoverOf(name: string, { record, report }: AnsweredRun): FoundLeftover | undefined {
  const item = report.cleanup.leftExamples.find(({ what }) => what.includes(name));
  if (item === undefined) return undefined;
  const decision = record.facts.findLast(
    ({ fact }) =>
      fact.type === 'mic-removal-decided' &&
      (item.what.includes(fact.assigned) || item.what.toLowerCase().includes(lastPart(fact.identity).toLowerCase())),
  );
  const [grant = '', machine = ''] = item.what.split(' on ');
  const put = record.facts.findLast(
    ({ fact }) =>
      fact.type === 'arm-operation-ended' &&
      fact.outcome === 'Succeeded' &&
      lastPart(fact.resource) === machine &&
      fact.added.some((id) => lastPart(id).toLowerCase() === grant.toLowerCase()),
  );
  const isPutBack = put !== undefined && decision !== undefined && put.event > decision.event;
  return {
    answer: `left behind: ${item.what}${item.note === '' ? '' : ` (${item.note})`}`,
    event: (isPutBack ? put : decision)?.event ?? lastEventAbout(lastWord(item.what), record),
    because: item.note.includes('IMDS') ? [KEPT_BY_IMDS] : [],
  };
}

/** Why a token outlives the identity's leave. */
const KEPT_BY_IMDS = {
  text: 'IMDS keeps a token that it has, whatever becomes of the identity',
  rules: ['imds.cache.serveUntil', 'imds.cache.proactiveRenewAfter', 'mi.token.lifetime'],
} as const;

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
