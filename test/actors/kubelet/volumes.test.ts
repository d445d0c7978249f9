/** Volumes that a plug-in fills through NMI: tried with a growing back-off, before anything of the pod starts. */
import { describe, expect, test } from 'vitest';
import { volumePlugin } from '../../../src/actors/volume-plugin/index.ts';
import { seconds } from '../../../src/kernel/time.ts';
import type { Duration } from '../../../src/kernel/time.ts';
import type { SecretProviderClass } from '../../../src/model/kubernetes-extras.ts';
import type { VaultVolume } from '../../../src/model/vault-volume.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import { at, create, meta, pod, podsIn, runCluster } from '../../support/cluster.ts';
import type { ClusterOptions, ClusterRun } from '../../support/cluster.ts';

const csi: VaultVolume = { name: 'secrets', driver: 'secrets-store.csi.k8s.io', secretProviderClass: 'keys' };
const flex: VaultVolume = { name: 'secrets', driver: 'azure/kv', options: { usesPodIdentity: true, vault: 'vault' } };
const keys: SecretProviderClass = { kind: 'SecretProviderClass', metadata: meta('keys'), spec: { usesPodIdentity: true, vault: 'vault' } };

/** What NMI answers at a time, and how long it takes; undefined: nothing. */
type Nmi = (now: number) => { readonly status: number; readonly took: Duration } | undefined;

/** The node's way to NMI, and the vault behind it. */
const wayTo = (nmi: Nmi): NonNullable<ClusterOptions['more']> => [
  defineActor<Record<string, never>, MessageOf<'Start' | 'MetadataRequest' | 'ConnectionClosed'>>({
    kind: 'iptables',
    initial: () => ({}),
    handlers: {
      Start: () => undefined,
      ConnectionClosed: () => undefined,
      MetadataRequest: (_state, { request, to, call }, turn) => {
        expect([to, call.path, call.podHeaders]).toEqual(['nmi', '/host/token/', { podns: 'default', podname: 'a' }]);
        const answer = nmi(turn.now / 1e6);
        if (answer === undefined) return;
        const body = answer.status === 200 ? { body: { token: {} as never, resource: '', isCached: false } } : {};
        turn.reply(
          { type: 'MetadataResponse', request, status: answer.status, servedBy: 'nmi', ...body },
          { after: answer.took, label: 'other' },
        );
      },
    },
  }),
  defineActor<Record<string, never>, MessageOf<'Start' | 'ServiceRequest'>>({
    kind: 'target-service',
    initial: () => ({}),
    handlers: {
      Start: () => undefined,
      ServiceRequest: (_state, { request }, turn) => turn.reply({ type: 'ServiceResponse', request, status: 200 }),
    },
  }),
];

function run(nmi: Nmi, volume: VaultVolume = csi, more: ClusterOptions = {}): ClusterRun {
  return runCluster({
    nodes: ['node-0'],
    objects: [keys],
    script: [create(0, pod('a', { volumes: [volume] }))],
    horizon: at(900),
    more: [volumePlugin, ...wayTo(nmi)],
    fill: (sim) => {
      sim.add({ id: 'iptables/node-0', kind: 'iptables' }, { type: 'Start' });
      sim.add({ id: 'service/vault', kind: 'target-service' }, { type: 'Start' });
    },
    ...more,
    overrides: {
      'watch.latency': '0s',
      'api.mutate.latency': '0s',
      'scheduler.latency': '0s',
      'volume.reconcilePeriod': '0s',
      'net.rtt.inRegion': '0s',
      'link.node': '0s',
      ...more.overrides,
    },
  });
}

const tries = ({
  facts,
}: ClusterRun): readonly { readonly at: number; readonly waited: number; readonly took: number; readonly error: string }[] =>
  facts.flatMap(({ at: moment, fact }) =>
    fact.type === 'volume-setup-ended'
      ? [{ at: Math.round(moment / 1e5) / 10, waited: fact.waited / 1e6, took: Math.round(fact.took / 1e5) / 10, error: fact.error }]
      : [],
  );
