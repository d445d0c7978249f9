/**
 * Answers «why»: finds the event a question is about, the chain of causes that led to it, and what the time went to, and how things
 * stood then. For what has not happened it tells the last step that did.
 */
import type { Trace } from '../../kernel/trace.ts';
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { Report } from '../document/index.ts';
import { humanDuration, humanMoment } from '../duration-text.ts';
import { isOf as isFactOf } from '../observations/field-tests.ts';
import { lastPart } from '../value-text.ts';
import type { Stamped } from '../watcher.ts';
import { chainTo, stretchesTo } from './chain.ts';
import type { ChainLink } from './chain.ts';
import type { WhyQuestion } from './question.ts';
import { ruleSentence, worthTelling } from './rules.ts';
import type { RuleContext } from './rules.ts';
import type { NotedEvent, RunRecord } from './record.ts';
import { factWords, failureWords } from './sentences/index.ts';
import { sortedOut } from './because/index.ts';
import type { ToldMatter } from './because/index.ts';
import { standingAt } from './standing/index.ts';

export { readQuestion } from './question.ts';
export type { WhyQuestion } from './question.ts';
export { RunRecord } from './record.ts';

/** The run a question is about. */
export interface AnsweredRun {
  readonly trace: Trace;
  readonly now: Moment;
  readonly record: RunRecord;
  readonly report: Report;
}

/** An answer. */
export interface Explanation {
  readonly found: 'yes' | 'notYet' | 'nothing';
  /** The answer in a sentence or two. */
  readonly answer: string;
  /** What decided, in sentences, oldest first: of the chain and of how things stood. */
  readonly because: readonly ToldMatter[];
  /** What the time went to, largest first; empty where nothing was waited for. */
  readonly parts: readonly { readonly part: string; readonly tookUs: number; readonly share: number }[];
  /** Causes, oldest first. */
  readonly chain: readonly ChainLink[];
  /** How things stood then otherwise. */
  readonly standing: readonly ToldMatter[];
}

/** Answers a question about a run that is over. */
export function explain(question: WhyQuestion, run: AnsweredRun): Explanation {
  switch (question.about) {
    case 'token':
      return ofToken(question, run);
    case 'assignment':
      return ofAssignment(question, run);
    case 'leftover':
      return ofLeftover(question.name, run);
    case 'violation': {
      const judged = run.report.expectations.find(({ text, verdict }) => verdict === 'fell' && text.includes(question.invariant));
      return judged?.event === undefined || judged.event === null
        ? nothing(`no expectation of this run says that ${question.invariant} fell; add always: ${question.invariant} to the scenario`)
        : explained(`${judged.text}: ${judged.why}`, { event: judged.event }, run);
    }
    case 'race': {
      const first = run.report.races.find(({ race }) => race === question.race)?.first;
      return first === undefined || first === null
        ? nothing(`no race of class ${question.race} was found`)
        : explained(`first of ${question.race}: ${first.text}`, { event: first.place.event, pod: first.place.pod }, run);
    }
    case 'fact':
      return ofFact(question, run);
    case 'event':
      return run.record.events.has(question.event)
        ? explained(`event ${String(question.event)}`, { event: question.event }, run)
        : nothing(`the run has no event ${String(question.event)}`);
  }
}

function ofFact({ which, pattern, at }: Extract<WhyQuestion, { about: 'fact' }>, run: AnsweredRun): Explanation {
  const fits = (stamped: Stamped): boolean => stamped.at >= at && isFactOf(pattern, stamped.fact);
  const { facts } = run.record;
  const found = which === 'first' ? facts.find(fits) : facts.findLast(fits);
  if (found === undefined) return nothing(`no ${pattern.type} of that kind was stated${at > 0 ? ' from then on' : ''}`);
  const text = factWords(found);
  return explained(`at ${humanMoment(found.at)} ${text}`, { event: found.event, pod: podOf(found.fact) }, run);
}

/** Pod that a fact is about; `''` where it is about none. */
function podOf(fact: Stamped['fact']): string {
  if ('sender' in fact) return fact.sender;
  return 'pod' in fact ? fact.pod : '';
}

