/** From winning the lock to a running loop: type upgrade, lists, and calls that are answered with Retry-After. */
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/kernel/time.ts';
import type { FaultRule } from '../../../src/kernel/network.ts';
import type { ConfigMap } from '../../../src/model/kubernetes.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import type { Message } from '../../../src/model/messages/index.ts';
import { at, INSTANT, runCluster, secondsBetween, statuses } from './cluster.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { assignedIdentity, azureIdentity, binding, create, meta, node, pod } from './objects.ts';

const QUICK = { ...INSTANT, 'api.list.latency': '0s', 'mic.restart.duration': '0s', 'mic.warmup': '0s', 'kubeEvents.enabled': 'false' };
const MARKER: ConfigMap = { kind: 'ConfigMap', metadata: meta('aad-pod-identity-config', 'default'), data: { 'type-upgrade-status': '1' } };
const IDENTITY = azureIdentity('x');
const BINDING = binding('b', 'x', 's');
const POD = pod('p', { node: 'v1-0', label: 's' });

function start(more: Partial<ClusterOptions> = {}): Cluster {
  return runCluster({
    objects: [node('v1-0'), IDENTITY, BINDING],
    scaleSets: ['v1'],
    identities: ['x'],
    start: 'cold',
    until: 60,
    ...more,
    knobs: { ...QUICK, ...more.knobs },
  });
}

function calls(cluster: Cluster): readonly string[] {
  return cluster
    .of('api-answered')
    .filter(({ client, kind }) => client.startsWith('mic/') && kind !== 'Endpoints')
    .map(({ verb, kind, status }) => `${verb} ${kind} ${String(status)}`);
}

function refuse(status: number, more: Partial<FaultRule<Message>> = {}): FaultRule<Message> {
  const answer = { type: 'ApiResponse', request: '', status, reason: 'refused', retryAfter: seconds(2) } as const;
  return { id: 'f', to: 'kube-apiserver', ...more, action: { kind: 'answer', with: answer } };
}

describe('the type upgrade', () => {
  it('makes the marker, writes every object back in order, and then lists', () => {
    const said = calls(start({ objects: [node('v1-0'), IDENTITY, BINDING, POD, assigned()] }));
    const upgrade = ['get ConfigMap 404', 'create ConfigMap 201', 'list AzureIdentity 200', 'update AzureIdentity 200'];
    const next = ['list AzureIdentityBinding 200', 'update AzureIdentityBinding 200', 'list AzurePodIdentityException 200'];
    const last = ['list AzureAssignedIdentity 200', 'update AzureAssignedIdentity 200', 'update ConfigMap 200'];
    expect(said.slice(0, 10)).toEqual([...upgrade, ...next, ...last]);
    expect(said.slice(10, 15).every((call) => call.startsWith('list '))).toBe(true);
  });

  it('gives old assigned identities fresh copies, so that no cycle takes them for changed', () => {
    const stale = {
      ...assigned(),
      spec: { ...assigned().spec, azureIdentityRef: { ...IDENTITY, metadata: meta('x', 'default', { resourceVersion: 'older' }) } },
    };
    const cluster = start({ objects: [node('v1-0'), IDENTITY, BINDING, POD, stale] });
    expect(statuses(cluster)).toEqual(['p-default-x Assigned']);
    expect(cluster.of('mic-cycle-started')).toEqual([]);
    const without = start({ objects: [node('v1-0'), IDENTITY, BINDING, POD, stale], knobs: { 'mic.typeUpgrade.enabled': 'false' } });
    expect(without.of('mic-cycle-started')).toMatchObject([{ updates: 1 }]);
  });

  it('is left out where the marker has its key, whatever its value', () => {
    expect(calls(start({ objects: [MARKER] }))[0]).toBe('get ConfigMap 200');
    expect(calls(start({ objects: [MARKER] })).filter((call) => call.startsWith('update'))).toEqual([]);
    expect(calls(start({ knobs: { 'mic.typeUpgrade.enabled': 'false' } }))[0]).toMatch(/^list /u);
  });

  it('ends the process at any error, before it lists anything (W39)', () => {
    const cut = refuse(403, { where: { 'call.kind': 'AzureIdentityBinding' } });
    const cluster = start({ steps: [{ at: 0, act: (turn) => turn.inject(cut) }] });
    expect(cluster.of('mic-stopped')).toMatchObject([{ reason: 'type upgrade failed: refused' }]);
    expect(cluster.of('mic-caches-synced')).toEqual([]);
    expect(cluster.deliveries.find(({ message }) => message.type === 'ProcessExited')?.message).toMatchObject({ code: 255 });
  });

  it('takes its time at 5 calls a second: 100 identities are 20 s before the loop begins', () => {
    const many = Array.from({ length: 100 }, (_, n) => azureIdentity(`i${String(n)}`));
    const [synced] = start({ objects: many }).of('mic-caches-synced');
    const [leading] = start({ objects: many }).of('mic-leading');
    expect(secondsBetween(leading?.at ?? at(0), synced?.at ?? at(0))).toBeCloseTo(20, 0);
  });
});

