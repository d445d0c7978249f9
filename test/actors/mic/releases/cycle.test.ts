/** Outcomes of cycles that a release changed: each is shown under the release before and the release with it. */
import { describe, expect, it } from 'vitest';
import { armCalls, idsOn, statuses } from '../cluster.ts';
import type { Cluster, ClusterOptions, Step } from '../cluster.ts';
import { azureIdentity, binding, create, node, pod, remove } from '../objects.ts';
import { BASE, assignedTo } from '../troubles.ts';
import { assignedCalls, under } from './release-world.ts';

const SLOW = { 'vmss.patch.duration.serverSide': '38s', 'vm.patch.duration': '38s' };
const ONE: Step = { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] };

/** Scale set v1 carries `x` already. */
const CARRYING: Partial<ClusterOptions> = {
  carrying: { v1: { type: 'UserAssigned', ids: ['x'].map((name) => azureIdentity(name).spec.resourceID) } },
};

function onNodes(nodes: readonly string[]): Step {
  return { at: 1, api: nodes.map((name, n) => create(pod(`p${String(n)}`, { node: name, label: 's' }))) };
}

/** One cycle sees everything, and the next what it wrote. */
const TOGETHER = { 'watch.latency': '1s', 'mic.sync.tail': '2s' };

describe('the list of what goes', () => {
  it('held what had just come before 1.3: the assigned identity is gone in the same cycle', () => {
    const taken = (cluster: Cluster): unknown => [statuses(cluster), idsOn(cluster, 'v1')];
    const first = under('1.2', { steps: [ONE] });
    expect(taken(first)).toEqual([[], []]);
    expect(assignedCalls(first)).toEqual(['create 1', 'delete 1']);
    expect(taken(under('1.3', { steps: [ONE] }))).toEqual([['p-default-x '], ['x']]);
  });
});

describe('an assigned identity', () => {
  it('was written after the cloud up to 1.4, without a state and a finalizer; since then before, as Created, and is Assigned after', () => {
    const before = under('1.4', { steps: [ONE], knobs: SLOW });
    expect(assignedCalls(before)).toEqual(['create 41']);
    expect(statuses(before)).toEqual(['p-default-x ']);
    const after = under('1.5-dev', { steps: [ONE], knobs: SLOW });
    expect(assignedCalls(after)).toEqual(['create 1', 'patchStatus 41']);
    expect(statuses(after)).toEqual(['p-default-x Assigned']);
  });

  it('carries a finalizer since 1.6.1', () => {
    const finalizers = (cluster: Cluster): number =>
      cluster.sim.table('azureAssignedIdentities').all()[0]?.metadata.finalizers.length ?? -1;
    expect(finalizers(under('1.6.0', { steps: [ONE] }))).toBe(0);
    expect(finalizers(under('1.6.1', { steps: [ONE] }))).toBe(1);
  });

  it('goes with two calls and without a state before its identity is taken off, up to 1.4', () => {
    const gone: Step = { at: 60, api: [remove('Pod', 'default/p')] };
    const before = under('1.4', { steps: [ONE, gone], until: 200, knobs: SLOW });
    expect(assignedCalls(before).slice(1)).toEqual(['delete 60']);
    expect(idsOn(before, 'v1')).toEqual([]);
  });

  it('of a pod that moves was deleted with its identity and made anew by the next cycle before 1.6.0; since then it is updated', () => {
    const moved: Partial<ClusterOptions> = {
      ...CARRYING,
      objects: [...(BASE.objects ?? []), assignedTo('p', 'v1-0', 'Assigned'), pod('p', { node: 'v1-0', label: 's' })],
      steps: [{ at: 1, api: [remove('Pod', 'default/p'), create(pod('p', { node: 'v1-1', label: 's' }))] }],
      knobs: TOGETHER,
    };
    const before = under('1.5.5', moved);
    expect(assignedCalls(before)).toEqual([
      'create 409 2',
      'patchStatus 2',
      'patchStatus 2',
      'delete 2',
      'update 2',
      'create 4',
      'patchStatus 4',
    ]);
    // Taken off in the cycle that should have kept it, and put back by the next.
    expect(armCalls(before, 'putIdentities')).toEqual([2, 4]);
    const after = under('1.6.0', moved);
    expect(assignedCalls(after)).toEqual(['update 2', 'patchStatus 2']);
    expect([armCalls(after, 'patchIdentity'), idsOn(after, 'v1')]).toEqual([[], ['x']]);
  });

  it('that moves keeps the label of its old node before 1.8.4', () => {
    const moved: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), assignedTo('p', 'v1-0', 'Assigned'), pod('p', { node: 'v1-0', label: 's' })],
      steps: [{ at: 1, api: [remove('Pod', 'default/p'), create(pod('p', { node: 'v1-1', label: 's' }))] }],
      knobs: TOGETHER,
    };
    const label = (cluster: Cluster): unknown => cluster.sim.table('azureAssignedIdentities').all()[0]?.metadata.labels['nodename'];
    expect(label(under('1.8.3', moved))).toBe('v1-0');
    expect(label(under('1.8.4', moved))).toBe('v1-1');
  });

  it('of a name that two identities want goes to the last before 1.8.1, and to the first since', () => {
    const twice: Partial<ClusterOptions> = {
      objects: [node('v1-0'), azureIdentity('x', {}, 'ns1'), azureIdentity('x', {}, 'ns2')].concat([
        binding('b1', 'x', 's', 'ns1'),
        binding('b2', 'x', 's', 'ns2'),
      ] as never[]),
      steps: [ONE],
    };
    const given = (cluster: Cluster): unknown =>
      cluster.sim.table('azureAssignedIdentities').all()[0]?.spec.azureIdentityRef.metadata.namespace;
    expect(given(under('1.8.0', twice))).toBe('ns2');
    expect(given(under('1.8.1', twice))).toBe('ns1');
  });
});

