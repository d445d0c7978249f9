/** W31 to W35: what edits, storms and rates cost (§7 E of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import type { Overrides } from '../../../../src/model/calibration/index.ts';
import { armCalls, at, idsOn, runCluster, secondsBetween, statuses } from '../cluster.ts';
import type { Cluster, ClusterOptions, Step } from '../cluster.ts';
import { azureIdentity, binding, create, pod } from '../objects.ts';
import { BASE, QUICK } from '../troubles.ts';
import { goneAt, podAt } from './world.ts';

/** Events of Kubernetes out of the way, everything at the rate of the real client. */
const RATED: Overrides = { ...QUICK, 'kubeEvents.enabled': 'false', 'watch.latency': '500ms', 'mic.sync.tail': '1s' };

const crowdAt = (moment: number, size: number): Step => ({
  at: moment,
  api: Array.from({ length: size }, (_, n) => create(pod(`p${String(n).padStart(2, '0')}`, { node: 'v1-0', label: 's' }))),
});

/** Seconds, counted from `from`, of MIC's calls about assigned identities with one verb. */
function written(cluster: Cluster, verb: string, from: number): readonly number[] {
  return cluster
    .of('api-answered')
    .filter((fact) => fact.client.startsWith('mic/') && fact.kind === 'AzureAssignedIdentity' && fact.verb === verb && fact.at >= at(from))
    .map((fact) => secondsBetween(at(from), fact.at));
}

const last = (moments: readonly number[]): number => moments.at(-1) ?? NaN;

describe('availability', () => {
  it('W31: an edit of an AzureIdentity’s metadata sends all its assignments through Created, at 5 calls a second', () => {
    const seen = { ...azureIdentity('x'), metadata: { ...azureIdentity('x').metadata, annotations: { note: 'seen' } } };
    const world: ClusterOptions = { ...BASE, steps: [crowdAt(1, 50), { at: 100, api: [{ verb: 'apply', object: seen }] }], knobs: RATED };
    const during = runCluster({ ...world, until: 109.55 });
    expect(statuses(during).filter((text) => text.endsWith('Created'))).toHaveLength(50);
    const cluster = runCluster({ ...world, until: 200 });
    expect(statuses(cluster).every((text) => text.endsWith('Assigned'))).toBe(true);
    const puts = written(cluster, 'update', 100);
    const confirmations = written(cluster, 'patchStatus', 100);
    expect([puts.length, confirmations.length]).toEqual([50, 50]);
    // 50 PUTs with 5 at once take 9 s, the patches behind them 10 s more; the identity itself never moved.
    expect(last(puts)).toBeCloseTo(9.5, 1);
    expect(last(confirmations)).toBeCloseTo(19.5, 1);
    expect(armCalls(cluster, 'patchIdentity').filter((moment) => moment > 100)).toEqual([]);
    expect(armCalls(cluster, 'get').filter((moment) => moment > 100)).toHaveLength(1);
  });

  it('W33: the last pod goes and a new one comes at once: the identity is taken off and put back, and the pod waits for both', () => {
    const steps: Step[] = [podAt(1, 'p', 'v1-0'), goneAt(100, 'p'), podAt(101, 'q', 'v1-0')];
    const knobs = { ...QUICK, 'vmss.patch.duration.serverSide': '40s' };
    const cluster = runCluster({ ...BASE, steps, knobs, until: 300 });
    expect(armCalls(cluster, 'patchIdentity').filter((moment) => moment >= 100)).toHaveLength(2);
    const applied = cluster.of('mic-event').filter(({ reason }) => reason === 'binding applied');
    expect(secondsBetween(at(101), applied.at(-1)?.at ?? at(0))).toBeGreaterThan(79);
    // In time, it takes no PATCH at all.
    const swift = runCluster({ ...BASE, steps: [podAt(1, 'p', 'v1-0'), podAt(100, 'q', 'v1-0'), goneAt(101, 'p')], knobs, until: 300 });
    expect(armCalls(swift, 'patchIdentity').filter((moment) => moment >= 100)).toEqual([]);
    expect([statuses(swift), idsOn(swift, 'v1')]).toEqual([['q-default-x Assigned'], ['x']]);
  });
});

describe('throughput', () => {
  it('W32: k events are k cycles, and what a real change behind them waits is their computing time', () => {
    const storm: Step = { at: 1, api: Array.from({ length: 400 }, (_, n) => create(pod(`plain${String(n)}`, {}))) };
    const waitOf = (noopCycle: string): number => {
      const cluster = runCluster({ ...BASE, steps: [storm, podAt(1.1, 'p', 'n1')], knobs: { ...QUICK, 'mic.sync.noopCycle': noopCycle } });
      return secondsBetween(at(1.1), cluster.of('mic-cycle-started')[0]?.at ?? at(0));
    };
    // The pod is seen by the cycle that runs next, whichever event that belongs to; its neighbours' cycles follow.
    expect(waitOf('50ms')).toBeLessThan(0.2);
    const cluster = runCluster({
      ...BASE,
      steps: [storm, podAt(1.1, 'p', 'n1'), podAt(5, 'q', 'n1')],
      knobs: { ...QUICK, 'mic.sync.noopCycle': '50ms' },
    });
    const queued = cluster.of('mic-cycle-started').map((fact) => fact.queued);
    expect(queued[0]).toBeGreaterThan(390);
    expect(queued[1]).toBeGreaterThan(300);
    const loops = cluster.deliveries.filter(({ message }) => message.type === 'LoopDue');
    expect(secondsBetween(at(1), loops.at(-1)?.at ?? at(0))).toBeGreaterThan(19.9);
  });

  it('W34: 100 pods take 19 s of POSTs and 20 s of status patches at 5 calls a second, whatever ARM does', () => {
    const cluster = runCluster({ ...BASE, steps: [crowdAt(1, 100)], knobs: RATED });
    const posts = written(cluster, 'create', 1);
    const confirmations = written(cluster, 'patchStatus', 1);
    expect([posts.length, confirmations.length]).toEqual([100, 100]);
    expect(last(posts)).toBeCloseTo(19.5, 1);
    expect(last(confirmations)).toBeCloseTo(39.5, 1);
  });

  it('W35: after a failed cloud call assignments are settled one after the other, not twenty at a time', () => {
    const bad = [azureIdentity('bad'), binding('bb', 'bad', 'u')];
    const slow: Overrides = { ...RATED, 'api.mutate.latency': '1s', 'mic.clientQps': 1000, 'mic.clientBurst': 1000 };
    const inFlight = (label: string): number => {
      const steps: Step[] = [{ at: 1, api: [...(crowdAt(1, 10).api ?? []), create(pod('other', { node: 'v1-0', label }))] }];
      const cluster = runCluster({ ...BASE, objects: [...(BASE.objects ?? []), ...bad], steps, knobs: slow });
      const open = new Set<string>();
      let most = 0;
      for (const { actor, from, message } of cluster.deliveries) {
        if (message.type === 'ApiRequest' && message.call.verb === 'patchStatus' && from.startsWith('mic/')) open.add(message.request);
        if (message.type === 'ApiResponse' && actor.startsWith('mic/')) open.delete(message.request);
        most = Math.max(most, open.size);
      }
      expect(statuses(cluster).filter((text) => text.endsWith('Assigned'))).toHaveLength(10);
      return most;
    };
    expect([inFlight('u'), inFlight('nobody')]).toEqual([1, 10]);
  });
});
