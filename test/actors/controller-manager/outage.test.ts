/** Evictions of a large outage are rarer: so many silent nodes are hardly the nodes' fault. */
import { describe, expect, test } from 'vitest';
import { at, create, deployment, runCluster } from '../../support/cluster.ts';
import type { Said } from '../../support/cluster.ts';

const nodes = ['node-0', 'node-1', 'node-2', 'node-3'];

/** Seconds between the evictions of one node and the next, when so many of four nodes are lost at once. */
function gaps(lost: number): readonly number[] {
  const times = new Set<number>();
  runCluster({
    nodes,
    horizon: at(1500),
    overrides: { 'watch.latency': '0s', 'api.mutate.latency': '0s' },
    script: [
      create(1, deployment('web', 12)),
      ...nodes.slice(0, lost).map((node): Said => ({ at: 100, to: `kubelet/${node}`, message: { type: 'NodeLost' } })),
    ],
    fill: (sim) =>
      sim.observe({
        onWrite: (table, { before, after, at: moment }) => {
          if (table !== 'pods' || before === undefined || after === undefined || !('metadata' in after) || !('metadata' in before)) return;
          if (after.metadata.deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined) times.add(moment / 1e6);
        },
      }),
  });
  const sorted = [...times].sort((a, b) => a - b);
  return sorted.slice(1).map((time, n) => Math.round(time - (sorted[n] ?? 0)));
}

describe('nodes that are lost together', () => {
  test('are emptied 10 s apart while they are half of the cluster', () => {
    expect(gaps(2)).toEqual([10]);
  });

  test('are emptied 100 s apart when they are three quarters of it', () => {
    expect(gaps(3)).toEqual([100, 100]);
  });
});