describe('the resources of a cycle', () => {
  it('got a write for every pod up to 1.4, and one a node since', () => {
    const two: Partial<ClusterOptions> = { steps: [onNodes(['n1', 'n1', 'n1', 'n1', 'n1'])], knobs: TOGETHER };
    expect(armCalls(under('1.4', two), 'putIdentities')).toHaveLength(5);
    expect(armCalls(under('1.5-dev', two), 'putIdentities')).toHaveLength(1);
  });

  it('were worked on one after another before 1.5', () => {
    const two: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), node('n2')],
      vms: ['n1', 'n2'],
      steps: [onNodes(['n1', 'n2'])],
      knobs: { ...TOGETHER, ...SLOW },
    };
    expect(armCalls(under('1.5-rc2', two), 'putIdentities')).toEqual([2, 42]);
    expect(armCalls(under('1.5', two), 'putIdentities')).toEqual([2, 2]);
  });

  it('were the nodes of a scale set before 1.5.3, each with a write of its own, and are the scale set since', () => {
    const two: Partial<ClusterOptions> = { steps: [onNodes(['v1-0', 'v1-1'])], knobs: TOGETHER };
    expect(armCalls(under('1.5.2', two), 'get')).toHaveLength(2);
    expect(armCalls(under('1.5.3', two), 'get')).toHaveLength(1);
  });

  it('count the users of an identity on one node only up to 1.4: taking it from one pod of a scale set takes it from the other (INC-05)', () => {
    const one: Partial<ClusterOptions> = { steps: [onNodes(['v1-0', 'v1-1']), { at: 50, api: [remove('Pod', 'default/p0')] }] };
    const before = under('1.4', one);
    expect([statuses(before), idsOn(before, 'v1')]).toEqual([['p1-default-x '], []]);
    const after = under('1.5-dev', one);
    expect([statuses(after), idsOn(after, 'v1')]).toEqual([['p1-default-x Assigned'], ['x']]);
  });

  it('are asked for although their node is gone before 1.5.3, so that its assigned identities stay (INC-32)', () => {
    const lost: Partial<ClusterOptions> = {
      objects: [azureIdentity('x'), binding('bx', 'x', 's'), assignedTo('p', 'gone', 'Assigned')],
      steps: [{ at: 1, api: [create(pod('other', {}))] }],
    };
    expect(statuses(under('1.5.2', lost))).toEqual(['p-default-x Assigned']);
    expect(statuses(under('1.5.3', lost))).toEqual([]);
  });
});

describe('two workers at a time', () => {
  const certain = { ...SLOW, ...TOGETHER, 'mic.statistics.collisionProb': 1 };
  const ends = (release: '1.4' | '1.5' | '1.5.2' | '1.5.3', nodes: readonly string[]): readonly string[] =>
    under(release, { steps: [onNodes(nodes)], knobs: certain })
      .of('mic-stopped')
      .map(({ reason }) => reason);

  it('may write its statistics together from 1.5 to 1.5.2, which ends the process (INC-54)', () => {
    expect(ends('1.5', ['n1', 'v1-0'])[0]).toBe('fatal error: concurrent map writes');
    expect(ends('1.5.2', ['n1', 'v1-0'])[0]).toBe('fatal error: concurrent map writes');
  });

  it('never do so before, when one came after the other, nor since, nor where one worker is alone', () => {
    expect(ends('1.4', ['n1', 'v1-0'])).toEqual([]);
    expect(ends('1.5.3', ['n1', 'v1-0'])).toEqual([]);
    expect(ends('1.5.2', ['n1', 'n1'])).toEqual([]);
  });
});
