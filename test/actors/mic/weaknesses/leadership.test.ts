/** W36 to W39: leaders that die, freeze or cannot begin (§7 F of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { armCalls, at, idsOn, runCluster, secondsBetween, statuses } from '../cluster.ts';
import type { ClusterOptions, Step } from '../cluster.ts';
import { create, pod } from '../objects.ts';
import { BASE, QUICK } from '../troubles.ts';
import { goneAt, MIC, podAt } from './world.ts';

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

  it('W36: frozen beyond its lease it wakes with calls in flight, and both write: it dies only when it has noticed', () => {
    // 60 POSTs at 5 a second: about half are out when it stops.
    const pods = Array.from({ length: 60 }, (_, n) => create(pod(`p${String(n)}`, { node: 'v1-0', label: 's' })));
    const steps: Step[] = [
      { at: 45, api: pods },
      { at: 50, act: (turn) => turn.freeze(MIC, 'frozen') },
      { at: 100, act: (turn) => turn.freeze(MIC, 'running') },
    ];
    const cluster = runCluster({
      ...BASE,
      ...REPLICAS,
      knobs: { 'mic.warmup': '0s', 'vmss.patch.duration.serverSide': '38s' },
      steps,
      until: 200,
    });
    const writers = cluster
      .of('api-answered')
      .filter(({ kind, at: moment }) => kind === 'AzureAssignedIdentity' && moment > at(100))
      .map(({ client }) => client);
    expect([...new Set(writers.filter((client) => client.startsWith('mic/')))].sort()).toEqual(['mic/default/mic-0', 'mic/default/mic-1']);
    const [stopped] = cluster.of('mic-stopped');
    expect(stopped).toMatchObject({ replica: MIC, reason: 'leader election lost' });
    expect(secondsBetween(at(100), stopped?.at ?? at(0))).toBeLessThanOrEqual(7.5);
  });

  it('W36: frozen between GET and PATCH, it wakes beside its successor and takes off what a new pod of that name needs', () => {
    const steps: Step[] = [
      podAt(1, 'p', 'v1-0'),
      goneAt(70, 'p'),
      // The GET of the removal is on its way.
      { at: 70.5, act: (turn) => turn.freeze(MIC, 'frozen') },
      podAt(71, 'p', 'v1-0'),
      { at: 120, act: (turn) => turn.freeze(MIC, 'running') },
    ];
    const knobs = { ...QUICK, 'arm.get.latency': '1s', 'vmss.patch.duration.serverSide': '40s' };
    const world: ClusterOptions = { ...BASE, ...REPLICAS, steps, knobs };
    const before = runCluster({ ...world, until: 119 });
    expect([statuses(before), idsOn(before, 'v1')]).toEqual([['p-default-x Assigned'], ['x']]);
    expect(before.of('mic-leading').at(-1)?.replica).toBe('mic/default/mic-1');
    const after = runCluster({ ...world, until: 170 });
    expect([statuses(after), idsOn(after, 'v1')]).toEqual([['p-default-x Assigned'], []]);
    expect(after.of('arm-operation-ended').at(-1)).toMatchObject({ client: MIC });
    const [stopped] = after.of('mic-stopped');
    expect(secondsBetween(at(120), stopped?.at ?? at(0))).toBeLessThanOrEqual(7.5);
    // The successor’s reconcile pass puts it back.
    const healed = runCluster({ ...world, knobs: { ...knobs, 'mic.reconcile': '180s' }, until: 500 });
    expect([statuses(healed), idsOn(healed, 'v1')]).toEqual([['p-default-x Assigned'], ['x']]);
  });

  it('W39: what refuses the type upgrade ends one candidate after the other, and nobody assigns', () => {
    const refusal = { type: 'ApiResponse', request: '', status: 403, reason: 'Forbidden' } as const;
    const cut = {
      id: 'f',
      to: 'kube-apiserver',
      where: { 'call.kind': 'AzureIdentityBinding' },
      action: { kind: 'answer', with: refusal },
    } as const;
    const steps: Step[] = [{ at: 0, act: (turn) => turn.inject(cut) }, podAt(1, 'p', 'v1-0')];
    const cluster = runCluster({ ...BASE, ...REPLICAS, start: 'cold', steps, until: 120 });
    expect(
      cluster
        .of('mic-stopped')
        .map(({ replica, reason }) => `${replica} ${reason}`)
        .sort(),
    ).toEqual(['mic/default/mic-0 type upgrade failed: Forbidden', 'mic/default/mic-1 type upgrade failed: Forbidden']);
    expect(cluster.of('mic-caches-synced')).toEqual([]);
    expect(statuses(cluster)).toEqual([]);
  });

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
