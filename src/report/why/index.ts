/**
 * Answers «why»: finds the event a question is about, the chain of causes that led to it, and what the time went to, and how things
 * stood then. For what has not happened it tells the last step that did.
 */
import type { Moment } from '../../kernel/time.ts';
import { humanDuration, humanMoment } from '../duration-text.ts';
import { isOf as isFactOf } from '../observations/field-tests.ts';
import type { Stamped } from '../watcher.ts';
import type { AnsweredRun } from './answered-run.ts';
import { noFactWords } from './askable.ts';
import { endedIn, noneOpenWords, openAt } from './askings.ts';
import type { Asking, EndedToken } from './askings.ts';
import { chainTo, inLongestWait, joined, stretchesTo } from './chain.ts';
import type { ChainLink } from './chain.ts';
import type { WhyQuestion } from './question.ts';
import { byDesign } from './by-design.ts';
import { matterOfRace } from './race-matter.ts';
import type { Matter } from './race-matter.ts';
import { rulesFor } from './in-force.ts';
import { lastEventAbout, lastEventBy, leftoverOf } from './leftover.ts';
import { podsMeant, podsOf } from './pods.ts';
import { factWords, failureWords, SERVED_BY } from './sentences/index.ts';
import { sortedOut } from './because/index.ts';
import type { ToldMatter } from './because/index.ts';
import { standingAt } from './standing/index.ts';

export type { AnsweredRun } from './answered-run.ts';
export { askableIn, objectionsTo } from './askable.ts';
export { readQuestion } from './question.ts';
export type { WhyQuestion } from './question.ts';
export { RunRecord } from './record.ts';
export { eventSentence } from './sentences/index.ts';

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
      const judged = run.report.expectations.filter(({ text }) => text.includes(question.invariant));
      const fallen = judged.find(({ verdict, event }) => verdict === 'fell' && event !== null);
      return fallen?.event === undefined || fallen.event === null
        ? nothing(`${question.invariant} did not fall: ${judged.map(({ text, verdict }) => `${text} ${verdict}`).join('; ')}`)
        : explained(`${fallen.text}: ${fallen.why}`, { event: fallen.event }, run);
    }
    case 'race': {
      const first = run.report.races.find(({ race }) => race === question.race)?.first;
      const found = run.report.races.filter((one) => one.first !== null).map(({ race }) => race);
      return first === undefined || first === null
        ? nothing(
            `no race of class ${question.race} was found; ${found.length === 0 ? 'none of any class was' : `there are ${found.join(', ')}`}`,
          )
        : explained(`first of ${question.race}: ${first.text}`, matterOfRace(question.race, first.place, run), run);
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
  if (found === undefined) return nothing(noFactWords({ pattern, at }, facts));
  const text = factWords(found);
  return explained(`at ${humanMoment(found.at)} ${text}`, { event: found.event, pod: podOf(found.fact) }, run);
}

/** Pod that a fact is about; `''` where it is about none. */
function podOf(fact: Stamped['fact']): string {
  if ('sender' in fact) return fact.sender;
  return 'pod' in fact ? fact.pod : '';
}