function ofToken({ pod, at = 0 }: Extract<WhyQuestion, { about: 'token' | 'assignment' }>, run: AnsweredRun): Explanation {
  const facts = run.record.facts;
  const asked = facts.find((stamped) => stamped.fact.type === 'token-asked' && isOf(stamped.fact.pod, pod) && stamped.at >= at);
  for (const { fact, at: when, event } of facts) {
    if (when < at || (fact.type !== 'token-answered' && fact.type !== 'token-failed') || !isOf(fact.pod, pod)) continue;
    if (fact.type === 'token-answered' && fact.servedBy === 'clientCache' && at === 0) continue;
    return ofEndedToken(fact, { when, event }, run);
  }
  const mounted = facts.findLast(({ fact }) => fact.type === 'volume-setup-ended' && isOf(fact.pod, pod))?.fact;
  if (asked === undefined && mounted?.type === 'volume-setup-ended' && mounted.error !== '')
    return notYet(mounted.pod, `${mounted.pod} has not started: its volume ${mounted.volume} is not there`, run, { of: 'token' });
  if (asked === undefined) return nothing(`no pod whose name contains "${pod}" asked for a token${at > 0 ? ' from then on' : ''}`);
  const name = asked.fact.type === 'token-asked' ? asked.fact.pod : pod;
  return notYet(name, `${name} asked at ${humanMoment(asked.at)} and has no token at ${humanMoment(run.now)}`, run, { of: 'token' });
}

function ofEndedToken(
  fact: FactOf<'token-answered'> | FactOf<'token-failed'>,
  { when, event }: { readonly when: Moment; readonly event: number },
  run: AnsweredRun,
): Explanation {
  const since = fact.type === 'token-answered' ? fact.since : fact.askedAt;
  const how = fact.type === 'token-answered' ? `had its token` : `gave up (${failureWords(fact.reason, fact.status)})`;
  return explained(
    `${fact.pod} ${how} at ${humanMoment(when)}, ${humanDuration(when - since)} after ${fact.type === 'token-answered' && fact.isFirst ? 'its container started' : 'it asked'}`,
    { event, pod: fact.pod, since },
    run,
  );
}

function ofAssignment({ pod, at = 0 }: Extract<WhyQuestion, { about: 'token' | 'assignment' }>, run: AnsweredRun): Explanation {
  const changes = run.record.statuses.filter((change) => isOf(change.pod, pod) && change.at >= at);
  const assigned = changes.find((change) => change.isAssigned);
  if (assigned !== undefined)
    return explained(
      `${assigned.name} ${assigned.status === '' ? 'was written, and with that assigned,' : 'became Assigned'} at ${humanMoment(assigned.at)}`,
      { event: assigned.event, pod: assigned.pod, of: 'assignment' },
      run,
    );
  const last = changes.at(-1);
  if (last?.status === 'gone')
    return explained(
      `${last.name} went at ${humanMoment(last.at)} and was never Assigned`,
      { event: last.event, pod: last.pod, of: 'assignment' },
      run,
    );
  if (last !== undefined)
    return notYet(
      last.pod,
      `${last.name} ${last.status === '' ? 'is there' : `is ${last.status}`} since ${humanMoment(last.at)} and was not Assigned`,
      run,
      { known: last.event, of: 'assignment' },
    );
  return notYet(pod, `no AzureAssignedIdentity of a pod whose name contains "${pod}" was made`, run, { of: 'assignment' });
}

function ofLeftover(name: string, run: AnsweredRun): Explanation {
  const item = run.report.cleanup.leftExamples.find(({ what }) => what.includes(name));
  if (item === undefined) return nothing(`nothing${name === '' ? '' : ` named ${name}`} was left behind`);
  const decision = run.record.facts.findLast(
    ({ fact }) =>
      fact.type === 'mic-removal-decided' &&
      (item.what.includes(fact.assigned) || item.what.toLowerCase().includes(lastPart(fact.identity).toLowerCase())),
  );
  const [grant = '', machine = ''] = item.what.split(' on ');
  const put = run.record.facts.findLast(
    ({ fact }) =>
      fact.type === 'arm-operation-ended' &&
      fact.outcome === 'Succeeded' &&
      lastPart(fact.resource) === machine &&
      fact.added.some((id) => lastPart(id).toLowerCase() === grant.toLowerCase()),
  );
  const isPutBack = put !== undefined && decision !== undefined && put.event > decision.event;
  const event = (isPutBack ? put : decision)?.event ?? lastEvent(run.record, (noted) => names(noted, lastWord(item.what)));
  const answer = `left behind: ${item.what}${item.note === '' ? '' : ` (${item.note})`}`;
  if (event === undefined) return { ...nothing(answer), found: 'yes' };
  const explanation = explained(answer, { event }, run);
  return item.note.includes('IMDS') ? { ...explanation, because: [...explanation.because, keptByImds(run)] } : explanation;
}

