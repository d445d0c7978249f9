/** W1 to W9: caches that lag, and changes that trigger nothing (§7 A of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { armCalls, at, idsOn, runCluster, secondsBetween, statuses } from '../cluster.ts';
import type { ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, create, node, pod, remove } from '../objects.ts';
import { assignedTo, BASE, edited, fault, QUICK, refuseApi } from '../troubles.ts';
import { cacheAt, goneAt, nodeOf, nudge, patches, podAt, RECONCILED } from './world.ts';

const ONE = podAt(1, 'p', 'n1');
const CARRIED: ClusterOptions['carrying'] = { n1: { type: 'UserAssigned', ids: [armId('x')] } };

describe('caches that lag', () => {
  it('W1: a cycle that does not see what the last one wrote does it again: AlreadyExists, a second GET, and nothing worse', () => {
    const cluster = runCluster({ ...BASE, steps: [cacheAt(0.5, 'frozen'), ONE, nudge(3), cacheAt(5, 'flowing'), nudge(6)] });
    const posts = cluster.of('api-answered').filter(({ verb, client }) => verb === 'create' && client.startsWith('mic/'));
    expect(posts.filter(({ kind }) => kind === 'AzureAssignedIdentity').map(({ status }) => status)).toEqual([201, 409]);
    expect(cluster.of('mic-event').map(({ reason }) => reason)).toContain('binding apply error');
    expect([armCalls(cluster, 'get'), armCalls(cluster, 'patchIdentity')]).toEqual([[1, 3], [1]]);
    expect([statuses(cluster), idsOn(cluster, 'n1')]).toEqual([['p-default-x Assigned'], ['x']]);
  });

  it('W2: a pod of the same name gets nothing when its predecessor’s assignment is still in the cache, until the next event', () => {
    const steps = [ONE, cacheAt(4, 'frozen'), goneAt(5, 'p'), podAt(10, 'p', 'n1'), cacheAt(20, 'flowing')];
    expect(statuses(runCluster({ ...BASE, steps }))).toEqual([]);
    expect(statuses(runCluster({ ...BASE, steps: [...steps, nudge(50)] }))).toEqual(['p-default-x Assigned']);
  });

  const slow = { ...QUICK, 'vm.patch.duration': '8s' };
  it.each<[string, ClusterOptions]>([
    ['the cache lags behind the status', { steps: [ONE, cacheAt(5, 'frozen'), goneAt(20, 'p'), cacheAt(30, 'flowing')], knobs: slow }],
    ['the patch to Assigned failed', { steps: [{ at: 0.5, act: (turn) => refuseApi(turn, 'patchStatus', 500) }, ONE, goneAt(5, 'p')] }],
    [
      'the leader died between PATCH and status',
      {
        steps: [ONE, { at: 3, act: (turn) => turn.stop('mic/default/mic-0') }, goneAt(5, 'p')],
        replicas: ['mic-0', 'mic-1'],
        knobs: slow,
      },
    ],
    [
      'the worker gave up on a PATCH that landed later',
      { steps: [ONE, goneAt(1050, 'p')], knobs: { ...QUICK, 'vm.patch.duration': '1000s' }, until: 1100 },
    ],
  ])('W3: what goes while it is Created leaves its identity on the resource: %s', (_case, options) => {
    const cluster = runCluster({ ...BASE, ...options });
    expect([statuses(cluster), idsOn(cluster, 'n1')]).toEqual([[], ['x']]);
    expect(cluster.of('mic-removal-decided').map(({ verdict }) => verdict)).toEqual(['notAssigned']);
  });

  it('W7: reconcile brings back what was taken off while the cache still shows it as Assigned, and nobody takes it off again', () => {
    const steps = [ONE, cacheAt(4, 'frozen'), goneAt(5, 'p'), cacheAt(300, 'flowing'), nudge(400)];
    const cluster = runCluster({ ...BASE, steps, knobs: RECONCILED, until: 900 });
    expect([statuses(cluster), idsOn(cluster, 'n1')]).toEqual([[], ['x']]);
    expect(patches(cluster).map(({ delta }) => delta)).toEqual([['add x'], 'none', ['add x']]);
  });

  it('W8: an update refused for its stale version still moves the identities, and its old content is called Assigned', () => {
    const touched = {
      ...assignedTo('p', 'n1', 'Assigned'),
      metadata: { ...assignedTo('p', 'n1', 'Assigned').metadata, labels: { by: 'hand' } },
    };
    const steps: Step[] = [
      cacheAt(1, 'frozen'),
      { at: 2, api: [{ verb: 'apply', object: touched }] },
      { at: 5, api: [{ verb: 'apply', object: edited(azureIdentity('x'), { resourceID: armId('y'), clientID: 'client-y' }) }] },
      cacheAt(10, 'flowing'),
    ];
    const world: ClusterOptions = {
      ...BASE,
      objects: [...(BASE.objects ?? []), assignedTo('p', 'n1', 'Assigned'), pod('p', { node: 'n1', label: 's' })],
      carrying: CARRIED,
    };
    const served = (more: readonly Step[]): readonly unknown[] => {
      const cluster = runCluster({ ...world, steps: [...steps, ...more] });
      const [assigned] = cluster.sim.table('azureAssignedIdentities').all();
      return [assigned?.status.status, assigned?.spec.azureIdentityRef.spec.clientID, idsOn(cluster, 'n1')];
    };
    expect(served([])).toEqual(['Assigned', 'client-x', ['y']]);
    expect(served([nudge(20)])).toEqual(['Assigned', 'client-y', ['y']]);
  });
});

describe('nodes that come and go', () => {
  it('W4: a node that is gone first leaves its identity on the scale set, of a pod that goes and of one that moves away', () => {
    const steps: Step[] = [podAt(1, 'sts-0', 'v1-0'), { at: 5, api: [remove('Node', 'v1-0')] }];
    const gone = runCluster({ ...BASE, steps: [...steps, goneAt(6, 'sts-0')] });
    expect([statuses(gone), idsOn(gone, 'v1')]).toEqual([[], ['x']]);
    const moved = runCluster({
      ...BASE,
      steps: [...steps, { at: 6, api: [remove('Pod', 'default/sts-0'), create(pod('sts-0', { node: 'n1', label: 's' }))] }],
      knobs: { ...QUICK, 'watch.latency': '1s' },
    });
    expect(statuses(moved)).toEqual(['sts-0-default-x Assigned']);
    expect([idsOn(moved, 'v1'), idsOn(moved, 'n1')]).toEqual([['x'], ['x']]);
    // With the pod gone before its node, nothing is left behind.
    const orderly = runCluster({
      ...BASE,
      steps: [podAt(1, 'sts-0', 'v1-0'), goneAt(4, 'sts-0'), { at: 5, api: [remove('Node', 'v1-0')] }],
    });
    expect(idsOn(orderly, 'v1')).toEqual([]);
  });

  it('W6: a pod whose node is not in the cache, or has no providerID yet, waits for an event that no node gives', () => {
    const unknown: Step[] = [podAt(1, 'p', 'v1-7'), { at: 5, api: [create(node('v1-7'))] }];
    expect(statuses(runCluster({ ...BASE, steps: unknown }))).toEqual([]);
    expect(statuses(runCluster({ ...BASE, steps: [...unknown, nudge(50)] }))).toEqual(['p-default-x Assigned']);

    const named: Step[] = [
      { at: 0.5, api: [create(nodeOf('v1-8', ''))] },
      podAt(1, 'p', 'v1-8'),
      { at: 5, api: [{ verb: 'apply', object: node('v1-8') }] },
    ];
    const taken = runCluster({ ...BASE, steps: named });
    expect(statuses(taken)).toEqual(['p-default-x Created']);
    expect(taken.of('mic-worker-ended').map(({ resource, error }) => [resource, error.includes('404')])).toEqual([['v1-8', true]]);
    expect(statuses(runCluster({ ...BASE, steps: [...named, nudge(50)] }))).toEqual(['p-default-x Assigned']);
  });
});

describe('failures without a trigger', () => {
  it('W5: what is Unassigned when its pod returns stays so, identity gone, until its AzureIdentity changes', () => {
    const steps: Step[] = [
      ONE,
      { at: 4, act: (turn) => refuseApi(turn, 'delete', 500) },
      { at: 5, api: [remove('Pod', 'default/p')] },
      podAt(5.1, 'p', 'n1'),
      nudge(10),
      nudge(200),
    ];
    const stuck = runCluster({ ...BASE, steps, knobs: RECONCILED, until: 700 });
    expect([statuses(stuck), idsOn(stuck, 'n1')]).toEqual([['p-default-x Unassigned'], []]);
    const relabelled = { ...azureIdentity('x'), metadata: { ...azureIdentity('x').metadata, labels: { seen: 'yes' } } };
    const healed = runCluster({ ...BASE, steps: [...steps, { at: 300, api: [{ verb: 'apply', object: relabelled }] }], until: 700 });
    expect([statuses(healed), idsOn(healed, 'n1')]).toEqual([['p-default-x Assigned'], ['x']]);
  });

  it('W9: a failed worker is tried again only by the next event: the resync within 10 minutes, or the hourly tick without one', () => {
    const absent = runCluster({ ...BASE, vms: [], steps: [ONE] });
    expect([statuses(absent), absent.of('mic-event')]).toEqual([['p-default-x Created'], []]);

    const failing: Step[] = [{ at: 0.5, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 1 }, { status: 400 }) }, ONE];
    const quiet = { ...BASE, steps: failing, knobs: { ...QUICK, 'informer.resync.mic.crds': '600s' } };
    expect(statuses(runCluster({ ...quiet, until: 1.5 }))).toEqual(['p-default-x Created']);
    const resynced = runCluster({ ...quiet, until: 620 });
    expect(statuses(resynced)).toEqual(['p-default-x Assigned']);
    expect(armCalls(resynced, 'patchIdentity')).toHaveLength(1);

    // No AzureIdentity and no binding: no resync either.
    const bare: Step[] = [
      { at: 4, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 2 }, { status: 400 }) },
      { at: 5, api: [remove('AzureIdentity', 'default/x'), remove('AzureIdentityBinding', 'default/bx')] },
    ];
    const hourly = runCluster({
      ...BASE,
      steps: [ONE, ...bare],
      knobs: { ...QUICK, 'informer.resync.mic.crds': '600s', 'mic.sync.periodic': '3600s' },
      until: 3700,
    });
    expect([statuses(hourly), idsOn(hourly, 'n1')]).toEqual([[], []]);
    const waited = secondsBetween(at(5), hourly.of('mic-removal-decided').at(-1)?.at ?? at(0));
    expect(hourly.of('mic-removal-decided').filter((fact) => fact.at > at(700))).toHaveLength(1);
    expect(waited).toBeLessThanOrEqual(3600);
  });
});
