/** The way of a pod to its identity and back, and what a settled leader leaves alone. */
import { describe, expect, it } from 'vitest';
import { at, INSTANT, runCluster, secondsBetween } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from './objects.ts';

const ONE_POD: ClusterOptions = {
  objects: [node('v1-0'), azureIdentity('id-a'), binding('b-a', 'id-a', 's')],
  scaleSets: ['v1'],
  identities: ['id-a'],
  steps: [{ at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] }],
  knobs: { ...INSTANT, 'vmss.patch.duration.serverSide': '38s', 'vmss.patch.perIdentityCost': '0s' },
  until: 60,
};

const SCALE_SET = '/subscriptions/s1/resourcegroups/rg/providers/microsoft.compute/virtualmachinescalesets/v1';

/** What MIC asked the API server for, verb by verb, with status. */
function apiCalls(cluster: Cluster): readonly string[] {
  return cluster
    .of('api-answered')
    .filter(({ client }) => client.startsWith('mic/'))
    .map(({ verb, kind, status }) => `${verb} ${kind} ${String(status)}`);
}

function armCalls(cluster: Cluster): readonly string[] {
  return cluster.of('arm-answered').map(({ op, status }) => `${op} ${String(status)}`);
}

describe('a pod that matches a binding', () => {
  it('gets Created before the cloud call and Assigned at the poll after its end: PATCH 38 s, polls every 5 s, 40 s in all', () => {
    const cluster = runCluster(ONE_POD);
    expect(apiCalls(cluster)).toEqual(['create AzureAssignedIdentity 201', 'patchStatus AzureAssignedIdentity 200', 'create Event 201']);
    expect(armCalls(cluster)).toEqual(['get 200', 'patchIdentity 202', ...Array.from({ length: 9 }, () => 'pollOperation 200')]);
    const [written, patched] = cluster.of('api-answered').filter(({ kind }) => kind === 'AzureAssignedIdentity');
    expect(secondsBetween(at(1), written?.at ?? at(0))).toBe(0);
    expect(secondsBetween(at(1), patched?.at ?? at(0))).toBe(40);
    const object = cluster.sim.table('azureAssignedIdentities').get('default/p-default-id-a');
    expect(object).toMatchObject({
      metadata: {
        namespace: 'default',
        labels: { nodename: 'v1-0' },
        finalizers: ['azureassignedidentity.finalizers.aadpodidentity.k8s.io'],
      },
      spec: { pod: 'p', podNamespace: 'default', nodename: 'v1-0', azureIdentityRef: { metadata: { name: 'id-a' } } },
      status: { status: 'Assigned' },
    });
    expect(cluster.sim.table('computeResources').get(SCALE_SET)?.userAssigned).toEqual([armId('id-a').toLowerCase()]);
    expect(cluster.of('mic-event')).toMatchObject([
      { level: 'Normal', reason: 'binding applied', regarding: 'AzureIdentityBinding/default/b-a', delivered: 'yes' },
    ]);
  });

  it('loses both again when it goes: PATCH, Unassigned, DELETE, finalizer; no Event', () => {
    const cluster = runCluster({
      ...ONE_POD,
      steps: [...(ONE_POD.steps ?? []), { at: 50, api: [remove('Pod', 'default/p')] }],
      until: 110,
    });
    expect(apiCalls(cluster).slice(3)).toEqual([
      'patchStatus AzureAssignedIdentity 200',
      'delete AzureAssignedIdentity 200',
      'update AzureAssignedIdentity 200',
    ]);
    expect(cluster.sim.table('azureAssignedIdentities').size).toBe(0);
    expect(cluster.sim.table('computeResources').get(SCALE_SET)).toMatchObject({ identityType: 'None', userAssigned: [] });
    expect(cluster.sim.table('micWork').size + cluster.sim.table('micDesired').size).toBe(0);
  });

  it('goes the same way in both modes, with every latency drawn', () => {
    const world: ClusterOptions = {
      ...ONE_POD,
      knobs: {},
      steps: [
        { at: 1, api: ['p', 'q', 'r'].map((name) => create(pod(name, { node: 'v1-0', label: 's' }))) },
        { at: 70, api: [remove('Pod', 'default/q'), create(pod('t', { node: 'v1-0', label: 's', namespace: 'ns1' }))] },
        { at: 140, api: ['p', 'r'].map((name) => remove('Pod', `default/${name}`)) },
      ],
      until: 400,
    };
    const recorded = runCluster({ ...world, run: { mode: 'recorded', fingerprint: 'deep' } });
    const fast = runCluster({ ...world, run: { mode: 'fast', fingerprint: 'deep' } });
    expect(fast.sim.fingerprint).toBe(recorded.sim.fingerprint);
    expect(
      recorded.sim
        .table('azureAssignedIdentities')
        .all()
        .map(({ metadata, status }) => `${metadata.name} ${status.status}`),
    ).toEqual(['t-ns1-id-a Assigned']);
  });

  it('cites the pod that waited: the time in the queue of a busy loop is micQueue', () => {
    const cluster = runCluster({
      ...ONE_POD,
      objects: [...(ONE_POD.objects ?? []), node('w-0'), azureIdentity('id-b'), binding('b-b', 'id-b', 't')],
      scaleSets: ['v1', 'w'],
      identities: ['id-a', 'id-b'],
      steps: [...(ONE_POD.steps ?? []), { at: 11, api: [create(pod('q', { node: 'w-0', label: 't' }))] }],
      until: 120,
    });
    const assigned = cluster.sim.table('azureAssignedIdentities').newest('default/q-default-id-b');
    const parts = cluster.sim.trace.divide(assigned?.cause ?? -1, at(11));
    const seconds = (label: string): number =>
      parts.filter((part) => part.label === label).reduce((sum, part) => sum + secondsBetween(part.from, part.to), 0);
    // The first pod's cycle ends at 41 s, the loop sleeps 0.2 s, then come PATCH and poll.
    expect(seconds('micQueue')).toBeCloseTo(30.2, 3);
    expect(seconds('patch')).toBeCloseTo(38, 3);
    expect(seconds('patchPoll')).toBeCloseTo(2, 3);
    expect(parts.reduce((sum, part) => sum + secondsBetween(part.from, part.to), 0)).toBeCloseTo(70.2, 3);
  });
});

describe('a settled leader', () => {
  it('asks neither the API server nor ARM for anything in two hours in which nothing happens', () => {
    const ran = runCluster(ONE_POD);
    const [held] = ran.sim.table('azureAssignedIdentities').all();
    if (held === undefined) throw new Error('nothing was assigned');
    const cluster = runCluster({
      objects: [node('v1-0'), azureIdentity('id-a'), binding('b-a', 'id-a', 's'), pod('p', { node: 'v1-0', label: 's' }), held],
      scaleSets: ['v1'],
      until: 7200,
    });
    expect(cluster.facts.map(({ fact }) => fact.type)).toEqual(['mic-started', 'mic-leading', 'mic-caches-synced']);
  });
});
