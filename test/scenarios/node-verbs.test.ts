/** The verbs of the story about nodes and the machines under them, from the text of a scenario to what becomes of its pods. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { after, minutes, ORIGIN, seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import type { World } from '../../src/scenarios/assemble/index.ts';
import { worldOf } from '../support/packaged.ts';
import { described, notesOf, problemsOf } from './loading.ts';

const NODES = ['aks-pool1-vmss000000', 'aks-pool1-vmss000001', 'aks-pool1-vmss000002'] as const;

/** Numbers that do not vary, so that moments can be counted on. */
const STEADY = {
  'watch.latency': '0s',
  'api.mutate.latency': '10ms',
  'node.reboot.duration': '75s',
  'pod.start': '2s',
  'pod.terminationActual': '3s',
  'node.failure.interarrival': '100000d',
};

function set(kind: 'Deployment' | 'StatefulSet', replicas: number): object {
  const spec = { containers: [{ name: 'main', image: 'registry.example/web:1' }] };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec } },
  };
}

interface Plan {
  readonly story: readonly object[];
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly replicas?: number;
  readonly until?: Moment;
}

function textOf({ story, kind = 'Deployment', replicas = 6 }: Plan): string {
  return stringify({
    question: 'What becomes of the pods?',
    group: 'basics',
    horizon: '40m',
    world: { cluster: { start: 'settled', nodePools: [{ name: 'pool1', nodes: 3 }], podIdentity: { mode: 'standard' } } },
    story: [{ at: '0s', apply: [set(kind, replicas)] }, ...story],
  });
}

function run(plan: Plan): { readonly world: World; readonly facts: { readonly at: Moment; readonly fact: Fact }[] } {
  const world = worldOf(described(textOf(plan)), { overrides: STEADY });
  const facts: { readonly at: Moment; readonly fact: Fact }[] = [];
  world.observe({ onFact: ({ at, fact }) => void facts.push({ at, fact }) });
  world.run(plan.until === undefined ? {} : { at: plan.until });
  return { world, facts };
}

const nodeOf = (world: World, n: 0 | 1 | 2): Node | undefined => world.table('nodes').get(NODES[n]);
const web = (world: World): readonly Pod[] =>
  world
    .table('pods')
    .all()
    .filter(({ metadata }) => metadata.name.startsWith('web'));
const on = (world: World, n: 0 | 1 | 2): readonly Pod[] => web(world).filter(({ spec }) => spec.nodeName === NODES[n]);
const ready = (pods: readonly Pod[]): number => pods.filter(({ status }) => status.ready).length;
const at = (s: number): Moment => after(ORIGIN, seconds(s));

describe('cordon and uncordon', () => {
  const story = [
    { at: '60s', cordon: 'pool1/0' },
    { at: '61s', scale: { deployment: 'web', to: 12 } },
  ];

  it('keep new pods off a node, and let them on again', () => {
    const cordoned = run({ story, until: at(120) }).world;
    expect(nodeOf(cordoned, 0)?.spec.unschedulable).toBe(true);
    expect(on(cordoned, 0)).toHaveLength(2);
    const opened = run({
      story: [
        { at: '60s', cordon: 'pool1/0' },
        { at: '61s', uncordon: 'pool1/0' },
        { at: '62s', scale: { deployment: 'web', to: 12 } },
      ],
      until: at(120),
    }).world;
    expect(nodeOf(opened, 0)?.spec.unschedulable).toBe(false);
    expect(on(opened, 0).length).toBeGreaterThan(2);
  });
});

describe('taint and untaint', () => {
  it('drive out pods, and take the taint off by key alone', () => {
    const tainted = run({
      story: [{ at: '60s', taint: { node: 'pool1/0', taints: ['gone=yes:NoExecute', 'slow:NoSchedule'] } }],
      until: at(180),
    }).world;
    expect(on(tainted, 0)).toEqual([]);
    expect(web(tainted)).toHaveLength(6);
    expect(nodeOf(tainted, 0)?.spec.taints).toHaveLength(2);
    const story = [
      { at: '60s', taint: { node: 'pool1/0', taints: ['gone=yes:NoExecute', 'slow:NoSchedule'] } },
      { at: '70s', untaint: { node: 'pool1/0', taints: ['gone'] } },
    ];
    expect(nodeOf(run({ story, until: at(180) }).world, 0)?.spec.taints).toEqual([{ key: 'slow', value: '', effect: 'NoSchedule' }]);
  });

  it('refuse what is no taint', () => {
    expect(problemsOf(textOf({ story: [{ at: '60s', untaint: { node: 'pool1/0', taints: ['a=b:NoExecute'] } }] }))).toEqual([
      expect.stringContaining('must be key, or key:Effect') as string,
    ]);
  });
});

