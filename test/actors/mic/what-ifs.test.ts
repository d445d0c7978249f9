/** Knobs that make MIC another program than it is: each must change what happens. */
import { describe, expect, it } from 'vitest';
import { at, runCluster, secondsBetween, statuses } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { azureIdentity, binding, create, node, pod } from './objects.ts';

const LEADER = 'mic/default/mic-0';

function run(more: Partial<ClusterOptions>): Cluster {
  return runCluster({
    objects: [node('v1-0'), node('v2-0'), azureIdentity('x'), binding('b', 'x', 's')],
    scaleSets: ['v1', 'v2'],
    identities: ['x'],
    replicas: ['mic-0', 'mic-1'],
    until: 120,
    ...more,
    knobs: { 'vmss.patch.duration.serverSide': '38s', 'mic.warmup': '0s', ...more.knobs },
  });
}

describe('what-ifs of MIC', () => {
  it('hands the lock over in one wait of a candidate when a leader that is told to stop gives it back', () => {
    const stop: ClusterOptions['steps'] = [{ at: 50, act: (turn) => turn.send(LEADER, { type: 'Signal', signal: 'SIGTERM' }) }];
    const next = (release: boolean): number => {
      const cluster = run({ steps: stop, knobs: { 'mic.lease.releaseOnCancel': String(release) } });
      return secondsBetween(at(50), cluster.of('mic-leading')[1]?.at ?? at(0));
    };
    expect(next(true)).toBeLessThan(13);
    expect(next(false)).toBeGreaterThan(11.25);
    expect(next(true)).toBeLessThan(next(false));
  });

  it('asks for the lock again in the same process where a loss does not end it', () => {
    const steps: ClusterOptions['steps'] = [
      { at: 50, act: (turn) => turn.inject({ id: 'cut', from: LEADER, to: 'kube-apiserver', action: { kind: 'drop' } }) },
      { at: 80, act: (turn) => turn.restore('cut') },
      { at: 100, act: (turn) => turn.stop('mic/default/mic-1') },
    ];
    const cluster = run({ steps, knobs: { 'mic.lease.exitOnLoss': 'false' }, until: 200 });
    expect(cluster.of('mic-leading').map(({ replica }) => replica)).toEqual([LEADER, 'mic/default/mic-1', LEADER]);
    expect(cluster.deliveries.filter(({ message }) => message.type === 'ProcessExited')).toEqual([]);
  });

  it('begins a cycle for another scale set before the slow one is done, where cycles may overlap', () => {
    const steps: ClusterOptions['steps'] = [
      { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
      { at: 5, api: [create(pod('q', { node: 'v2-0', label: 's' }))] },
    ];
    const second = (overlap: boolean): number =>
      secondsBetween(at(5), run({ steps, knobs: { 'mic.cyclesOverlap': String(overlap) } }).of('mic-cycle-started')[1]?.at ?? at(0));
    expect(second(false)).toBeGreaterThan(30);
    expect(second(true)).toBeLessThan(1);
    expect(statuses(run({ steps, knobs: { 'mic.cyclesOverlap': 'true' } }))).toEqual(['p-default-x Assigned', 'q-default-x Assigned']);
  });

  it('says how many events found the channel full', () => {
    const first = create(pod('p', { node: 'v1-0', label: 's' }));
    const others = Array.from({ length: 30 }, (_, n) => create(pod(`q${String(n)}`, { node: 'v1-0', label: 's' })));
    const steps: ClusterOptions['steps'] = [
      { at: 1, api: [first] },
      { at: 5, api: others },
    ];
    const buffered = (channel: number): number =>
      Math.max(
        ...run({ steps, knobs: { 'mic.eventChannel': channel } })
          .of('mic-cycle-started')
          .map((fact) => fact.buffered),
      );
    expect(buffered(100)).toBe(0);
    expect(buffered(5)).toBeGreaterThan(10);
  });

  it('crashes by itself after a time that is drawn, and says so to its kubelet', () => {
    const cluster = run({ knobs: { 'mic.crash.interarrival': '60s' } });
    expect(cluster.of('mic-stopped').filter(({ replica }) => replica === LEADER)).toMatchObject([{ reason: 'crash', at: at(60) }]);
    expect(cluster.deliveries.find(({ message }) => message.type === 'ProcessExited')?.message).toMatchObject({ code: 2 });
  });
});

describe('--createDeleteBatch=0', () => {
  it('lets no call pass, so that the first cycle with work never ends and no other begins', () => {
    const cluster = run({
      steps: [
        { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
        { at: 10, api: [create(pod('q', { node: 'v2-0', label: 's' }))] },
      ],
      knobs: { 'mic.createDeleteBatch': '0' },
    });
    expect(cluster.of('mic-cycle-started')).toHaveLength(1);
    expect(cluster.of('mic-cycle-ended')).toEqual([]);
    expect(statuses(cluster)).toEqual([]);
  });
});
