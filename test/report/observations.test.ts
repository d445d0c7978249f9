/** Observations of more than one kind of fact: times between, counts by subject, rates and shares, and what their texts may say. */
import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/kernel/time.ts';
import type { JudgedExpectation } from '../../src/report/document/index.ts';
import { readClaim } from '../../src/scenarios/schema/measure-claim.ts';
import { fact } from './objects.ts';
import { scriptedRun, states } from './scripted-run.ts';
import type { Step } from './scripted-run.ts';

const SECOND = 1_000_000;
const at = { file: 'scenarios/hand-made.yaml', line: 7, column: 5 };
/** Two pods: `a` fails at 1 s and 2 s and has a token at 5 s; `b` fails at 3 s and again at 11 s, and never has one. */
const steps: readonly Step[] = [
  states(1, fact.failed('r1', { pod: 'default/a' })),
  states(1, fact.failed('r2', { pod: 'default/a' })),
  states(1, fact.failed('r3', { pod: 'default/b' })),
  states(2, fact.answered('r4', { pod: 'default/a' })),
  states(6, fact.failed('r5', { pod: 'default/b' })),
];

function judged(text: string): JudgedExpectation {
  const read = readClaim(text, new Map([['late', seconds(2)]]));
  if (!read.ok) throw new Error(read.rule);
  const [one] = scriptedRun(steps, { expectations: [{ kind: 'measure', measure: read.claim, at }] }).report().expectations;
  if (one === undefined) throw new Error('one expectation gives one judgement');
  return one;
}

test.each([
  // From the first failure of the outage, not from the last; a pod that never got one has no sample.
  ['max(between(token-failed, token-answered by pod)) >= 0s', 4 * SECOND],
  ['count(between(token-failed, token-answered by pod)) >= 0', 1],
  // Without `by` all are about the same.
  ['max(between(token-failed[pod=*/b], token-answered)) >= 0s', 2 * SECOND],
  // Gaps of the same fact, told apart by pod: a 1 s, b 8 s.
  ['max(between(token-failed, token-failed by pod)) >= 0s', 8 * SECOND],
  ['min(between(token-failed, token-failed by pod)) >= 0s', SECOND],
  ['max(between(token-failed, token-answered by pod)) after late >= 0s', 3 * SECOND],
  ['max(between(token-failed[request=r1], token-failed[request=r5] by reason=reason)) >= 0s', 10 * SECOND],
  ['max(count(token-failed by pod)) >= 0', 2],
  ['max(count(token-failed[request!=r5] by pod)) after late >= 0', 1],
  ['sum(count(token-failed by pod)) >= 0', 4],
  // Four failures in ten seconds: three gaps.
  ['perMinute(token-failed) >= 0', 18],
  // Facts at 1, 2, 3 and 11 s.
  ['count(token-failed[at>=3s]) >= 0', 2],
  ['count(token-failed[at>3s]) >= 0', 1],
  ['count(token-failed[at<=2s]) >= 0', 2],
  ['count(token-failed[at<2s]) >= 0', 1],
  // The run ends with the last fact, at 11 s.
  ['age(token-answered) >= 0s', 6 * SECOND],
  ['share(token-answered of token-failed) >= 0%', 0.25],
  ['share(token-failed[pod=*/a] of token-failed) after late >= 0%', 1 / 3],
])('%s is %d', (text, value) => {
  expect(judged(text)).toMatchObject({ verdict: 'held', observedValue: value });
});

test.each([
  ['max(between(token-answered[pod=*/b], token-failed)) >= 0s'],
  ['max(count(token-answered[pod=*/b] by pod)) >= 0'],
  ['perMinute(token-answered) >= 0'],
  ['share(token-failed of nmi-answered) >= 0%'],
])('%s has no sample, which is no pass', (text) => {
  expect(judged(text).verdict).toBe('undecided');
});

describe('is refused:', () => {
  test.each([
    ['max(between(token-failed, token-answerd by pod)) > 1s', 'did you mean token-answered'],
    ['max(between(token-failed, token-answered by pood)) > 1s', 'unknown field of token-failed "pood"'],
    ['max(between(token-failed, nmi-answered by ordinal=sendr)) > 1s', 'unknown field of nmi-answered "sendr"'],
    ['max(between(token-failed)) > 1s', 'neither between(fact, fact by field) nor count(fact by field)'],
    ['max(between(pods, token-failed)) > 1s', 'unknown fact "pods"'],
    ['max(count(token-failed)) > 1', 'neither between(fact, fact by field) nor count(fact by field)'],
    ['count(count(token-failed by pod)) > 1', 'says no more than'],
    ['distinct(between(token-failed, token-answered)) > 1', 'distinct takes facts'],
    ['count(token-failed[status>=many]) > 1', 'which is no number'],
    ['perMinute(pods) > 1', 'rows of a table have no perMinute'],
    ['age(pods) > 1s', 'rows of a table have no age'],
    ['perMinute(token-failed.at) > 1', 'perMinute takes no field'],
    ['share(token-failed) > 1%', 'is no share'],
    ['max(between(token-failed, token-answered)) > 1', 'is bounded by a duration'],
    ['share(token-failed of token-asked) > 1', 'is bounded by a percentage'],
  ])('%s', (text, rule) => {
    const read = readClaim(text);
    expect(read.ok ? 'accepted' : read.rule).toContain(rule);
  });
});
