/**
 * No handler does work in proportion to the cluster: what one event looks at is counted in rows of tables, at two sizes.
 *
 * Counted from the second minute on, for what starts lists everything once. Rows are counted and not time, so the test says the same on
 * every machine.
 */
import { describe, expect, it } from 'vitest';
import { benchedCluster } from '../../bench/cluster-world.ts';
import { runCounting } from '../../bench/event-costs.ts';
import type { EventCost } from '../../bench/event-costs.ts';
import { ORIGIN, after, seconds } from '../../src/kernel/time.ts';

const SMALL = 8;
const LARGE = 32;
/** A cluster four times as large may cost an event this many rows more: retries and collisions are a little more frequent in it. */
const SLACK = 24;

function costsOf(nodes: number): readonly EventCost[] {
  const { world } = benchedCluster(nodes);
  world.run({ at: after(ORIGIN, seconds(60)) });
  return runCounting(world);
}

describe('the cost of an event', () => {
  const small = new Map(costsOf(SMALL).map((cost) => [cost.kind, cost]));
  const large = costsOf(LARGE);

  it('does not grow with the cluster, whatever the event', () => {
    const grown = large.filter(({ kind, mostReads }) => mostReads > (small.get(kind)?.mostReads ?? 0) + SLACK);
    expect(grown).toEqual([]);
  });

  it('is counted for everything that happens when pods are replaced', () => {
    const kinds = new Set(large.map(({ kind }) => kind));
    for (const kind of ['mic LoopDue', 'kubelet WatchEvent', 'scheduler ScheduleDue', 'controller-manager ControllerDue'])
      expect(kinds).toContain(kind);
  });
});
