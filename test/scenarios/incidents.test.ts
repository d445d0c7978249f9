/** What the loader refuses of an incident, and the other runs it makes of one. */
import { expect, test } from 'vitest';
import { described, problemsOf } from './loading.ts';

const INCIDENT = (over: {
  readonly cure?: string;
  readonly without?: string;
  readonly figure?: string;
  readonly story?: string;
}): string => `
question: Does it show?
group: basics
horizon: 5m
incident:
  id: INC-99
  title: A thing
  issues: ['#1']
  version: all
  symptom: It shows.
  shows: ['count(token-failed) after begin >= 1']
  well: ['tokens.first.count >= 1']
  figures:
    - ${over.figure ?? "{ name: wait, reported: 10s, kind: derived, from: 'max(nmi-answered.took)' }"}
  cure: ${over.cure ?? "{ version: '1.7.0' }"}
  without: ${over.without ?? '{ step: begin }'}
world:
  identities: [{ name: a-id }]
  cluster: { nodePools: [{ name: pool1, nodes: 1 }], podIdentity: { version: '1.6.3' } }
story:
  - ${over.story ?? '{ at: 1m, key: begin, deleteIdentity: a-id }'}
`;

test('the cure and the run without the cause are the same scenario with one thing changed', () => {
  const { incident, steps, overrides } = described(INCIDENT({}));
  expect(incident?.cure?.change).toBe('version 1.7.0');
  expect(incident?.cure?.scenario.cluster?.podIdentity?.settings.version).toBe('1.7.0');
  expect(incident?.cure?.scenario.steps).toHaveLength(steps.length);
  expect(incident?.without.scenario.steps).toHaveLength(steps.length - 1);
  expect(incident?.without.scenario.overrides).toEqual(overrides);
});

test('what an incident shows, and its figures within 2 %, are expectations of the scenario', () => {
  const { expectations } = described(INCIDENT({}));
  expect(expectations.map((one) => (one.kind === 'measure' ? one.measure.bound : NaN))).toEqual([1, 9_800_000, 10_200_000]);
});

test('a cure may be a field, such as the mode, and says so in words', () => {
  const field = '{ field: world.cluster.podIdentity.mode, value: managed, as: managed mode }';
  const { incident } = described(INCIDENT({ cure: field }));
  expect(incident?.cure?.change).toBe('managed mode');
  expect(incident?.cure?.scenario.cluster?.podIdentity?.settings.mode).toBe('managed');
});

test('a range may be open: it has no upper bound', () => {
  const figure = "{ name: wait, reported: 1h.., kind: observed, from: 'max(nmi-answered.took)' }";
  const { expectations } = described(INCIDENT({ figure }));
  expect(expectations.map((one) => (one.kind === 'measure' ? `${one.measure.op} ${one.measure.bound}` : ''))).toEqual([
    '>= 1',
    '>= 3600000000',
  ]);
});

test.each([
  ['two cures at once', { cure: "{ version: '1.7.0', knob: mic.clientQps, value: 9 }" }, 'incident.cure'],
  ['a knob nobody knows', { cure: '{ knob: mic.clientQsp, value: 9 }' }, 'did you mean mic.clientQps'],
  ['a step nobody knows', { without: '{ step: beginn }' }, 'did you mean begin?'],
  ['a field that is not there', { without: '{ field: world.nothing }' }, 'there is no field world.nothing'],
  [
    'a derived range',
    { figure: "{ name: w, reported: 1s..2s, kind: derived, from: 'max(nmi-answered.took)' }" },
    'a derived figure is one value',
  ],
  [
    'an observed value',
    { figure: "{ name: w, reported: 1s, kind: observed, from: 'max(nmi-answered.took)' }" },
    'an observed figure is a range',
  ],
  [
    'a fact nobody states',
    { figure: "{ name: w, reported: 1s, kind: derived, from: 'max(nmi-answerd.took)' }" },
    'did you mean nmi-answered',
  ],
  [
    'a field no fact has',
    { figure: "{ name: w, reported: 1s, kind: derived, from: 'max(nmi-answered.tooth)' }" },
    'unknown field of nmi-answered "tooth"',
  ],
  [
    'an answer in place of a component',
    { story: '{ at: 1m, key: begin, fault: { id: f, to: arm, do: { answer: { status: 429 } } } }' },
    'answers in place of a component',
  ],
  ['dropped messages', { story: '{ at: 1m, key: begin, fault: { id: f, to: arm, type: ArmRequest, do: drop } }' }, 'drops chosen messages'],
  ['a stalled watch', { story: '{ at: 1m, key: begin, stall: { id: f, watcher: mic, kind: Pod } }' }, 'is the failure itself'],
])('%s are refused', (_, over, rule) => {
  expect(problemsOf(INCIDENT(over)).join('\n')).toContain(rule);
});
