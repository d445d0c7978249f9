/** Rate limits, batches, and one cycle for each event. */
import { describe, expect, it } from 'vitest';
import type { MicState } from '../../../src/actors/mic/index.ts';
import { at, INSTANT, runCluster, secondsBetween } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { azureIdentity, binding, create, node, pod } from './objects.ts';

/** One scale set and `count` pods on it, all created at second 1. */
function crowd(count: number, more: Partial<ClusterOptions> = {}): ClusterOptions {
  return {
    objects: [node('v1-0'), azureIdentity('id-a'), binding('b-a', 'id-a', 's')],
    scaleSets: ['v1'],
    identities: ['id-a'],
    steps: [{ at: 1, api: Array.from({ length: count }, (_, n) => create(pod(`p${String(n)}`, { node: 'v1-0', label: 's' }))) }],
    until: 200,
    ...more,
    knobs: {
      ...INSTANT,
      'kubeEvents.enabled': 'false',
      'vmss.patch.duration.serverSide': '38s',
      'vmss.patch.perIdentityCost': '0s',
      ...more.knobs,
    },
  };
}

function written(cluster: Cluster, verb: string): readonly number[] {
  return cluster
    .of('api-answered')
    .filter((fact) => fact.client.startsWith('mic/') && fact.verb === verb && fact.kind === 'AzureAssignedIdentity')
    .map(({ at: moment }) => secondsBetween(at(1), moment));
}

/** Most API calls of MIC under way at once. */
function mostInFlight(cluster: Cluster): number {
  let open = 0;
  let most = 0;
  for (const { actor, from, message } of cluster.deliveries) {
    if (message.type === 'ApiRequest' && from.startsWith('mic/')) most = Math.max(most, (open += 1));
    if (message.type === 'ApiResponse' && actor.startsWith('mic/')) open -= 1;
  }
  return most;
}

describe('limits of the API client', () => {
  it('creates 100 assigned identities at 5 calls a second with 5 at once: 19 s of POSTs, 20 s of status patches', () => {
    // All pods reach the cache at second 2, so one cycle takes them all.
    const cluster = runCluster(crowd(100, { knobs: { 'watch.latency': '1s', 'mic.sync.tail': '2s' } }));
    const posts = written(cluster, 'create').map((moment) => moment - 1);
    expect(posts).toHaveLength(100);
    expect(posts.filter((moment) => moment === 0)).toHaveLength(5);
    expect(posts.at(-1)).toBeCloseTo(19, 1);
    const patches = written(cluster, 'patchStatus');
    expect(patches).toHaveLength(100);
    expect((patches.at(-1) ?? 0) - (patches[0] ?? 0)).toBeCloseTo(19, 1);
    expect(cluster.of('client-throttled').length).toBeGreaterThan(180);
  });

  it('never spends more than 5 + 5 t calls in t seconds of either bucket', () => {
    const cluster = runCluster(crowd(80, { knobs: { 'kubeEvents.enabled': 'true', 'kubeEvents.burstPerObject': 100 } }));
    for (const isEvent of [true, false]) {
      const moments = cluster
        .of('api-answered')
        .filter(({ client, kind }) => client.startsWith('mic/') && (kind === 'Event') === isEvent)
        .map((fact) => secondsBetween(at(0), fact.at));
      expect(moments.length).toBeGreaterThan(75);
      for (const [first, from] of moments.entries()) {
        for (const [last, to] of moments.entries()) {
          if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(5 + 5 * (to - from) + 1e-3);
        }
      }
    }
  });

  it('keeps at most createDeleteBatch (20) calls of one worker under way, and needs that many', () => {
    const slow = { 'api.mutate.latency': '3s', 'mic.clientQps': 1000, 'mic.clientBurst': 1000 };
    expect(mostInFlight(runCluster(crowd(60, { knobs: slow })))).toBe(20);
    expect(mostInFlight(runCluster(crowd(60, { knobs: { ...slow, 'mic.createDeleteBatch': 7 } })))).toBe(7);
  });
});

describe('events and cycles', () => {
  it('runs one cycle for each event, however many there are and whether they matter or not', () => {
    const cluster = runCluster(
      crowd(0, {
        steps: [{ at: 1, api: Array.from({ length: 50 }, (_, n) => create(pod(`plain${String(n)}`, { node: 'v1-0' }))) }],
        knobs: { 'mic.sync.noopCycle': '10ms' },
        until: 30,
      }),
    );
    const state = cluster.sim.stateOf('mic/default/mic-0') as MicState;
    expect(state.loop).toMatchObject({ cycles: 50, queued: 0 });
    const loops = cluster.deliveries.filter(({ message }) => message.type === 'LoopDue');
    expect(secondsBetween(at(1), loops.at(-1)?.at ?? at(0))).toBeCloseTo(0.49, 3);
  });

  it('is woken by creation, deletion, node and label of a pod, not by its phase or address, nor by nodes and assigned identities', () => {
    const cluster = runCluster(
      crowd(0, {
        steps: [
          { at: 1, api: [create(pod('p', {}))] },
          { at: 2, api: [{ verb: 'bind', key: 'default/p', node: 'v1-0' }] },
          { at: 3, api: [{ verb: 'podStatus', key: 'default/p', uid: '', status: { phase: 'Running', podIP: '10.0.0.9', ready: true } }] },
          { at: 4, api: [{ verb: 'nodeStatus', key: 'v1-0', ready: false }] },
          { at: 5, api: [{ verb: 'delete', kind: 'Node', key: 'v1-0' }] },
          { at: 6, api: [{ verb: 'delete', kind: 'AzureIdentityBinding', key: 'default/b-a' }] },
        ],
        until: 30,
      }),
    );
    expect((cluster.sim.stateOf('mic/default/mic-0') as MicState).loop.cycles).toBe(3);
  });

  it('answers the resync of identities and bindings every 10 minutes with a cycle for each object', () => {
    const cluster = runCluster(
      crowd(0, {
        objects: [azureIdentity('a'), azureIdentity('b'), binding('x', 'a', 's')],
        knobs: { 'mic.sync.periodic': '30d' },
        until: 1200,
      }),
    );
    expect((cluster.sim.stateOf('mic/default/mic-0') as MicState).loop.cycles).toBe(6);
  });

  it('starts with one event for each pod, identity and binding', () => {
    const pods = Array.from({ length: 40 }, (_, n) => pod(`p${String(n)}`, { node: 'v1-0' }));
    const cluster = runCluster(
      crowd(0, { start: 'cold', objects: [node('v1-0'), azureIdentity('id-a'), binding('b-a', 'id-a', 's'), ...pods], until: 120 }),
    );
    expect((cluster.sim.stateOf('mic/default/mic-0') as MicState).loop.cycles).toBe(42);
  });
});
