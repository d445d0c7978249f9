/** The scheduler: spreading, selectors, full and cordoned nodes. */
import { describe, expect, test } from 'vitest';
import { at, create, meta, pod, podsIn, runCluster } from '../../support/cluster.ts';
import type { Said } from '../../support/cluster.ts';
import { nodeObject } from '../../../src/model/node-object.ts';

const three = ['node-0', 'node-1', 'node-2'];
const pods = (count: number, spec = {}): Said[] => Array.from({ length: count }, (_, n) => create(1 + n * 30, pod(`p${String(n)}`, spec)));
const places = (run: ReturnType<typeof runCluster>): (string | undefined)[] => podsIn(run).map(({ spec }) => spec.nodeName);

describe('the scheduler', () => {
  test('gives 6 pods to 3 nodes, 2 each', () => {
    const run = runCluster({ nodes: three, script: pods(6) });
    expect(
      places(run)
        .map((place) => place ?? '')
        .sort(),
    ).toEqual(['node-0', 'node-0', 'node-1', 'node-1', 'node-2', 'node-2']);
    expect(
      run.sim
        .table('schedulerNodes')
        .all()
        .map((node) => node.pods),
    ).toEqual([2, 2, 2]);
  });

  test('places no more pods a second than its throughput', () => {
    const overrides = {
      'scheduler.throughput': 2,
      'scheduler.latency': '0s',
      'watch.latency': '0s',
      'pod.start': '1s',
      'image.pull.cold': '0s',
    };
    const run = runCluster({ nodes: three, overrides, script: [1, 2, 3, 4].map((n) => create(1, pod(`p${String(n)}`))) });
    const starts = run.facts.flatMap(({ at: moment, fact }) => (fact.type === 'container-started' ? [moment / 1e6] : []));
    const gaps = starts.sort((a, b) => a - b).map((start, n) => start - (starts[n - 1] ?? start));
    for (const gap of gaps.slice(1)) expect(gap).toBeCloseTo(0.5, 1);
  });

  test('counts pods that leave: a place on a full node is given again', () => {
    const free: Said = { at: 300, call: { verb: 'delete', kind: 'Pod', key: 'default/p0' } };
    const full = runCluster({ nodes: ['node-0'], maxPods: 2, script: pods(3) });
    expect(places(full)).toEqual(['node-0', 'node-0', undefined]);
    const freed = runCluster({ nodes: ['node-0'], maxPods: 2, script: [...pods(3), free] });
    expect(places(freed)).toEqual(['node-0', 'node-0']);
    expect(podsIn(freed).every(({ status }) => status.phase === 'Running')).toBe(true);
  });

  test('waits for a node with the wanted label, and takes one that appears', () => {
    const wanted = { nodeSelector: { 'kubernetes.io/hostname': 'late' } };
    const alone = runCluster({ nodes: three, script: pods(1, wanted) });
    expect(places(alone)).toEqual([undefined]);
    const late = nodeObject({ name: 'late', pool: 'pool', providerID: 'x', maxPods: 30, isReady: true });
    // Nobody runs on that node: it is looked at before its silence shows.
    expect(places(runCluster({ nodes: three, script: [...pods(1, wanted), create(100, late)], horizon: at(115) }))).toEqual(['late']);
  });

  test('leaves a cordoned node alone until it is open again', () => {
    const cordon = (s: number, unschedulable: boolean): Said => ({ at: s, call: { verb: 'nodeStatus', key: 'node-0', unschedulable } });
    expect(places(runCluster({ nodes: ['node-0'], script: [cordon(0.1, true), create(20, pod('p'))] }))).toEqual([undefined]);
    expect(places(runCluster({ nodes: ['node-0'], script: [cordon(0.1, true), create(20, pod('p')), cordon(60, false)] }))).toEqual([
      'node-0',
    ]);
  });

  test('binds again when the first binding was lost on its way', () => {
    const rule = { id: 'lost', from: 'scheduler', type: 'ApiRequest', times: 1, action: { kind: 'drop' } } as const;
    const run = runCluster({ nodes: ['node-0'], script: [{ at: 0.1, rule }, create(1, pod('p', {}, meta('p')))] });
    expect(places(run)).toEqual(['node-0']);
    expect(run.sim.table('schedulerNodes').get('node-0')?.pods).toBe(1);
  });
});
