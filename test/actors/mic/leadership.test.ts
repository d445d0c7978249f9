/** Leader election: silence, crash, partition, restart. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import { at, runCluster, secondsBetween } from './cluster.ts';
import type { Cluster, ClusterOptions, Step } from './cluster.ts';
import { azureIdentity, binding, create, node, pod } from './objects.ts';

const LEADER = 'mic/default/mic-0';

/** Two settled replicas, of which the leader dies at a moment in the middle of everything. */
function crash(seed: string, when: number, more: Partial<ClusterOptions> = {}): Cluster {
  return runCluster({
    replicas: ['mic-0', 'mic-1'],
    steps: [{ at: when, act: (turn) => turn.stop(LEADER) }],
    until: when + 60,
    ...more,
    run: { seed, ...more.run },
  });
}

/** Seconds from a crash until the other replica leads. */
function takeOver(cluster: Cluster, when: number): number {
  const [, next] = cluster.of('mic-leading');
  if (next === undefined) throw new Error('nobody took over');
  return secondsBetween(at(when), next.at);
}

describe('leader election', () => {
  it('says nothing for an hour while leader, standby and API server are healthy', () => {
    const cluster = runCluster({ replicas: ['mic-0', 'mic-1'], until: 3500 });
    const said = cluster.deliveries.filter(({ message }) => message.type === 'LeaseDue' || message.type === 'ApiRequest');
    expect(said).toEqual([]);
    expect(cluster.of('mic-leading').map(({ replica }) => replica)).toEqual([LEADER]);
  });

  it('V11: takes over 11.25 s to 31.5 s after a crash, with a median between 17 s and 21 s', () => {
    const waits = Array.from({ length: 300 }, (_, n) => takeOver(crash(`crash-${String(n)}`, 100 + n * 0.37), 100 + n * 0.37)).sort(
      (a, b) => a - b,
    );
    expect(waits[0]).toBeGreaterThan(11.25);
    expect(waits.at(-1)).toBeLessThan(31.6);
    expect(waits[0]).toBeLessThan(14);
    expect(waits.at(-1)).toBeGreaterThan(24);
    expect(waits[150]).toBeGreaterThan(17);
    expect(waits[150]).toBeLessThan(21);
  });

  it('gives the same take-over times when every idle tick of the standing exchange is delivered', () => {
    for (const seed of ['a', 'b', 'c']) {
      const parked = crash(seed, 47.3).of('mic-leading');
      expect(crash(seed, 47.3, { run: { seed, parking: 'off' } }).of('mic-leading')).toEqual(parked);
    }
  });

  it('exits with code 1 within 11.25 s of its last renewal when it cannot reach the API server, and the other takes over after that', () => {
    const cluster = runCluster({
      replicas: ['mic-0', 'mic-1'],
      steps: [{ at: 100, act: (turn) => turn.inject({ id: 'cut', from: LEADER, to: 'kube-apiserver', action: { kind: 'drop' } }) }],
      until: 200,
    });
    const [stopped] = cluster.of('mic-stopped');
    const exit = cluster.deliveries.find(({ message }) => message.type === 'ProcessExited');
    expect(exit?.message).toMatchObject({ pod: 'default/mic-0', code: 1 });
    expect(stopped?.reason).toBe('leader election lost');
    const next = cluster.of('mic-leading')[1];
    if (stopped === undefined || next === undefined) throw new Error('nobody stopped, or nobody followed');
    // The last renewal was at 97.5 s.
    expect(secondsBetween(at(97.5), stopped.at)).toBeCloseTo(11.25, 1);
    expect(secondsBetween(at(97.5), next.at)).toBeGreaterThan(15);
  });

  it('survives an outage of the API server of 4 s without changing hands', () => {
    const cluster = runCluster({
      replicas: ['mic-0', 'mic-1'],
      steps: [
        { at: 100, act: (turn) => turn.inject({ id: 'cut', to: 'kube-apiserver', action: { kind: 'drop' } }) },
        { at: 104, act: (turn) => turn.restore('cut') },
      ],
      until: 400,
    });
    expect(cluster.of('mic-leading')).toHaveLength(1);
    expect(cluster.of('mic-stopped')).toEqual([]);
  });

  it('is lost where one call takes longer than the deadline, and kept where read and write fit into it', () => {
    const ends = (lease: string): number =>
      runCluster({
        replicas: ['mic-0', 'mic-1'],
        steps: [
          {
            at: 100,
            act: (turn) =>
              turn.inject({ id: 'slow', from: 'kube-apiserver', to: 'mic/*', action: { kind: 'delay', by: seconds(8), label: 'api' } }),
          },
        ],
        knobs: { 'mic.lease.duration': lease },
        until: 400,
      }).of('mic-stopped').length;
    expect(ends('15s')).toBeGreaterThan(0);
    expect(ends('60s')).toBe(0);
  });

  it('lets a process restarted in the same pod lead again at its first try', () => {
    const cluster = runCluster({
      replicas: ['mic-0', 'mic-1'],
      steps: [
        { at: 50, act: (turn) => turn.stop(LEADER) },
        {
          at: 52,
          act: (turn) =>
            turn.spawn({ id: LEADER, kind: 'mic' }, { type: 'MicStarted', pod: 'default/mic-0', node: 'host0', start: 'cold' }),
        },
      ],
      until: 200,
    });
    const leaders = cluster.of('mic-leading');
    expect(leaders.map(({ replica }) => replica)).toEqual([LEADER, LEADER]);
    expect(secondsBetween(at(52), leaders[1]?.at ?? at(0))).toBeLessThan(1);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('dies at once of %s, without giving its lease back', (signal) => {
    const cluster = runCluster({
      replicas: ['mic-0', 'mic-1'],
      steps: [{ at: 50, act: (turn) => turn.send(LEADER, { type: 'Signal', signal }) }],
      until: 52,
    });
    expect(cluster.of('mic-stopped')).toMatchObject([{ replica: LEADER, reason: signal, at: at(50) }]);
    expect(cluster.sim.actors).not.toContain(LEADER);
    expect(cluster.sim.table('leases').get('default/aad-pod-identity-mic')?.spec.holder).toBe('default/mic-0');
  });

  it('makes every replica the leader where the flag leader-election-instance gives them one name', () => {
    const cluster = runCluster({ replicas: ['mic-0', 'mic-1'], start: 'cold', until: 120, knobs: { 'mic.lease.instance': 'mic' } });
    expect(new Set(cluster.of('mic-leading').map(({ replica }) => replica))).toEqual(new Set([LEADER, 'mic/default/mic-1']));
    expect(cluster.of('mic-stopped')).toEqual([]);
  });

  it('starts from nothing: one of two replicas creates the lock, the other stands by', () => {
    const cluster = runCluster({ replicas: ['mic-0', 'mic-1'], start: 'cold', until: 120 });
    expect(cluster.of('mic-leading')).toHaveLength(1);
    expect(cluster.of('mic-caches-synced')).toHaveLength(1);
    expect(cluster.sim.table('events').all()).toMatchObject([
      {
        reason: 'LeaderElection',
        regarding: 'Endpoints/default/aad-pod-identity-mic',
        message: expect.stringMatching(/^mic-[01] became leader$/u) as string,
      },
    ]);
    expect(
      cluster.sim
        .table('leases')
        .all()
        .map(({ spec }) => spec.holder),
    ).toEqual([cluster.of('mic-leading')[0]?.replica.slice('mic/default/'.length)]);
    const lastLook = cluster.deliveries.filter(({ message }) => message.type === 'ApiRequest').at(-1);
    expect(secondsBetween(at(0), lastLook?.at ?? at(0))).toBeLessThan(20);
  });
});

describe('a frozen leader (W36)', () => {
  const WORLD = {
    objects: [node('v1-0'), azureIdentity('x'), binding('b', 'x', 's')],
    scaleSets: ['v1'],
    identities: ['x'],
    replicas: ['mic-0', 'mic-1'],
    knobs: { 'vmss.patch.duration.serverSide': '38s', 'mic.warmup': '0s' },
    until: 200,
  } as const satisfies Partial<ClusterOptions>;
  const freeze = (s: number): Step => ({ at: s, act: (turn) => turn.freeze(LEADER, 'frozen') });
  const thaw = (s: number): Step => ({ at: s, act: (turn) => turn.freeze(LEADER, 'running') });

  it('says nothing while another takes over, wakes, finds the lock taken and exits within 7.5 s', () => {
    const cluster = runCluster({ ...WORLD, steps: [freeze(50), thaw(100)] });
    const [, next] = cluster.of('mic-leading');
    expect(next?.replica).toBe('mic/default/mic-1');
    expect(secondsBetween(at(50), next?.at ?? at(0))).toBeGreaterThan(11.25);
    expect(secondsBetween(at(50), next?.at ?? at(0))).toBeLessThan(31.6);
    expect(cluster.deliveries.filter(({ actor, at: moment }) => actor === LEADER && moment > at(50) && moment < at(100))).toEqual([]);
    const [stopped] = cluster.of('mic-stopped');
    expect(stopped).toMatchObject({ replica: LEADER, reason: 'leader election lost' });
    expect(secondsBetween(at(100), stopped?.at ?? at(0))).toBeLessThanOrEqual(7.5);
  });

  it('wakes with its calls in flight and writes although another leads', () => {
    // 60 POSTs at 5 a second: the first 25 are out when it stops.
    const pods = Array.from({ length: 60 }, (_, n) => create(pod(`p${String(n)}`, { node: 'v1-0', label: 's' })));
    const cluster = runCluster({ ...WORLD, steps: [{ at: 45, api: pods }, freeze(50), thaw(100)] });
    const late = cluster
      .of('api-answered')
      .filter(({ client, kind, at: moment }) => client === LEADER && kind !== 'Endpoints' && moment > at(100));
    expect(late.filter(({ kind }) => kind === 'AzureAssignedIdentity').length).toBeGreaterThan(0);
    expect(cluster.of('mic-leading').at(-1)?.replica).toBe('mic/default/mic-1');
  });

  it('goes on as if nothing had been when it is frozen for less than a lease', () => {
    const cluster = runCluster({ ...WORLD, steps: [freeze(50), thaw(56)] });
    expect(cluster.of('mic-leading')).toHaveLength(1);
    expect(cluster.of('mic-stopped')).toEqual([]);
  });
});
