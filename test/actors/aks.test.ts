/** The pod identities of the add-on of AKS: told as stories, and seen by the list, the objects and the machines. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { FactOf } from '../../src/model/facts/index.ts';
import { described, problemsOf } from '../scenarios/loading.ts';
import { worldOf } from '../support/packaged.ts';

const CALM: Overrides = { 'arm.error5xx.prob': 0, 'arm.get.pathological.prob': 0, 'vmss.patch.duration.serverSide': '35s' };

interface Told {
  readonly answers: readonly FactOf<'arm-answered'>[];
  readonly states: Readonly<Record<string, string>>;
  readonly objects: readonly string[];
  readonly onPool: readonly string[];
}

function text(story: readonly object[], podIdentity: object = { mode: 'managed' }): string {
  const cluster = { nodePools: [{ name: 'np', nodes: 1, systemAssigned: false }], podIdentity };
  const identities = ['red', 'blue', 'green'].map((name) => ({ name }));
  return stringify({ question: 'What does AKS keep?', group: 'basics', horizon: '30m', world: { identities, cluster }, story });
}

function tell(story: readonly object[], overrides: Overrides = {}): Told {
  const sim = worldOf(described(text(story)), { overrides: { ...CALM, ...overrides }, mode: 'recorded' });
  const answers: FactOf<'arm-answered'>[] = [];
  sim.observe({ onFact: ({ fact }) => (fact.type === 'arm-answered' && fact.client === 'operator' ? answers.push(fact) : undefined) });
  sim.run();
  const names = (sim.table('computeResources').all()[0]?.userAssigned ?? []).map((id) => id.split('/').at(-1) ?? '');
  const bound = sim.table('azureIdentityBindings').all();
  return {
    answers,
    states: Object.fromEntries(
      sim
        .table('podIdentities')
        .all()
        .map(({ name, state }) => [name, state]),
    ),
    objects: [
      ...sim
        .table('azureIdentities')
        .all()
        .map(({ metadata }) => metadata.name),
      ...bound.map(({ spec }) => spec.selector),
    ].sort(),
    onPool: names.sort(),
  };
}

const add = (at: string, name: string, identity: string): object => ({ at, putPodIdentity: { name, identity } });
const remove = (at: string, name: string): object => ({ at, deletePodIdentity: { name } });
const TWO = [add('1m', 'a', 'red'), add('2m', 'b', 'blue')];

const statusesOf = ({ answers }: Told, op: string): readonly number[] => answers.flatMap((one) => (one.op === op ? [one.status] : []));

describe('a pod identity that is added', () => {
  it('is on the node pool, and has an AzureIdentity and a binding of its name', () => {
    expect(tell(TWO)).toMatchObject({ states: { a: 'Assigned', b: 'Assigned' }, objects: ['a', 'a', 'b', 'b'], onPool: ['blue', 'red'] });
  });

  it('is refused under a name that another identity has, and above the number that a cluster may have', () => {
    expect(statusesOf(tell([...TWO, add('3m', 'a', 'green')]), 'putPodIdentity')).toEqual([200, 200, 400]);
    expect(statusesOf(tell([...TWO, add('3m', 'c', 'green')], { 'aksAddon.podIdentities.max': 2 }), 'putPodIdentity')).toEqual([
      200, 200, 400,
    ]);
  });

  it('beside another write of the cluster is refused with 409, and done after it', () => {
    const told = tell([add('1m', 'a', 'red'), add('1m', 'b', 'blue')]);
    expect(statusesOf(told, 'putPodIdentity')).toEqual([409, 200, 200]);
    expect(told.states).toEqual({ a: 'Assigned', b: 'Assigned' });
  });
});

describe('a pod identity that is deleted', () => {
  it('takes its objects and its identity with it, unless another one has that identity, too', () => {
    expect(tell([...TWO, remove('5m', 'a')])).toMatchObject({ states: { b: 'Assigned' }, objects: ['b', 'b'], onPool: ['blue'] });
    expect(tell([...TWO, add('3m', 'c', 'red'), remove('5m', 'a')]).onPool).toEqual(['blue', 'red']);
  });
});

describe('after an identity was deleted in Azure', () => {
  const story = [...TWO, { at: '5m', deleteIdentity: 'red' }];

  it('no pod identity can be deleted or added, and all of the list show Failed', () => {
    const told = tell([...story, remove('6m', 'a'), remove('7m', 'b'), add('8m', 'c', 'green')]);
    expect(statusesOf(told, 'deletePodIdentity')).toEqual([400, 400]);
    expect(statusesOf(told, 'putPodIdentity')).toEqual([200, 200, 400]);
    expect(told.states).toEqual({ a: 'Failed', b: 'Failed' });
    expect(told.objects).toEqual(['a', 'a', 'b', 'b']);
  });

  it('its own deletion mends all where what leaves is not looked at; another one does not', () => {
    const kept: Overrides = { 'aksAddon.podIdentities.checked': 'kept' };
    expect(tell([...story, remove('6m', 'b')], kept).states).toEqual({ a: 'Failed', b: 'Failed' });
    expect(tell([...story, remove('6m', 'b'), remove('7m', 'a')], kept).states).toEqual({ b: 'Assigned' });
  });

  it('nothing is amiss where the pod identity went first', () => {
    const told = tell([...TWO, remove('4m', 'a'), { at: '5m', deleteIdentity: 'red' }, add('6m', 'c', 'green')]);
    expect(told.states).toEqual({ b: 'Assigned', c: 'Assigned' });
  });
});

describe('a step about a pod identity', () => {
  it('is a mistake where the cluster has a MIC, or none of it', () => {
    for (const other of [{}, { mode: 'standard' }])
      expect(problemsOf(text(TWO, other))[0]).toContain('needs world.cluster.podIdentity.mode: managed');
  });
});