function ofToken({ pod, at }: Extract<WhyQuestion, { about: 'token' | 'assignment' }>, run: AnsweredRun): Explanation {
  const facts = run.record.facts;
  const meant = new Set(podsMeant(pod, podsOf(run.record, 'token')));
  const open = at === undefined ? undefined : openAt(at, meant, facts);
  if (open !== undefined && at !== undefined) return ofOpen(open, { at: at as Moment, meant }, run);
  const [from, isAny] = [at ?? 0, at !== undefined];
  const before = (name: string): string => (isAny ? `${noneOpenWords(from, name, facts)}; the next time, ` : '');
  const ended = facts
    .filter((stamped) => stamped.at >= from)
    .map((stamped) => endedIn(stamped, meant))
    .find((end) => end !== undefined && (isAny || end.fact.type !== 'token-answered' || end.fact.servedBy !== 'clientCache'));
  if (ended !== undefined)
    return ofEndedToken(ended, { before: before(ended.fact.pod), after: amongWords(meant, isAny ? 'one' : 'the first') }, run);
  const asked = facts.find((stamped) => stamped.at >= from && stamped.fact.type === 'token-asked' && meant.has(stamped.fact.pod));
  const mounted = facts.findLast(({ fact }) => fact.type === 'volume-setup-ended' && meant.has(fact.pod))?.fact;
  if (asked === undefined && mounted?.type === 'volume-setup-ended' && mounted.error !== '')
    return notYet(mounted.pod, `${mounted.pod} has not started: its volume ${mounted.volume} is not there`, run, { of: 'token' });
  if (asked === undefined) return nothing(lastAsked(pod, meant, facts));
  const name = asked.fact.type === 'token-asked' ? asked.fact.pod : pod;
  const answer = `${before(name)}${name} asked at ${humanMoment(asked.at)} and has no token at ${humanMoment(run.now)}`;
  return notYet(name, answer, run, { of: 'token' });
}

/** An asking that was open at a moment: what became of it, or, where nothing did, how it stood then. */
function ofOpen(
  { pod, at: askedAt, end, until }: Asking,
  { at, meant }: { readonly at: Moment; readonly meant: ReadonlySet<string> },
  run: AnsweredRun,
): Explanation {
  const then = `at ${humanMoment(at)} ${pod} was waiting since ${humanMoment(askedAt)} (${humanDuration(at - askedAt)})`;
  if (end !== undefined) return ofEndedToken(end, { before: `${then}; `, after: amongWords(meant, 'one') }, run);
  const never = until === Infinity ? `to the end at ${humanMoment(run.now)}` : `until its container ended at ${humanMoment(until)}`;
  return notYet(pod, `${then}, and had no token ${never}${amongWords(meant, 'one')}`, run, { of: 'token', asOf: at });
}

/** That nobody of them asked from then on, and when somebody last did. */
function lastAsked(pod: string, meant: ReadonlySet<string>, facts: readonly Stamped[]): string {
  const last = facts.findLast(({ fact }) => fact.type === 'token-asked' && meant.has(fact.pod));
  const before = last === undefined ? '' : `; the last time was ${humanMoment(last.at)}`;
  return `${pod} asked for no token from then on${before}`;
}

function ofEndedToken(
  { fact, at: when, event }: EndedToken,
  { before, after }: { readonly before: string; readonly after: string },
  run: AnsweredRun,
): Explanation {
  const since = fact.type === 'token-answered' ? fact.since : fact.askedAt;
  const how =
    fact.type === 'token-answered'
      ? `had its token from ${SERVED_BY[fact.servedBy]}`
      : `gave up (${failureWords(fact.reason, fact.status)})`;
  const from = fact.type === 'token-answered' && fact.isFirst ? 'its container started' : 'it asked';
  return explained(
    `${before}${fact.pod} ${how} at ${humanMoment(when)}, ${humanDuration(when - since)} after ${from}${after}`,
    { event, pod: fact.pod, since },
    run,
  );
}

/** That others were meant as well. */
function amongWords(meant: ReadonlySet<string>, which: 'one' | 'the first'): string {
  return meant.size <= 1 ? '' : `, ${which} of ${String(meant.size)} pods called so`;
}

