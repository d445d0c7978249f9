/** Startup taints of a pool, a watch that is silent until it times out, and a MIC that cannot start. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { after, minutes, ORIGIN, seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { World } from '../../src/scenarios/assemble/index.ts';
import { worldOf } from '../support/packaged.ts';
import { described } from './loading.ts';

const at = (s: number): Moment => after(ORIGIN, seconds(s));

function podIdentity(kind: 'AzureIdentity' | 'AzureIdentityBinding', spec: object): object {
  return { apiVersion: 'aadpodidentity.k8s.io/v1', kind, metadata: { name: 'red', namespace: 'default' }, spec };
}

function deployment(replicas: number): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web', aadpodidbinding: 'red' } },
        spec: { containers: [{ name: 'main', image: 'registry.example/web:1' }] },
      },
    },
  };
}

function worldAt(
  plan: {
    readonly pool?: object;
    readonly podIdentity?: object;
    readonly first?: readonly object[];
    readonly story: readonly object[];
    readonly overrides: Readonly<Record<string, string>>;
  },
  until: Moment,
): { readonly world: World; readonly facts: { readonly at: Moment; readonly fact: Fact }[] } {
  const text = stringify({
    question: 'Is it so?',
    group: 'basics',
    horizon: '40m',
    world: {
      identities: [{ name: 'red' }],
      cluster: {
        start: 'settled',
        nodePools: [{ name: 'pool1', nodes: 1, maxPods: 10, ...plan.pool }],
        podIdentity: plan.podIdentity ?? { mode: 'standard' },
      },
    },
    story: [
      {
        at: '0s',
        apply: [
          podIdentity('AzureIdentity', { type: 0, resourceID: 'identity:red.resourceID', clientID: 'identity:red.clientID' }),
          podIdentity('AzureIdentityBinding', { azureIdentity: 'red', selector: 'red' }),
          deployment(1),
          ...(plan.first ?? []),
        ],
      },
      ...plan.story,
    ],
  });
  const world = worldOf(described(text), { overrides: plan.overrides });
  const facts: { readonly at: Moment; readonly fact: Fact }[] = [];
  world.observe({ onFact: ({ at: moment, fact }) => void facts.push({ at: moment, fact }) });
  world.run({ at: until });
  return { world, facts };
}

describe('a pool with startup taints', () => {
  const story = [
    { at: '30s', scale: { nodePool: 'pool1', to: 2 } },
    { at: '31s', scale: { deployment: 'web', to: 14 } },
  ];
  const overrides = { 'node.provision.failProb': '0', 'node.failure.interarrival': '100000d', 'nmi.startAfterReady.cold': '60s' };
  const NEW = 'aks-pool1-vmss000001';

  /** Whether the first application on the new node began before its NMI served, and the taints the node has in the end. */
  function first(pool: object): { readonly isEarly: boolean; readonly taints: number } {
    const { world, facts } = worldAt({ pool, story, overrides }, after(ORIGIN, minutes(30)));
    const serving = facts.find(({ fact }) => fact.type === 'nmi-phase' && fact.node === NEW && fact.phase === 'serving')?.at ?? Infinity;
    const began = facts.find(
      ({ fact }) => fact.type === 'container-started' && fact.node === NEW && fact.pod.startsWith('default/web'),
    )?.at;
    if (began === undefined) throw new Error('no application came to the new node');
    return { isEarly: began < serving, taints: world.table('nodes').get(NEW)?.spec.taints?.length ?? 0 };
  }

  it('keeps applications off a new node until NMI is ready on it, and the taint goes', () => {
    expect(first({ startupTaints: ['nmi=missing:NoSchedule'] })).toEqual({ isEarly: false, taints: 0 });
  });

  it('is what makes the difference', () => {
    expect(first({})).toEqual({ isEarly: true, taints: 0 });
  });
});

describe('a stall of MIC', () => {
  const overrides = { 'watch.timeout': '300s', 'watch.latency': '0s', 'node.failure.interarrival': '100000d' };
  const story = (ends: 'restore' | 'timeout'): readonly object[] => [
    { at: '60s', stall: { id: 'quiet', watcher: 'mic', kind: 'Pod', ends } },
    { at: '90s', scale: { deployment: 'web', to: 2 } },
  ];
  const assigned = (ends: 'restore' | 'timeout', until: Moment): number =>
    worldAt({ story: story(ends), overrides }, until)
      .world.table('azureAssignedIdentities')
      .all().length;

  it('that ends with the time-out of its watch is over 300 s after it began', () => {
    expect(assigned('timeout', at(359))).toBe(1);
    expect(assigned('timeout', at(370))).toBe(2);
  });

  it('that ends with a restore goes on without one', () => {
    expect(assigned('restore', at(900))).toBe(1);
  });
});

describe('a MIC whose manifest sets no MIC_POD_NAMESPACE', () => {
  const mic = (tag: string): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'mic', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'mic' } },
      template: { metadata: { labels: { app: 'mic' } }, spec: { containers: [{ name: 'mic', image: `registry.example/mic:${tag}` }] } },
    },
  });
  const reasons = (tag: string): readonly string[] =>
    worldAt(
      { podIdentity: {}, first: [mic(tag)], story: [], overrides: { 'node.failure.interarrival': '100000d' } },
      at(120),
    ).facts.flatMap(({ fact }) => (fact.type === 'mic-stopped' ? [fact.reason] : []));

  it('ends as it starts, again and again, since the release that looks for it', () => {
    expect(new Set(reasons('v1.6.0'))).toEqual(new Set(['MIC_POD_NAMESPACE is not set']));
    expect(reasons('v1.8.17').length).toBeGreaterThan(2);
    expect(reasons('v1.5.5')).toEqual([]);
  });
});

describe('NMI that is forgotten on tainted nodes', () => {
  const withNmi = (taints: readonly string[], prob: string): number =>
    worldAt({ pool: { nodes: 3, taints }, story: [], overrides: { 'nmi.missingOnTaintedNode.prob': prob } }, at(60))
      .world.table('pods')
      .all()
      .filter(({ spec }) => spec.containers.some(({ image }) => image.includes('/nmi:'))).length;

  it('is missing there from the start, and nowhere else', () => {
    const tainted = ['dedicated=apps:NoSchedule'];
    expect([withNmi(tainted, '1'), withNmi(tainted, '0'), withNmi([], '1'), withNmi(['soft=yes:PreferNoSchedule'], '1')]).toEqual([
      0, 3, 3, 3,
    ]);
  });
});

describe('a client QPS below 1', () => {
  const stopped = (qps: string): readonly string[] =>
    worldAt({ story: [], overrides: { 'mic.clientQps': qps, 'node.failure.interarrival': '100000d' } }, at(20)).facts.flatMap(({ fact }) =>
      fact.type === 'mic-stopped' ? [fact.reason] : [],
    );

  it('ends MIC as it starts, each time it is started again', () => {
    expect(new Set(stopped('0.5'))).toEqual(new Set(['no client without a burst']));
    expect(stopped('0.5').length).toBeGreaterThan(2);
    expect(stopped('1')).toEqual([]);
  });
});
