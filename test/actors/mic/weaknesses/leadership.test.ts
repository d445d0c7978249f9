/** W36 to W39: leaders that die, freeze or cannot begin (§7 F of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { armCalls, at, idsOn, runCluster, secondsBetween, statuses } from '../cluster.ts';
import type { ClusterOptions } from '../cluster.ts';
import { BASE, QUICK } from '../troubles.ts';
import { MIC, podAt } from './world.ts';

const REPLICAS: Partial<ClusterOptions> = { replicas: ['mic-0', 'mic-1'] };

describe('a leader that is gone', () => {
  it.each([
    ['preempts the first', 'preempt', []],
    ['is refused with 409 until the first is through', 'reject409', ['StatusCode=409']],
  ] as const)(
    'W37: lost in the middle of a PATCH, which goes on at ARM: its successor sees the old state and PATCHes again, which %s',
    (_case, outcome, errors) => {
      const cluster = runCluster({
        ...BASE,
        ...REPLICAS,
        steps: [podAt(1, 'p', 'v1-0'), { at: 3, act: (turn) => turn.stop(MIC) }],
        knobs: { ...QUICK, 'vmss.patch.duration.serverSide': '120s', 'vmss.concurrentWrite.outcome': outcome },
        until: 400,
      });
      expect(armCalls(cluster, 'patchIdentity').length).toBeGreaterThan(1);
      const failed = cluster.of('mic-worker-ended').flatMap(({ error }) => (error === '' ? [] : [error.slice(0, 14)]));
      expect([...new Set(failed)]).toEqual(errors);
      expect(idsOn(cluster, 'v1')).toEqual(['x']);
    },
  );

  it('W38: a roll-out gives no lease back: nobody assigns for 11 to 32 s and the time it takes a cold standby to fill its caches', () => {
    const waits = ['a', 'b', 'c', 'd', 'e'].map((seed) => {
      const cluster = runCluster({
        ...BASE,
        ...REPLICAS,
        steps: [{ at: 100, act: (turn) => turn.send(MIC, { type: 'Signal', signal: 'SIGTERM' }) }, podAt(101, 'p', 'n1')],
        run: { seed },
        until: 200,
      });
      expect(statuses(cluster)).toEqual(['p-default-x Assigned']);
      const begun = cluster.of('mic-caches-synced').at(-1)?.at ?? at(0);
      const led = cluster.of('mic-leading').at(-1)?.at ?? at(0);
      expect(begun).toBeGreaterThan(led);
      return secondsBetween(at(100), led);
    });
    expect(Math.min(...waits)).toBeGreaterThan(11);
    expect(Math.max(...waits)).toBeLessThan(32);
  });
});
