/** W10 to W18: the reference count, by which MIC takes off what is in use or leaves what is not (§7 B of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { idsOn, runCluster, statuses } from '../cluster.ts';
import type { ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from '../objects.ts';
import { BASE, edited, fault, QUICK } from '../troubles.ts';
import { goneAt, instanceOf, nodeOf, nudge, patches, podAt, RECONCILED, repairs } from './world.ts';

const LATER = { knobs: RECONCILED, until: 400 };

/** Pods `p` and `q` on the first node of each, of which `p` goes. */
function pair(nodes: readonly [string, string], labels: readonly [string, string] = ['s', 's']): readonly Step[] {
  return [podAt(1, 'p', nodes[0], labels[0]), podAt(2, 'q', nodes[1], labels[1]), goneAt(10, 'p')];
}

/** What is on a resource before the next reconcile pass, and after it. */
function beforeAndAfter(world: ClusterOptions, resource: string): readonly unknown[] {
  const early = runCluster({ ...world, until: 20 });
  const late = runCluster({ ...world, ...LATER });
  return [idsOn(early, resource), idsOn(late, resource), repairs(late)];
}

describe('taken off while in use', () => {
  it('W11: one of two pods of one name in two namespaces goes, and takes the identity of the other along until reconcile', () => {
    const steps: Step[] = [
      { at: 1, api: ['ns1', 'ns2'].map((namespace) => create(pod('web-0', { node: 'v1-0', label: 's', namespace }))) },
      { at: 10, api: [remove('Pod', 'ns1/web-0')] },
    ];
    expect(beforeAndAfter({ ...BASE, steps }, 'v1')).toEqual([[], ['x'], 1]);
    const named = steps.map((step, n) =>
      n === 0
        ? {
            ...step,
            api: [
              create(pod('web-0', { node: 'v1-0', label: 's', namespace: 'ns1' })),
              create(pod('web-1', { node: 'v1-0', label: 's', namespace: 'ns2' })),
            ],
          }
        : step,
    );
    expect(beforeAndAfter({ ...BASE, steps: named }, 'v1')).toEqual([['x'], ['x'], 0]);
  });

  it('W12: of two AzureIdentities of one pod that name one identity, the binding of one goes: the identity is off until reconcile', () => {
    const world: ClusterOptions = {
      ...BASE,
      objects: [
        ...(BASE.objects ?? []),
        azureIdentity('also', { resourceID: armId('x'), clientID: 'client-x' }),
        binding('balso', 'also', 's'),
      ],
      steps: [podAt(1, 'p', 'n1'), { at: 10, api: [remove('AzureIdentityBinding', 'default/balso')] }],
    };
    expect(beforeAndAfter(world, 'n1')).toEqual([[], ['x'], 1]);
    expect(statuses(runCluster({ ...world, until: 20 }))).toEqual(['p-default-x Assigned']);
  });

  it('W13: client ids in other letter case are other identities, and equal ones of different identities are one', () => {
    const shared: ClusterOptions = {
      ...BASE,
      objects: [
        ...(BASE.objects ?? []),
        azureIdentity('also', { resourceID: armId('x'), clientID: 'CLIENT-X' }),
        binding('balso', 'also', 't'),
      ],
      steps: pair(['n1', 'n1'], ['s', 't']),
    };
    expect(beforeAndAfter(shared, 'n1')).toEqual([[], ['x'], 1]);

    const blank: ClusterOptions = {
      ...BASE,
      objects: [
        node('n1'),
        azureIdentity('x', { clientID: '' }),
        azureIdentity('y', { clientID: '' }),
        binding('bx', 'x', 's'),
        binding('by', 'y', 't'),
      ],
      steps: [...pair(['n1', 'n1'], ['s', 't']), goneAt(300, 'q')],
    };
    // x is kept as if q used it, and nobody remembers it when q goes.
    expect(beforeAndAfter(blank, 'n1')).toEqual([['x', 'y'], ['x'], 0]);
  });

  const spelled: ClusterOptions = {
    ...BASE,
    objects: [nodeOf('a', instanceOf('v1', 0)), nodeOf('b', instanceOf('v1', 1, 'RG')), azureIdentity('x'), binding('bx', 'x', 's')],
  };
  it('W14: instances whose providerIDs differ in letter case are two scale sets: taken off while in use, and one’s work overwrites the other’s', () => {
    expect(beforeAndAfter({ ...spelled, steps: pair(['a', 'b']) }, 'v1')).toEqual([[], ['x'], 1]);
    const both: Step[] = [{ at: 1, api: [create(pod('p', { node: 'a', label: 's' })), create(pod('q', { node: 'b', label: 's' }))] }];
    const knobs = { ...QUICK, 'watch.latency': '1s', 'mic.sync.tail': '3s' };
    expect(statuses(runCluster({ ...spelled, steps: both, knobs, until: 4 }))).toEqual(['q-default-x Assigned']);
    // The second pod's event comes after the sleep, and finds what the first cycle lost.
    expect(statuses(runCluster({ ...spelled, steps: both, knobs }))).toEqual(['p-default-x Assigned', 'q-default-x Assigned']);
  });

  it('W15: scale sets of one name in two groups share a track, and the configured group gets the identities of both', () => {
    const world: ClusterOptions = {
      ...BASE,
      objects: [
        nodeOf('a', instanceOf('v1', 0)),
        nodeOf('b', instanceOf('v1', 0, 'elsewhere')),
        azureIdentity('x'),
        binding('bx', 'x', 's'),
      ],
      steps: [podAt(1, 'q', 'b')],
    };
    // The pod is on the scale set of the other group, whose identities nobody touched.
    const alone = runCluster(world);
    expect([statuses(alone), idsOn(alone, 'v1')]).toEqual([['q-default-x Assigned'], ['x']]);
    const both: Step[] = [{ at: 1, api: [create(pod('p', { node: 'a', label: 's' })), create(pod('q', { node: 'b', label: 's' }))] }];
    const knobs = { ...QUICK, 'watch.latency': '1s', 'mic.sync.tail': '3s' };
    expect(statuses(runCluster({ ...world, steps: both, knobs, until: 4 }))).toEqual(['q-default-x Assigned']);
  });
});