const started = ({ facts }: ClusterRun): boolean => facts.some(({ fact }) => fact.type === 'container-started');
const refused: Nmi = () => ({ status: 404, took: seconds(0) });

describe('a volume that NMI gives no token for', () => {
  test('is tried again after half a second, twice that, and so on up to 122 s', () => {
    expect(tries(run(refused)).map(({ waited }) => waited)).toEqual([0, 0.5, 1, 2, 4, 8, 16, 32, 64, 122, 122, 122, 122, 122, 122]);
  });

  test('counts the wait from the end of a try, however long NMI holds it', () => {
    const seen = tries(run(() => ({ status: 404, took: seconds(100) })));
    expect(seen.slice(0, 4).map(({ at: moment }) => moment)).toEqual([100, 200.5, 301.5, 403.5]);
    expect(seen[0]).toMatchObject({ took: 100, error: 'NMI answered 404' });
  });

  test('keeps the pod from its address and its containers, and lets it go when it is deleted', () => {
    const waiting = run(refused);
    expect([started(waiting), podsIn(waiting)[0]?.status]).toMatchObject([false, { phase: 'Pending', podIP: '', ready: false }]);
    const gone = run(refused, csi, { script: [create(0, pod('a', { volumes: [csi] })), { at: 20, harm: { pod: 0, how: 'delete' } }] });
    expect(podsIn(gone)).toEqual([]);
    expect(tries(gone).at(-1)?.at).toBeLessThan(20);
  });
});

test('A volume that is filled lets the pod begin', () => {
  const seen = run((now) => ({ status: now < 3 ? 404 : 200, took: seconds(0) }));
  expect(tries(seen).map(({ error }) => error)).toEqual(['NMI answered 404', 'NMI answered 404', 'NMI answered 404', '']);
  expect(podsIn(seen)[0]?.status).toMatchObject({ phase: 'Running', ready: true });
});

test('The kubelet gives a CSI driver two minutes, and a FlexVolume all the time it wants', () => {
  const silent: Nmi = () => undefined;
  expect(tries(run(silent, csi, { horizon: at(300) }))).toMatchObject([
    { at: 120, took: 120, error: 'the driver did not answer in time' },
    { at: 240.5, took: 120 },
  ]);
  expect(tries(run(silent, flex))).toEqual([]);
  expect(tries(run(() => ({ status: 403, took: seconds(200) }), flex))[0]).toMatchObject({ took: 200, error: 'NMI answered 403' });
});

test('Without pod identity a volume is there at once; without its class it fails', () => {
  const open = { ...keys, spec: { ...keys.spec, usesPodIdentity: false } };
  expect(tries(run(refused, csi, { objects: [open] }))).toMatchObject([{ error: '' }]);
  expect(tries(run(refused, csi, { objects: [] }))[0]?.error).toBe('there is no such SecretProviderClass');
});

describe('beside the tries, the kubelet', () => {
  const waits = ({ facts }: ClusterRun): readonly number[] =>
    facts.flatMap(({ at: moment, fact }) => (fact.type === 'volume-wait-expired' ? [Math.round(moment / 1e5) / 10] : []));
  const exact = { 'volume.wait.backoff': '12s', 'volume.wait.tick': '0s' };

  test('waits 123 s for all volumes of a pod, complains, and waits again after 10 to 15 s and a tick', () => {
    expect(waits(run(refused, csi, { overrides: exact }))).toEqual([123, 258, 393, 528, 663, 798]);
    const gaps = waits(run(refused)).map((moment, n, all) => moment - (all[n - 1] ?? 0));
    expect(gaps.slice(1).filter((gap) => gap < 133 || gap > 139)).toEqual([]);
  });

  test('complains no more once they are there, or the pod is gone', () => {
    expect(waits(run((now) => ({ status: now < 200 ? 404 : 200, took: seconds(0) })))).toEqual([123]);
    const gone = run(refused, csi, { script: [create(0, pod('a', { volumes: [csi] })), { at: 150, harm: { pod: 0, how: 'delete' } }] });
    expect(waits(gone)).toEqual([123]);
  });
});
