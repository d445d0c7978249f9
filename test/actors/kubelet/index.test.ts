/** The kubelet: starts, addresses, crashes, ends, probes, new nodes, lost nodes. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { Message } from '../../../src/model/messages/index.ts';
import { at, create, pod, podSpec, podsIn, runCluster } from '../../support/cluster.ts';
import type { ClusterOptions, ClusterRun, Said } from '../../support/cluster.ts';
import { addressNumber } from '../../../src/model/ip-pool.ts';
import { nodeObject } from '../../../src/model/node-object.ts';

const image = (name: string): Said => create(1, { ...pod('p'), spec: podSpec(name) });
const gone = (s: number, name: string): Said => ({ at: s, call: { verb: 'delete', kind: 'Pod', key: `default/${name}` } });
const starts = ({ facts }: ClusterRun): number[] =>
  facts.flatMap(({ at: moment, fact }) => (fact.type === 'container-started' ? [moment] : []));
const kill = (s: number, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Said => ({
  at: s,
  to: 'kubelet/node-0',
  message: { type: 'KillContainer', pod: 'default/p', signal },
});

const STEADY = {
  'watch.latency': '0s',
  'api.mutate.latency': '10ms',
  'scheduler.latency': '10ms',
  'image.pull.cold': '5s',
  'image.pull.cached': '200ms',
  'pod.start': '2s',
  'pod.ipVisibleLag': '500ms',
  'pod.terminationActual': '3s',
};

describe('a pod on a node', () => {
  test('starts 7.21 s after it was made: 10 ms scheduler, 5.2 s pull, 2 s start; its address shows 0.5 s later', () => {
    const script = [create(1, pod('p'))];
    const run = runCluster({ nodes: ['node-0'], script, overrides: STEADY });
    expect(starts(run)).toEqual([at(1 + 0.01 + 5.2 + 2)]);
    expect(podsIn(run)[0]?.status).toMatchObject({ phase: 'Running', ready: true, restarts: 0, startedAt: at(8.21) });
    expect(
      runCluster({ nodes: ['node-0'], script, overrides: STEADY, horizon: at(8.7) })
        .sim.table('pods')
        .get('default/p')?.status.podIP,
    ).toBe('');
    expect(
      runCluster({ nodes: ['node-0'], script, overrides: STEADY, horizon: at(8.72) })
        .sim.table('pods')
        .get('default/p')?.status.podIP,
    ).not.toBe('');
  });

  test('starts 5 s sooner from an image its node booted with', () => {
    const run = runCluster({ nodes: ['node-0'], script: [image('registry/baked:1')], overrides: STEADY });
    expect(starts(run)).toEqual([at(1 + 0.01 + 0.2 + 2)]);
  });

  test('shares the address of the node on the host network', () => {
    const run = runCluster({ nodes: ['node-0'], script: [create(1, pod('p', { hostNetwork: true }))] });
    expect(addressNumber('node-0', podsIn(run)[0]?.status.podIP ?? '')).toBe(-1);
  });

  test('is gone from the API 3 s after its deletion was asked for, and its address is free', () => {
    const run = runCluster({ nodes: ['node-0'], script: [create(1, pod('p')), gone(100, 'p')], overrides: STEADY });
    expect(run.facts.filter(({ fact }) => fact.type === 'container-ended').map(({ at: moment }) => moment)).toEqual([at(103)]);
    expect(run.sim.table('pods').size).toBe(0);
    expect(run.sim.stateOf('kubelet/node-0')).toMatchObject({ taken: {}, pods: {} });
  });

  test('NMI ends itself after its 10 s, not after the time of an ordinary pod', () => {
    const run = runCluster({ nodes: ['node-0'], script: [image('k8s/aad/nmi:v1'), gone(400, 'p')], overrides: STEADY });
    expect(run.facts.filter(({ fact }) => fact.type === 'container-ended').map(({ at: moment }) => moment)).toEqual([at(410)]);
  });
});

describe('a crashing container', () => {
  test('starts again at once, then after 10 s, then after 20 s', () => {
    const run = runCluster({ nodes: ['node-0'], script: [create(1, pod('p')), kill(20), kill(30), kill(60)], overrides: STEADY });
    expect(starts(run)).toEqual([at(8.21), at(20.2), at(40.2), at(80.2)]);
    expect(podsIn(run)[0]?.status.restarts).toBe(3);
    expect(new Set(run.facts.flatMap(({ fact }) => (fact.type === 'container-started' ? [fact.ip] : []))).size).toBe(1);
  });

  test('is forgiven after 600 s of good running', () => {
    const run = runCluster({ nodes: ['node-0'], script: [create(1, pod('p')), kill(20), kill(621)], overrides: STEADY });
    expect(starts(run)).toEqual([at(8.21), at(20.2), at(621.2)]);
  });

  test('that may not restart fails for good and gives its address back', () => {
    const run = runCluster({ nodes: ['node-0'], script: [create(1, pod('p', { restartPolicy: 'Never' })), kill(20)], overrides: STEADY });
    expect(podsIn(run)[0]?.status.phase).toBe('Failed');
    expect(run.sim.stateOf('kubelet/node-0')).toMatchObject({ taken: {} });
  });
});

describe('liveness probes', () => {
  const nmi = image('k8s/aad/nmi:v1');

  test('cost nothing while healthy, and restart NMI after three that were dropped', () => {
    const calm = runCluster({ nodes: ['node-0'], script: [nmi], overrides: STEADY });
    expect(calm.sim.events).toBeLessThan(40);
    expect(calm.facts.some(({ fact }) => fact.type === 'probe-failed')).toBe(false);
    const world = runWithRule([nmi], 'drop');
    expect(world.facts.flatMap(({ fact }) => (fact.type === 'probe-failed' ? [fact.failures] : []))).toEqual([1, 2, 3]);
    expect(starts(world)).toHaveLength(2);
  });

  test('fall silent again after three answers when a fault spares them', () => {
    const world = runWithRule([nmi], 'pass');
    expect(world.facts.some(({ fact }) => fact.type === 'probe-failed')).toBe(false);
    expect(world.sim.events).toBeLessThan(60);
  });
});

describe('liveness probes of an application', () => {
  const probed = create(
    1,
    pod('p', { livenessProbe: { initialDelay: seconds(15), period: seconds(20), timeout: seconds(1), failureThreshold: 3 } }),
  );
  const app: NonNullable<ClusterOptions['fill']> = (sim) =>
    sim.fill('workloads', 'app', {
      name: 'app',
      select: { namespace: 'default', labels: {}, pod: 'p' },
      client: 'naive',
      clientId: '',
      resource: 'r',
      service: '',
      every: seconds(0),
    });
  const failures = ({ facts }: ClusterRun): number[] =>
    facts.flatMap(({ at: moment, fact }) => (fact.type === 'probe-failed' ? [moment / 1e6] : []));
  const silent = { at: 0, rule: { id: 'silent', to: 'pod/default/p', type: 'Probe', action: { kind: 'drop' } } } as const;

  test('tick from when the kubelet saw the pod, not before the delay after its start, and restart it after three', () => {
    // Seen at 1.02 s, started at 8.21: the first tick from 23.21 s on is that of 41.02 s, and each goes a second without an answer.
    const run = runCluster({ nodes: ['node-0'], fill: app, script: [silent, probed], overrides: STEADY, horizon: at(100) });
    expect(failures(run).map((moment) => Math.round(moment))).toEqual([42, 62, 82]);
    expect(starts(run)).toHaveLength(2);
  });

  test('come to rest with the first answer', () => {
    const run = runCluster({ nodes: ['node-0'], fill: app, script: [probed], overrides: STEADY });
    expect([failures(run), starts(run).length]).toEqual([[], 1]);
    expect(run.sim.events).toBeLessThan(60);
  });
});

/** Injects, at 100 s, a rule on NMI's probes that three of them meet. */
function runWithRule(script: readonly Said[], kind: 'drop' | 'pass'): ClusterRun {
  const rule = { id: 'probes', to: 'nmi/node-0', type: 'Probe', times: 3, action: { kind } } as const;
  return runCluster({ nodes: ['node-0'], overrides: STEADY, script: [...script, { at: 100, rule }] });
}