describe('a reboot', () => {
  it('ends the containers of a node and starts them again 75 s later, in the same pods, with new addresses', () => {
    const story = [{ at: '60s', reboot: 'pool1/0' }];
    const before = on(run({ story, until: at(59) }).world, 0);
    const { world, facts } = run({ story, until: at(300) });
    expect(on(world, 0).map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
    expect(on(world, 0).map(({ status }) => [status.ready, status.restarts])).toEqual([
      [true, 1],
      [true, 1],
    ]);
    const keys = before.map(({ metadata }) => `default/${metadata.name}`);
    const moments = (type: 'container-started' | 'container-ended'): readonly Moment[] =>
      facts.flatMap(({ at: moment, fact }) => (fact.type === type && moment > at(30) && keys.includes(fact.pod) ? [moment] : []));
    expect(moments('container-ended')).toEqual([at(60), at(60)]);
    for (const moment of moments('container-started')) expect(moment).toBeGreaterThanOrEqual(at(135 + 2));
    expect(moments('container-started')).toHaveLength(2);
  });

  it('leaves the node without rules until NMI is back, and NotReady from the 40th second of silence on', () => {
    const story = [{ at: '60s', reboot: 'pool1/0' }];
    const down = run({ story, until: at(130) }).world;
    expect(down.table('nodeRules').get(NODES[0])).toMatchObject({ chain: 'absent', jump: 'absent' });
    expect(nodeOf(down, 0)?.status.ready).toBe(false);
    const back = run({ story, until: at(300) }).world;
    expect(nodeOf(back, 0)?.status.ready).toBe(true);
    expect(back.table('nodeRules').get(NODES[0])).toMatchObject({ chain: 'full', jump: 'present', listener: 'up' });
  });
});

describe('a node that fails', () => {
  const story = [{ at: '60s', failNode: 'pool1/0' }];

  it('loses its pods after 5 min NotReady, and is rebooted by AKS after 10', () => {
    const evicted = run({ story, until: after(ORIGIN, minutes(8)) }).world;
    expect(nodeOf(evicted, 0)?.status.ready).toBe(false);
    expect(ready(web(evicted))).toBeGreaterThanOrEqual(6);
    expect(evicted.actors.includes(`kubelet/${NODES[0]}`)).toBe(false);
    const repaired = run({ story }).world;
    expect(nodeOf(repaired, 0)?.status.ready).toBe(true);
    // Those that were to go are gone: their kubelet let them go when it was back.
    expect(web(repaired)).toHaveLength(6);
  });

  it('that is heard of in time is forgotten: a second failure is counted from its own silence', () => {
    const { world } = run({
      story: [
        { at: '60s', reboot: 'pool1/0' },
        { at: '10m', failNode: 'pool1/0' },
      ],
      until: after(ORIGIN, minutes(14)),
    });
    expect(nodeOf(world, 0)?.status.ready).toBe(false);
    expect(on(world, 0).every(({ metadata }) => metadata.deletionTimestamp === undefined)).toBe(true);
  });
});

describe('a spot VM that is taken back', () => {
  const story = [{ at: '60s', evictSpot: 'pool1/0' }];

  it('is drained at once and gone 30 s later; its scale set is one smaller, and its Node goes', () => {
    const noticed = run({ story, until: at(80) }).world;
    expect(nodeOf(noticed, 0)?.spec.unschedulable).toBe(true);
    expect(on(noticed, 0)).toEqual([]);
    expect(noticed.actors.includes(`kubelet/${NODES[0]}`)).toBe(true);
    const gone = run({ story, until: at(91) }).world;
    expect(gone.actors.includes(`kubelet/${NODES[0]}`)).toBe(false);
    const later = run({ story }).world;
    expect(nodeOf(later, 0)).toBeUndefined();
    expect(later.table('virtualMachines').get(NODES[0])).toBeUndefined();
    expect(
      later
        .table('computeResources')
        .all()
        .find(({ kind }) => kind === 'vmss')?.capacity,
    ).toBe(2);
    expect(ready(web(later))).toBe(6);
  });
});

describe('a drain and a disruption budget', () => {
  const budget = (spec: object): object => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
  });
  const drained = (spec: object, more: readonly object[] = []): Plan => ({
    story: [{ at: '30s', apply: [budget(spec)] }, { at: '60s', drain: 'pool1/0' }, ...more],
    until: at(200),
  });
  const refused = (plan: Plan): number =>
    run(plan).facts.filter(({ fact }) => fact.type === 'api-answered' && fact.verb === 'evict' && fact.status === 429).length;

  it('leaves the pods on a node where none may be missing, until the budget goes', () => {
    expect(on(run(drained({ minAvailable: '100%' })).world, 0)).toHaveLength(2);
    const freed = drained({ minAvailable: 6 }, [{ at: '120s', delete: ['PodDisruptionBudget/web'] }]);
    expect(on(run(freed).world, 0)).toEqual([]);
  });

  it('evicts one pod after the other where one may be missing, and both at once where a third may be', () => {
    for (const spec of [{ maxUnavailable: 1 }, { minAvailable: 5 }]) {
      expect(on(run(drained(spec)).world, 0)).toEqual([]);
      expect(refused(drained(spec))).toBeGreaterThan(0);
    }
    expect(refused(drained({ maxUnavailable: '33%' }))).toBe(0);
    expect(refused({ story: [{ at: '60s', drain: 'pool1/0' }], until: at(200) })).toBe(0);
  });

  it('needs exactly one amount, a number or a percentage', () => {
    const rules = (spec: object): readonly string[] => problemsOf(textOf({ story: [{ at: '30s', apply: [budget(spec)] }] }));
    expect(rules({})).toEqual([expect.stringContaining('needs one of minAvailable and maxUnavailable') as string]);
    expect(rules({ minAvailable: 1, maxUnavailable: 1 })).toHaveLength(1);
    expect(rules({ minAvailable: 'half' })).toEqual([expect.stringContaining('must be a whole number, or a percentage') as string]);
  });
});