function ofAssignment({ pod, at = 0 }: Extract<WhyQuestion, { about: 'token' | 'assignment' }>, run: AnsweredRun): Explanation {
  const meant = new Set(podsMeant(pod, podsOf(run.record, 'assignment')));
  const changes = run.record.statuses.filter((change) => meant.has(change.pod) && change.at >= at);
  const assigned = changes.find((change) => change.isAssigned);
  if (assigned !== undefined)
    return explained(
      `${assigned.name} ${assigned.status === '' ? 'was written, and with that assigned,' : 'became Assigned'} at ${humanMoment(assigned.at)}${amongWords(meant, 'the first')}`,
      { event: assigned.event, pod: assigned.pod, of: 'assignment' },
      run,
    );
  const before = run.record.statuses.findLast((change) => meant.has(change.pod) && change.at < at);
  if (changes.length === 0 && before !== undefined)
    return explained(
      `${before.name} ${before.status === '' ? 'is there' : `is ${before.status}`} since ${humanMoment(before.at)}, and nothing changed from ${humanMoment(at)} on`,
      { event: before.event, pod: before.pod, of: 'assignment' },
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
  const [name = pod] = meant;
  return notYet(name, `no AzureAssignedIdentity of ${name} was made`, run, { of: 'assignment' });
}

function ofLeftover(name: string, run: AnsweredRun): Explanation {
  const left = leftoverOf(name, run) ?? byDesign(name, run.report);
  if (left === undefined) return nothing(`nothing${name === '' ? '' : ` named ${name}`} was left behind`);
  const event = left.events.at(-1);
  if (event === undefined) return { ...nothing(left.answer), found: 'yes' };
  const { events, of, machine, because } = left;
  const matter = { event, events, of, machine, own: because, ...(of === 'leftover' ? { asOf: 'end' as const } : {}) };
  return explained(left.answer, matter, run);
}

function explained(
  answer: string,
  { event, events = [event], pod = '', since = 0, of = 'token', machine = '', asOf, own = [] }: Matter,
  run: AnsweredRun,
): Explanation {
  const rules = rulesFor(run, { pod, event });
  const chain = joined(events.map((one) => chainTo(one, { ...run, rules }, since)));
  const at = (chain.at(-1)?.atUs ?? 0) as Moment;
  const stretches = stretchesTo(event, run, since);
  const total = stretches.reduce((sum, { from, to }) => sum + (to - from), 0);
  const sums = new Map<string, number>();
  for (const { label, from, to } of stretches) sums.set(label, (sums.get(label) ?? 0) + (to - from));
  const parts = [...sums].sort((a, b) => b[1] - a[1]).map(([part, tookUs]) => ({ part, tookUs, share: total === 0 ? 0 : tookUs / total }));
  const then = asOf === 'end' ? { at: run.now, event: Infinity } : asOf === 'longestWait' ? inLongestWait(chain) : { at, event };
  const matters = standingAt(run.record, { pod, ...then, of, machine }, eventsOf(chain));
  return {
    found: 'yes',
    answer,
    parts: since === 0 ? [] : parts,
    chain,
    ...sortedOut(matters, chain, { record: run.record, rules, answer, since, own }),
  };
}

function eventsOf(chain: readonly ChainLink[]): ReadonlySet<number> {
  return new Set(chain.map(({ event }) => event));
}

/** The last event that concerned the pod, and what is open: at the end, or as of a moment. */
function notYet(
  pod: string,
  answer: string,
  run: AnsweredRun,
  about: { readonly known?: number; readonly of: 'token' | 'assignment'; readonly asOf?: Moment },
): Explanation {
  const name = pod.slice(pod.indexOf('/') + 1);
  const at = about.asOf ?? run.now;
  const last = about.known ?? lastEventAbout(name, run.record, at);
  const event = about.asOf === undefined ? Infinity : lastEventBy(at, run.record);
  const rules = rulesFor(run, { pod, event });
  const chain = last === undefined ? [] : chainTo(last, { ...run, rules });
  const matters = standingAt(run.record, { pod, at, event, of: about.of }, eventsOf(chain));
  const said = { record: run.record, rules, answer, since: 0, own: [] };
  return { found: 'notYet', answer, parts: [], chain, ...sortedOut(matters, chain, said) };
}

function nothing(answer: string): Explanation {
  return { found: 'nothing', answer, because: [], parts: [], chain: [], standing: [] };
}