describe('the first lists', () => {
  it('ask for five kinds, and again after 0.8 s, 1.6 s and so on with as much jitter while one is refused', () => {
    const gone: FaultRule<Message> = {
      id: 'f',
      to: 'kube-apiserver',
      where: { 'call.verb': 'list', 'call.kind': 'Pod' },
      times: 3,
      action: { kind: 'answer', with: { type: 'ApiResponse', request: '', status: 500 } },
    };
    const steps = [{ at: 0, act: (turn: Turn) => turn.inject(gone) }];
    const cluster = start({ objects: [MARKER, POD], steps, knobs: { 'api.get.latency': '0.1s' } });
    expect(new Set(calls(cluster).filter((call) => call.startsWith('list'))).size).toBe(5);
    const [leading] = cluster.of('mic-leading');
    const [synced] = cluster.of('mic-caches-synced');
    const took = secondsBetween(leading?.at ?? at(0), synced?.at ?? at(0));
    expect(took).toBeGreaterThan(0.8 + 1.6 + 3.2);
    expect(took).toBeLessThan(2 * (0.8 + 1.6 + 3.2) + 0.4);
  });

  it('take longer the more there is to list', () => {
    const many = Array.from({ length: 2000 }, (_, n) => pod(`p${String(n)}`, {}));
    const synced = (objects: ClusterOptions['objects']): number =>
      start({ objects: [MARKER, ...(objects ?? [])], until: 20, knobs: { 'api.list.latency.perThousandObjects': '1s' } }).of(
        'mic-caches-synced',
      )[0]?.at ?? -1;
    expect(synced(many) - synced([])).toBeGreaterThanOrEqual(1_900_000);
  });
});

describe('a call answered with Retry-After', () => {
  const CREATION = { objects: [MARKER, node('v1-0'), IDENTITY, BINDING], until: 100 };
  const made = (cluster: Cluster): number => cluster.deliveries.filter(({ message }) => message.type === 'ApiRepeatDue').length;

  it('is repeated after that wait, ten times at most, and only then refused', () => {
    const rule = (times: number): FaultRule<Message> =>
      refuse(429, { where: { 'call.verb': 'create', 'call.object.kind': 'AzureAssignedIdentity' }, times });
    const run = (times: number): Cluster =>
      start({
        ...CREATION,
        steps: [
          { at: 20, act: (turn) => turn.inject(rule(times)) },
          { at: 21, api: [create(POD)] },
        ],
      });
    const saved = run(10);
    expect(made(saved)).toBe(10);
    expect(statuses(saved)).toEqual(['p-default-x Assigned']);
    expect(saved.of('mic-assigned-identity-written').filter(({ operation }) => operation === 'addition')).toMatchObject([{ error: '' }]);
    const lost = run(11);
    expect(made(lost)).toBe(10);
    expect(lost.of('mic-assigned-identity-written').find(({ operation }) => operation === 'addition')?.error).toBe('refused');
  });

  it('is not repeated for an answer such as 409', () => {
    const rule = refuse(409, { where: { 'call.verb': 'create', 'call.object.kind': 'AzureAssignedIdentity' }, times: 1 });
    const cluster = start({
      ...CREATION,
      steps: [
        { at: 20, act: (turn) => turn.inject(rule) },
        { at: 21, api: [create(POD)] },
      ],
    });
    expect(made(cluster)).toBe(0);
  });
});

function assigned(): ReturnType<typeof assignedIdentity> {
  return assignedIdentity(POD, IDENTITY, BINDING);
}