describe('a pod of a StatefulSet on a node that is lost', () => {
  it('keeps its name on another node, and only after the old one is gone from the API', () => {
    const { world } = run({ story: [{ at: '60s', removeNode: { node: 'pool1/0', how: 'lost' } }], kind: 'StatefulSet', replicas: 3 });
    expect(
      web(world)
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(['web-0', 'web-1', 'web-2']);
    expect(on(world, 0)).toEqual([]);
    expect(ready(web(world))).toBe(3);
  });
});

describe('steps without a text', () => {
  it('say what is done, and of nodes that may not be there there is a warning', () => {
    const verbs: readonly object[] = [
      { cordon: 'pool1/0' },
      { uncordon: 'pool1/0' },
      { taint: { node: 'pool1/0', taints: ['gpu=yes:NoSchedule'] } },
      { untaint: { node: 'pool1/0', taints: ['gpu'] } },
      { reboot: 'pool1/0' },
      { failNode: 'pool1/0' },
      { evictSpot: 'pool1/0' },
    ];
    const story = verbs.map((verb) => ({ at: '1m', ...verb }));
    expect(
      described(textOf({ story }))
        .steps.filter(({ origin, at: moment }) => origin === 'story' && moment > 0)
        .map(({ text }) => text),
    ).toEqual([
      `Cordon the node ${NODES[0]}`,
      `Uncordon the node ${NODES[0]}`,
      `Taint the node ${NODES[0]} with gpu=yes:NoSchedule`,
      `Take gpu off the node ${NODES[0]}`,
      `Reboot the machine of the node ${NODES[0]}`,
      `The machine of the node ${NODES[0]} fails`,
      `Azure takes back the spot VM of the node ${NODES[0]}`,
    ]);
    expect(notesOf(textOf({ story: [{ at: '1m', reboot: 'pool1/7' }] })).join('\n')).toContain('pool1/7');
  });
});