/** Why a token outlives the identity's leave. */
function keptByImds(run: AnsweredRun): ToldMatter {
  const rules = rulesFor(run);
  const behind = worthTelling(['imds.cache.serveUntil', 'imds.cache.proactiveRenewAfter', 'mi.token.lifetime'], rules);
  return {
    text: 'IMDS keeps a token that it has, whatever becomes of the identity',
    rules: behind.map((rule) => ruleSentence(rule, rules)),
  };
}

/** What an answer is about: the event, the pod it concerned, and from when on causes are told. */
interface Matter {
  readonly event: number;
  readonly pod?: string;
  readonly since?: number;
  /** Default: a token. */
  readonly of?: 'assignment';
}

function explained(answer: string, { event, pod = '', since = 0, of }: Matter, run: AnsweredRun): Explanation {
  const rules = rulesFor(run);
  const chain = chainTo(event, { ...run, rules }, since);
  const at = (chain.at(-1)?.atUs ?? 0) as Moment;
  const stretches = stretchesTo(event, run, since);
  const total = stretches.reduce((sum, { from, to }) => sum + (to - from), 0);
  const sums = new Map<string, number>();
  for (const { label, from, to } of stretches) sums.set(label, (sums.get(label) ?? 0) + (to - from));
  const parts = [...sums].sort((a, b) => b[1] - a[1]).map(([part, tookUs]) => ({ part, tookUs, share: total === 0 ? 0 : tookUs / total }));
  const matters = standingAt(run.record, { pod, at, event, of: of ?? 'token' }, eventsOf(chain));
  return {
    found: 'yes',
    answer,
    parts: since === 0 ? [] : parts,
    chain,
    ...sortedOut(matters, chain, { record: run.record, rules, answer, since }),
  };
}

function eventsOf(chain: readonly ChainLink[]): ReadonlySet<number> {
  return new Set(chain.map(({ event }) => event));
}

function rulesFor({ record, report }: AnsweredRun): RuleContext {
  return { release: record.release, network: record.network, overrides: report.provenance.overrides };
}

/** The last event that concerned the pod, and what is open. */
function notYet(
  pod: string,
  answer: string,
  run: AnsweredRun,
  about: { readonly known?: number; readonly of: 'token' | 'assignment' },
): Explanation {
  const name = pod.slice(pod.indexOf('/') + 1);
  const last = about.known ?? lastEvent(run.record, (noted) => noted.actor.includes(name) || names(noted, name));
  const rules = rulesFor(run);
  const chain = last === undefined ? [] : chainTo(last, { ...run, rules });
  const matters = standingAt(run.record, { pod, at: run.now, event: Infinity, of: about.of }, eventsOf(chain));
  return { found: 'notYet', answer, parts: [], chain, ...sortedOut(matters, chain, { record: run.record, rules, answer, since: 0 }) };
}

/** The last event of which that holds. */
function lastEvent({ events }: RunRecord, holds: (event: NotedEvent) => boolean): number | undefined {
  let last: number | undefined;
  for (const noted of events.values()) if (holds(noted)) last = noted.event;
  return last;
}

function names({ message }: NotedEvent, text: string): boolean {
  return JSON.stringify(message).includes(text);
}

function nothing(answer: string): Explanation {
  return { found: 'nothing', answer, because: [], parts: [], chain: [], standing: [] };
}

function isOf(full: string, asked: string): boolean {
  return full.includes(asked);
}

function lastWord(text: string): string {
  return text.split(' ').find((word) => word.includes('-') || word.includes('/')) ?? text;
}
