/** The controllers: numbers, names, healing, rollouts, namespaces, drains; both modes alike. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import { at, create, deployment, meta, pod, podsIn, runCluster, template } from '../../support/cluster.ts';
import type { ClusterRun, Said } from '../../support/cluster.ts';

const nodes = ['node-0', 'node-1'];
const names = (run: ClusterRun): string[] => podsIn(run).map(({ metadata }) => metadata.name);
const remove = (s: number, kind: KubernetesObject['kind'], key: string): Said => ({ at: s, call: { verb: 'delete', kind, key } });
const apply = (s: number, object: KubernetesObject): Said => ({ at: s, call: { verb: 'apply', object } });
const images = (run: ClusterRun): (string | undefined)[] => podsIn(run).map(({ spec }) => spec.containers[0]?.image);

describe('a Deployment', () => {
  test('has 3 pods named name-hash-suffix, owned by its ReplicaSet and itself', () => {
    const run = runCluster({ nodes, script: [create(1, deployment('web', 3))] });
    expect(names(run)).toHaveLength(3);
    for (const name of names(run)) expect(name).toMatch(/^web-[b-df-hj-np-tv-xz2456789]{7}-[b-df-hj-np-tv-xz2456789]{5}$/);
    const [first] = podsIn(run);
    expect(first?.metadata.ownerReferences).toEqual([
      { kind: 'ReplicaSet', name: first?.metadata.name.slice(0, -6) },
      { kind: 'Deployment', name: 'web' },
    ]);
    expect(podsIn(run).every(({ status }) => status.ready)).toBe(true);
  });

  test('heals: a deleted pod is replaced by one of another name', () => {
    const start = runCluster({ nodes, script: [create(1, deployment('web', 2))], horizon: at(300) });
    const victim = names(start)[0] ?? '';
    const run = runCluster({ nodes, script: [create(1, deployment('web', 2)), remove(300, 'Pod', `default/${victim}`)] });
    expect(names(run)).toHaveLength(2);
    expect(names(run)).not.toContain(victim);
  });

  test('is scaled to 5, to 1, and with its end its pods end', () => {
    const scale = (s: number, replicas: number): Said => ({
      at: s,
      call: { verb: 'scale', kind: 'Deployment', key: 'default/web', replicas },
    });
    const script = [create(1, deployment('web', 2)), scale(200, 5), scale(400, 1), remove(600, 'Deployment', 'default/web')];
    const counts = [150, 350, 550, 750].map((s) => names(runCluster({ nodes, script, horizon: at(s) })).length);
    expect(counts).toEqual([2, 5, 1, 0]);
  });

  test('rolls over to a new template and never has fewer than 3 ready pods on the way', () => {
    const script = [create(1, deployment('web', 3, 'registry/app:1')), apply(300, deployment('web', 3, 'registry/app:2'))];
    const run = runCluster({ nodes, script });
    expect(images(run)).toEqual(['registry/app:2', 'registry/app:2', 'registry/app:2']);
    for (let s = 300; s < 400; s += 5) {
      const serving = podsIn(runCluster({ nodes, script, horizon: at(s) })).filter(
        ({ status, metadata }) => status.ready && metadata.deletionTimestamp === undefined,
      );
      expect(serving.length).toBeGreaterThanOrEqual(3);
    }
  });

  test('asks again when its first call was lost on its way', () => {
    const rule = { id: 'lost', from: 'controller-manager', type: 'ApiRequest', times: 1, action: { kind: 'drop' } } as const;
    const run = runCluster({ nodes, script: [{ at: 0.1, rule }, create(1, deployment('web', 2))] });
    expect(names(run)).toHaveLength(2);
  });
});

describe('a StatefulSet', () => {
  const set = (replicas: number): KubernetesObject => ({
    kind: 'StatefulSet',
    metadata: meta('db'),
    spec: { replicas, template: template(), podManagementPolicy: 'OrderedReady' },
  });

  test('has db-0, db-1, db-2, each made when the former was ready, and brings a deleted one back under its name', () => {
    const run = runCluster({ nodes, script: [create(1, set(3)), remove(300, 'Pod', 'default/db-1')] });
    expect(names(run)).toEqual(['db-0', 'db-1', 'db-2']);
    expect(podsIn(run).map(({ metadata }) => metadata.uid)).toEqual(['default/db-0@1', 'default/db-1@2', 'default/db-2@1']);
    const started = run.facts.flatMap(({ at: moment, fact }) => (fact.type === 'container-started' ? [{ moment, fact }] : []));
    for (const [n, { fact }] of started.slice(1, 3).entries()) expect(fact.createdAt).toBeGreaterThan(started[n]?.moment ?? Infinity);
  });

  test('loses its highest pods first', () => {
    expect(names(runCluster({ nodes, script: [create(1, set(3)), apply(300, set(1))] }))).toEqual(['db-0']);
  });
});

describe('a DaemonSet', () => {
  const set = (image: string): KubernetesObject => ({
    kind: 'DaemonSet',
    metadata: meta('nmi'),
    spec: {
      template: template(image, { hostNetwork: true, toleratesAll: true, nodeSelector: { 'kubernetes.io/os': 'linux' } }),
      maxUnavailable: 1,
    },
  });

  test('has one pod on each node, 3 s after a new node is Ready', () => {
    const overrides = { 'node.readyLag': '12s', 'nmi.startAfterReady.cold': '3s', 'watch.latency': '0s', 'api.mutate.latency': '0s' };
    const run = runCluster({ nodes, start: 'cold', script: [create(1, set('aad/nmi:1'))], overrides });
    expect(
      podsIn(run)
        .map(({ spec }) => spec.nodeName ?? '')
        .sort(),
    ).toEqual(nodes);
    expect(run.facts.flatMap(({ at: moment, fact }) => (fact.type === 'container-started' ? [moment] : []))).toEqual([at(15), at(15)]);
  });

  test('rolls over node by node: never two of its pods away at once', () => {
    const run = runCluster({ nodes: [...nodes, 'node-2'], script: [create(1, set('aad/nmi:1')), apply(400, set('aad/nmi:2'))] });
    expect(images(run)).toEqual(['aad/nmi:2', 'aad/nmi:2', 'aad/nmi:2']);
    let running = 0;
    const fewest = run.facts.reduce((least, { at: moment, fact }) => {
      if (fact.type === 'container-started') running += 1;
      if (fact.type === 'container-ended') running -= 1;
      return moment < at(400) ? least : Math.min(least, running);
    }, 3);
    expect(fewest).toBe(2);
  });
});

describe('a Job', () => {
  test('completes 3 pods, 2 side by side, 60 s each, and then rests', () => {
    const job: KubernetesObject = {
      kind: 'Job',
      metadata: meta('batch'),
      spec: { completions: 3, parallelism: 2, runFor: seconds(60), template: template(undefined, { restartPolicy: 'Never' }) },
    };
    const run = runCluster({ nodes, script: [create(1, job)] });
    expect(podsIn(run).map(({ status }) => status.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
    const starts = run.facts.flatMap(({ at: moment, fact }) => (fact.type === 'container-started' ? [moment] : []));
    expect((starts[2] ?? 0) - Math.min(...starts)).toBeGreaterThan(seconds(60));
  });

  test('with a time to live goes that long after it has finished, and its pods with it', () => {
    const job: KubernetesObject = {
      kind: 'Job',
      metadata: meta('batch'),
      spec: {
        completions: 1,
        parallelism: 1,
        runFor: seconds(60),
        ttlAfterFinished: seconds(100),
        template: template(undefined, { restartPolicy: 'Never' }),
      },
    };
    const left = (horizon: number): number => {
      const run = runCluster({ nodes, script: [create(1, job)], horizon: at(horizon) });
      return run.sim.table('jobs').size + podsIn(run).length;
    };
    expect([left(150), left(300)]).toEqual([2, 0]);
  });
});

describe('a CronJob', () => {
  const job: KubernetesObject = {
    kind: 'Job',
    metadata: meta('tick'),
    spec: {
      completions: 1,
      parallelism: 1,
      runFor: seconds(60),
      template: template(undefined, { restartPolicy: 'Never' }),
      repeats: { every: seconds(300), keep: 1 },
    },
  };
  const jobsAt = (moment: number, ...more: Said[]): readonly string[] =>
    runCluster({ nodes, script: [create(1, job), ...more], horizon: at(moment) })
      .sim.table('jobs')
      .all()
      .map(({ metadata }) => metadata.name)
      .sort();

  test('makes a Job each time it is due, and keeps as many that have finished as it says', () => {
    expect(jobsAt(299)).toEqual(['tick']);
    expect(jobsAt(310)).toEqual(['tick', 'tick-5']);
    expect(jobsAt(1310)).toEqual(['tick', 'tick-15', 'tick-20']);
    const run = runCluster({ nodes, script: [create(1, job)], horizon: at(1310) });
    expect(podsIn(run).map(({ metadata, status }) => [metadata.name.slice(0, 7), status.phase])).toEqual([
      ['tick-15', 'Succeeded'],
      ['tick-20', 'Succeeded'],
    ]);
  });

  test('makes none after it is deleted', () => {
    expect(jobsAt(1310, { at: 400, call: { verb: 'delete', kind: 'Job', key: 'default/tick' } })).toEqual(['tick-5']);
  });
});

describe('a namespace', () => {
  const team: KubernetesObject = { kind: 'Namespace', metadata: meta('team', { namespace: '' }) };
  const secret = (finalizers: string[]): KubernetesObject => ({
    kind: 'Secret',
    metadata: meta('s', { namespace: 'team', finalizers }),
    data: {},
  });

  test('goes after its content, takes nothing new meanwhile, and is not found afterwards', () => {
    const script = [
      create(1, team),
      create(2, pod('p', {}, { namespace: 'team' })),
      create(2, secret([])),
      remove(100, 'Namespace', 'team'),
      create(101, pod('q', {}, { namespace: 'team' })),
      create(300, pod('r', {}, { namespace: 'team' })),
    ];
    const run = runCluster({ nodes, script });
    expect(run.sim.table('namespaces').size + run.sim.table('pods').size + run.sim.table('secrets').size).toBe(0);
    expect([run.statuses['4'], run.statuses['5']]).toEqual([403, 404]);
  });

  test('hangs on a finalizer without costing events, and goes when that is taken away', () => {
    const script = [create(1, team), create(2, secret(['keep'])), remove(100, 'Namespace', 'team')];
    const hanging = runCluster({ nodes, script });
    expect(hanging.sim.table('namespaces').get('team')?.metadata.deletionTimestamp).toBeDefined();
    expect(hanging.sim.events).toBeLessThan(60);
    const freed = runCluster({ nodes, script: [...script, { at: 1000, call: { verb: 'update', object: secret([]) } }] });
    expect(freed.sim.table('namespaces').size).toBe(0);
  });
});

describe('a drain', () => {
  test('moves the pods of a cordoned node to the other one', () => {
    const before = runCluster({ nodes, script: [create(1, deployment('web', 4))], horizon: at(300) });
    const moved = podsIn(before).filter(({ spec }) => spec.nodeName === 'node-0');
    expect(moved.length).toBeGreaterThan(0);
    const evictions = moved.map(({ metadata }): Said => ({ at: 301, call: { verb: 'evict', key: `default/${metadata.name}` } }));
    const cordon: Said = { at: 300, call: { verb: 'nodeStatus', key: 'node-0', unschedulable: true } };
    const run = runCluster({ nodes, script: [create(1, deployment('web', 4)), cordon, ...evictions] });
    expect(podsIn(run).map(({ spec, status }) => `${spec.nodeName ?? ''} ${status.phase}`)).toEqual(Array(4).fill('node-1 Running'));
  });
});

describe('any story', () => {
  // Claim: whatever is created, scaled, killed and deleted, the Deployment ends with its number of running pods, recorded and fast alike; by random stories.
  test('ends with as many running pods as wanted, in both modes with one fingerprint', () => {
    const step = fc.record({
      s: fc.integer({ min: 2, max: 400 }),
      what: fc.constantFrom('scale' as const, 'image' as const, 'kill' as const, 'delete' as const),
      n: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), fc.constantFrom('fixed' as const, 'shuffled' as const), (steps, ties) => {
        const base = deployment('web', 2);
        const script = [create(1, base), ...steps.map(({ s, what, n }) => said(s, what, n))];
        const runs = (['recorded', 'fast'] as const).map((mode) => runCluster({ nodes, script, mode, ties, horizon: at(2000) }));
        expect(runs[0]?.sim.fingerprint).toBe(runs[1]?.sim.fingerprint);
        const { sim } = runs[0] ?? runCluster({});
        const wanted = sim.table('deployments').get('default/web')?.spec.replicas;
        expect(
          sim
            .table('pods')
            .all()
            .filter(({ status }) => status.ready),
        ).toHaveLength(wanted ?? -1);
        expect(sim.table('pods').size).toBe(wanted);
      }),
      { numRuns: 25 },
    );
  });
});

/** One step of a random story. */
function said(s: number, what: 'scale' | 'image' | 'kill' | 'delete', n: number): Said {
  if (what === 'scale') return { at: s, call: { verb: 'scale', kind: 'Deployment', key: 'default/web', replicas: n } };
  if (what === 'image') return apply(s, deployment('web', n, `registry/app:${String(n)}`));
  return { at: s, harm: { pod: n, how: what } };
}