describe('left behind', () => {
  const broken: ClusterOptions = { ...BASE, objects: [...(BASE.objects ?? []), nodeOf('odd', 'no-resource-id')] };
  it('W10: an unreadable providerID under any matched pod stops every removal of the cycle: assignments go, identities stay', () => {
    const cluster = runCluster({ ...broken, steps: [podAt(1, 'p', 'n1'), podAt(2, 'q', 'odd'), goneAt(10, 'p')] });
    expect([statuses(cluster), idsOn(cluster, 'n1')]).toEqual([['q-default-x Created'], ['x']]);
    expect(cluster.of('mic-removal-decided').map(({ verdict }) => verdict)).toEqual(['aborted']);
    // Under a pod that no binding selects it does no harm.
    const harmless = runCluster({ ...broken, steps: [podAt(1, 'p', 'n1'), podAt(2, 'q', 'odd', 'unbound'), goneAt(10, 'p')] });
    expect(idsOn(harmless, 'n1')).toEqual([]);
  });

  it('W16: an identity that was changed while the cloud call failed is forgotten, and stays when the pod goes', () => {
    const steps: Step[] = [
      podAt(1, 'p', 'n1'),
      { at: 4, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 1 }, { status: 400 }) },
      { at: 5, api: [{ verb: 'apply', object: edited(azureIdentity('x'), { resourceID: armId('y'), clientID: 'client-y' }) }] },
      nudge(8),
      goneAt(20, 'p'),
    ];
    expect(idsOn(runCluster({ ...BASE, steps }), 'n1')).toEqual(['x']);
    const [, , ...calm] = steps;
    expect(idsOn(runCluster({ ...BASE, steps: [podAt(1, 'p', 'n1'), ...calm] }), 'n1')).toEqual([]);
  });
});

describe('what shall stay', () => {
  const steps = [podAt(1, 'p', 'n1'), goneAt(10, 'p')];
  const spelledAs = (clientID: string): ClusterOptions => ({
    ...BASE,
    objects: [node('n1'), azureIdentity('x', { clientID }), binding('bx', 'x', 's')],
    steps,
  });

  it.each([
    ['an upper-case letter in the AzureIdentity', spelledAs('Client-X'), { immutableClientIds: ['Client-X'] }, []],
    ['a blank in the flag', spelledAs('client-x'), { immutableClientIds: ['client-a', ' client-x'] }, []],
    ['another spelling of the cluster’s own identity', spelledAs('client-x'), { clusterIdentityClientId: 'Client-X' }, []],
    ['nothing, when all is in lower case', spelledAs('client-x'), { immutableClientIds: ['client-x'] }, ['x']],
    ['nothing, when the cluster’s own is spelled the same', spelledAs('Client-X'), { clusterIdentityClientId: 'Client-X' }, ['x']],
  ] as const)('W17: an immutable identity is compared letter by letter, and lost by %s', (_case, world, settings, left) => {
    expect(idsOn(runCluster({ ...world, settings }), 'n1')).toEqual(left);
  });

  it('W18: an identity that was assigned by hand goes with the last pod that MIC knows, unless it is immutable', () => {
    const world: ClusterOptions = { ...BASE, steps, carrying: { n1: { type: 'UserAssigned', ids: [armId('x'), armId('y')] } } };
    const cluster = runCluster(world);
    expect(patches(cluster)).toEqual([{ on: 'n1', type: 'UserAssigned', delta: ['remove x'] }]);
    expect(idsOn(cluster, 'n1')).toEqual(['y']);
    expect(idsOn(runCluster({ ...world, settings: { immutableClientIds: ['client-x'] } }), 'n1')).toEqual(['x', 'y']);
  });
});