describe('nodes', () => {
  test('a new node registers and is Ready after its lag', () => {
    const run = runCluster({ nodes: ['node-0'], start: 'cold', overrides: { ...STEADY, 'node.readyLag': '12s' } });
    expect(run.facts.filter(({ fact }) => fact.type === 'node-ready').map(({ at: moment }) => moment)).toEqual([at(12.01)]);
    expect(run.sim.table('nodes').get('node-0')?.status).toEqual({ ready: true, maxPods: 30 });
  });

  test('a lost node is NotReady within 40 s, its pods are deleted after 5 min more, and it goes with its VM', () => {
    const lost: Message = { type: 'NodeLost' };
    const script: Said[] = [create(1, pod('p')), { at: 50, to: 'kubelet/node-0', message: lost }];
    const state = (s: number, vm: 'there' | 'gone') => {
      const fill = (sim: ClusterRun['sim']): void => {
        if (vm === 'there') sim.fill('virtualMachines', 'x', { name: 'x', resource: 'pool', resourceKind: 'vmss', node: 'node-0' });
      };
      return runCluster({
        objects: [nodeObject({ name: 'node-0', pool: 'pool', providerID: 'x', maxPods: 30, isReady: true })],
        kubelets: ['node-0'],
        script,
        horizon: at(s),
        overrides: STEADY,
        fill,
      });
    };
    expect(state(75, 'there').sim.table('nodes').get('node-0')?.status.ready).toBe(true);
    expect(state(91, 'there').sim.table('nodes').get('node-0')?.status.ready).toBe(false);
    expect(podsIn(state(370, 'there'))[0]?.metadata.deletionTimestamp).toBeUndefined();
    expect(podsIn(state(395, 'there'))[0]?.metadata.deletionTimestamp).toBeDefined();
    const final = state(600, 'gone');
    expect(final.sim.table('nodes').size + final.sim.table('pods').size).toBe(0);
    expect(final.facts.flatMap(({ fact }) => (fact.type === 'node-removed' ? [fact.how] : []))).toEqual(['lost']);
  });

  test('settled pods get their processes back without a word to the API server', () => {
    const running = {
      ...pod('p', { nodeName: 'node-0' }),
      spec: podSpec('k8s/aad/nmi:v1', { nodeName: 'node-0' }),
      status: { phase: 'Running', podIP: '10.9.9.9', ready: true, restarts: 0 },
    } as const;
    const run = runCluster({ nodes: ['node-0'], objects: [running] });
    expect(run.sim.actors).toContain('nmi/node-0');
    expect(run.facts.some(({ fact }) => fact.type === 'api-answered')).toBe(false);
  });
});

