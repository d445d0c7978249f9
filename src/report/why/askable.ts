/** What can be asked of a run: the objection to a question about what it does not have, and a list of what it does have. */
import { nearestNames } from '../../model/calibration/suggestion.ts';
import { valuesAt } from '../observations/field-tests.ts';
import { humanMoment } from '../duration-text.ts';
import { counted } from '../value-text.ts';
import type { Stamped } from '../watcher.ts';
import { byDesign, stayingIn } from './by-design.ts';
import type { AnsweredRun } from './answered-run.ts';
import { leftoverOf } from './leftover.ts';
import { podsMeant, podsOf, workloadsOf } from './pods.ts';
import type { WhyQuestion } from './question.ts';

/** Names in a list before it is cut off. */
const MOST = 12;

/** Why a question cannot be put to this run, a line each with what could be asked instead; nothing where it can. */
export function objectionsTo(question: WhyQuestion, run: AnsweredRun): readonly string[] {
  if ('at' in question && question.at !== undefined && question.at > run.now)
    return [`the run ends at ${humanMoment(run.now)}: nothing comes after that; name an earlier moment, or none`];
  switch (question.about) {
    case 'token':
    case 'assignment':
      return ofPod(question, run);
    case 'leftover': {
      const left = leftIn(run);
      if (question.name === '' || left.length === 0 || leftoverOf(question.name, run) !== undefined) return [];
      if (byDesign(question.name, run.report) !== undefined) return [];
      return [`nothing named "${question.name}" was left behind`, `left behind: ${listed(left)}`];
    }
    case 'violation': {
      const judged = run.report.expectations.filter(({ kind }) => kind === 'always').map(({ text }) => text);
      if (judged.some((text) => text.includes(question.invariant))) return [];
      const others = judged.length === 0 ? 'it watches none' : `it watches ${listed(judged)}`;
      return [
        `this run does not watch ${question.invariant}: write always: ${question.invariant} under expect: of the scenario; ${others}`,
      ];
    }
    case 'event':
      return run.record.events.has(question.event)
        ? []
        : [`the run has no event ${String(question.event)}: they are numbered from 0 to ${String(Math.max(...run.record.events.keys()))}`];
    case 'race':
    case 'fact':
      return [];
  }
}

/** What is left, and what stays by design. */
function leftIn({ report }: Pick<AnsweredRun, 'report'>): readonly string[] {
  return [...report.cleanup.leftExamples.map(({ what }) => what), ...stayingIn(report).map(({ item }) => `${item.what} (by design)`)];
}

function ofPod({ about, pod }: Extract<WhyQuestion, { about: 'token' | 'assignment' }>, { record }: AnsweredRun): readonly string[] {
  const pods = podsOf(record, about);
  const meant = workloadsOf(podsMeant(pod, pods));
  if (meant.size === 1) return [];
  if (meant.size > 1) return [`"${pod}" may be a pod of ${listed([...meant.keys()], ' or ')}: name one of them`];
  const near = nearestNames(
    pod,
    [...workloadsOf(pods).keys()].flatMap((name) => [name, name.slice(name.indexOf('/') + 1)]),
  );
  const hint = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
  const ran = record.facts.some(({ fact }) => fact.type === 'container-started' && fact.pod.includes(pod));
  return [
    ran
      ? `pods called "${pod}" ran, but none of them asked for a token${about === 'token' ? '' : ', and none had an AzureAssignedIdentity'}${hint}`
      : `no pod of this run is called "${pod}"${hint}`,
    pods.length === 0 ? 'no pod of this run asked for a token' : `pods to ask about: ${withCounts(workloadsOf(pods))}`,
  ];
}

/** What this run has to ask about, a line for each kind. */
export function askableIn({ record, report }: AnsweredRun): readonly string[] {
  const tokens = workloadsOf(podsOf(record, 'token'));
  const assigned = workloadsOf(record.statuses.map(({ pod }) => pod).filter((pod, n, all) => all.indexOf(pod) === n));
  const fallen = report.expectations.filter(({ kind, verdict }) => kind === 'always' && verdict === 'fell').map(({ text }) => text);
  const races = report.races.filter(({ first }) => first !== null).map(({ race }) => race);
  return [
    ...line('token of pod', tokens.size === 0 ? '' : withCounts(tokens)),
    ...line('assignment of pod', assigned.size === 0 ? '' : withCounts(assigned)),
    ...line('leftover', listed(leftIn({ report }))),
    ...line('violation of', listed(fallen)),
    ...line('race', listed(races)),
    ...line('first or last', factsIn(record.facts)),
    ...line('event', record.events.size === 0 ? '' : `0 to ${String(Math.max(...record.events.keys()))}`),
  ];
}

/** Kinds of facts of a run with how often each was stated, the rarest first: those say most. */
function factsIn(facts: readonly Stamped[]): string {
  const counts = new Map<string, number>();
  for (const { fact } of facts) counts.set(fact.type, (counts.get(fact.type) ?? 0) + 1);
  return listed([...counts].toSorted((a, b) => a[1] - b[1]).map(([type, count]) => `${type} (${String(count)})`));
}

/** Values of a field before their list is cut off. */
const MOST_VALUES = 8;

/** That no such fact was stated, and what of its type was. */
export function noFactWords(
  { pattern, at }: Pick<Extract<WhyQuestion, { about: 'fact' }>, 'pattern' | 'at'>,
  facts: readonly Stamped[],
): string {
  const same = facts.filter(({ fact }) => fact.type === pattern.type);
  if (same.length === 0) return `${pattern.type} was never stated in this run; stated were ${factsIn(facts)}`;
  const when = at > 0 ? ` from then on; the last came at ${humanMoment(same.at(-1)?.at ?? 0)}` : '';
  const values = pattern.tests.map(({ path }) => `${path} was ${valuesOf(path, same)}`).join('; ');
  return `no ${pattern.type} of that kind was stated${when}${values === '' ? '' : `; of ${String(same.length)} in all ${values}`}`;
}

/** The values that a field had, each with how often. */
function valuesOf(path: string, facts: readonly Stamped[]): string {
  const counts = new Map<string, number>();
  for (const { fact } of facts) {
    const value = valuesAt(fact, path)
      .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
      .join(' ');
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const shown = [...counts].slice(0, MOST_VALUES).map(([value, count]) => `${value === '' ? '(nothing)' : value} (${String(count)})`);
  return `${shown.join(', ')}${counts.size > MOST_VALUES ? ', …' : ''}`;
}

function line(form: string, what: string): readonly string[] {
  return what === '' ? [] : [`${form}: ${what}`];
}

function withCounts(workloads: ReadonlyMap<string, number>): string {
  return listed([...workloads].map(([name, count]) => (count === 1 ? name : `${name} (${counted(count, 'pod')})`)));
}

function listed(names: readonly string[], by = ', '): string {
  const shown = names.slice(0, MOST).join(by);
  return names.length <= MOST ? shown : `${shown} and ${String(names.length - MOST)} more`;
}