describe('addresses', () => {
  // Claim: no two live pods of a node share an address, and no pod goes without one for ever; by random creations and deletions on 4 addresses.
  test('of live pods of a node are all different, with 4 to share, in both modes alike', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('create', 'delete'), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 300 })),
      { minLength: 1, maxLength: 24 },
    );
    fc.assert(
      fc.property(steps, (items) => {
        const script = items.map(([kind, n, s]): Said => (kind === 'create' ? create(s, pod(`p${String(n)}`)) : gone(s, `p${String(n)}`)));
        const overrides = { 'cni.poolSize.azure': '4' };
        const runs = (['recorded', 'fast'] as const).map((mode) => runCluster({ nodes: ['node-0'], maxPods: 4, script, overrides, mode }));
        expect(runs[0]?.sim.fingerprint).toBe(runs[1]?.sim.fingerprint);
        const holders = new Map<string, string>();
        for (const { fact } of runs[0]?.facts ?? []) {
          if (fact.type === 'container-started') {
            expect(holders.get(fact.ip) ?? fact.uid).toBe(fact.uid);
            holders.set(fact.ip, fact.uid);
          } else if (fact.type === 'container-ended') holders.delete(fact.ip);
        }
        expect(holders.size).toBeLessThanOrEqual(4);
        expect(holders.size).toBe(Math.min(4, runs[0]?.sim.table('pods').size ?? 0));
      }),
      { numRuns: 25 },
    );
  });
});
