/**
 * A small cluster for tests of MIC: the real API server and ARM, a metadata address that hands out tokens at once, a kubelet that only
 * notes exits, and a driver that does what a test tells it to do.
 */
import type { AnyActorDefinition } from '../../../src/kernel/actor.ts';
import { micros, seconds } from '../../../src/kernel/time.ts';
import type { Duration, Moment } from '../../../src/kernel/time.ts';
import { Simulation } from '../../../src/kernel/simulation.ts';
import type { Observer, RunOptions, StampedFact } from '../../../src/kernel/world.ts';
import { arm } from '../../../src/actors/arm/index.ts';
import { kubeApiserver } from '../../../src/actors/kube-apiserver/index.ts';
import { mic } from '../../../src/actors/mic/index.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import type { IdentityType } from '../../../src/model/azure.ts';
import type { FactOf, FactType } from '../../../src/model/facts/index.ts';
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { KubernetesObject, Lease, Pod } from '../../../src/model/kubernetes.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import type { ApiCall } from '../../../src/model/messages/kubernetes.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { SETTINGS_KEY } from '../../../src/model/settings.ts';
import type { PodIdentitySettings } from '../../../src/model/settings.ts';
import { TABLE_OF_KIND } from '../../../src/model/tables.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import type { Identity, IdentityActor, Turn } from '../../../src/model/vocabulary.ts';
import { identityWorld } from '../../../src/model/world.ts';
import { armId, meta } from './objects.ts';

/** Something the driver does at a moment. */
export interface Step {
  readonly at: number;
  readonly api?: readonly ApiCall[];
  readonly arm?: readonly ArmCall[];
  readonly act?: (turn: Turn) => void;
}

/** What a test wants. Times in seconds. */
export interface ClusterOptions {
  readonly objects?: readonly KubernetesObject[];
  /** Resources, with the identities and the type they start with: none unless named in `carrying`. */
  readonly vms?: readonly string[];
  readonly scaleSets?: readonly string[];
  readonly carrying?: Readonly<Record<string, { readonly type: IdentityType; readonly ids: readonly string[] }>>;
  readonly identities?: readonly string[];
  readonly steps?: readonly Step[];
  readonly replicas?: readonly string[];
  readonly leader?: string;
  readonly start?: 'settled' | 'cold';
  readonly settings?: Partial<PodIdentitySettings>;
  readonly knobs?: Overrides;
  readonly run?: Partial<RunOptions>;
  readonly definitions?: readonly AnyActorDefinition<Identity>[];
  /** Somebody who looks on, made once the world is filled. */
  readonly watch?: (sim: Simulation<Identity>) => Observer<Identity>;
  /** Looks at the world after each event. */
  readonly onDelivery?: (
    sim: Simulation<Identity>,
    seen: { readonly actor: string; readonly after: object; readonly facts: readonly StampedFact<Identity>[] },
  ) => void;
  /** Seconds until the end. */
  readonly until?: number;
}

/** A cluster that ran. */
export interface Cluster {
  readonly sim: Simulation<Identity>;
  readonly facts: readonly StampedFact<Identity>[];
  readonly deliveries: readonly {
    readonly at: Moment;
    readonly actor: string;
    readonly from: string;
    readonly message: Identity['message'];
  }[];
  of<T extends FactType>(type: T): readonly (FactOf<T> & { readonly at: Moment })[];
}

type DriverInbox = MessageOf<'Start' | 'StoryDue' | 'ApiResponse' | 'ArmResponse' | 'IdentityLookupResult' | 'ProbeAnswer'>;

/** Settings no test cares about. */
const SETTINGS: PodIdentitySettings = {
  mode: 'standard',
  version: '1.8.17',
  lookup: 'aai',
  forceNamespaced: 'no',
  micNamespace: 'default',
  immutableClientIds: [],
  clusterIdentityClientId: '',
  resourceGroup: 'rg',
  subscription: 's1',
  metadataHeaderRequired: 'yes',
  retryAfterHeader: 'no',
  blockInstanceMetadata: 'no',
  scaleFeatures: 'no',
  network: 'azure',
};

/** No call, watch or computation takes time. */
export const INSTANT: Overrides = {
  'watch.latency': '0s',
  'api.get.latency': '0s',
  'api.mutate.latency': '0s',
  'arm.get.latency': '0s',
  'arm.write.acceptLatency': '0s',
  'arm.write.rejectLatency': '0s',
  'arm.error5xx.prob': '0',
  'arm.get.pathological.prob': '0',
  'link.node': '0s',
  'mic.sync.noopCycle': '0s',
  'informer.listOrder': 'given',
};

/** A moment, from seconds. */
export function at(s: number): Moment {
  return seconds(s) as number as Moment;
}

const gateway = defineActor<object, MessageOf<'Start' | 'MetadataRequest'>>({
  kind: 'iptables',
  initial: () => ({}),
  handlers: {
    Start: () => undefined,
    MetadataRequest: (_state, { request, replyTo, call }, turn) => {
      const never = micros(turn.now + seconds(86_400)) as number as Moment;
      const token = {
        uti: `t-${request}`,
        audience: call.query.resource ?? '',
        issuer: 'aad',
        objectId: 'mic',
        appId: 'mic',
        mirid: '',
        issuedAt: turn.now,
        notBefore: turn.now,
        expiresAt: never,
      };
      turn.send(replyTo, {
        type: 'MetadataResponse',
        request,
        status: 200,
        servedBy: 'imds',
        body: { token, resource: token.audience, isCached: false },
      });
    },
  },
});

const kubelet = defineActor<object, MessageOf<'Start' | 'ProcessExited'>>({
  kind: 'kubelet',
  initial: () => ({}),
  handlers: { Start: () => undefined, ProcessExited: () => undefined },
});

function driver(steps: readonly Step[]): IdentityActor<{ n: number }, DriverInbox> {
  return defineActor<{ n: number }, DriverInbox>({
    kind: 'driver',
    initial: () => ({ n: 0 }),
    handlers: {
      Start: (_state, _message, turn) => {
        for (const [index, step] of steps.entries()) {
          turn.setTimer(`step-${String(index)}`, seconds(step.at), { type: 'StoryDue', step: String(index) }, { label: 'other' });
        }
      },
      StoryDue: (state, message, turn) => {
        const step = steps[Number(message.step)];
        for (const call of step?.api ?? [])
          turn.send('kube-apiserver', { type: 'ApiRequest', request: `driver#${String((state.n += 1))}`, call });
        for (const call of step?.arm ?? []) turn.send('arm', { type: 'ArmRequest', request: `driver#${String((state.n += 1))}`, call });
        step?.act?.(turn);
      },
      ApiResponse: () => undefined,
      ArmResponse: () => undefined,
      IdentityLookupResult: () => undefined,
      ProbeAnswer: () => undefined,
    },
  });
}

/** Builds a cluster and runs it to its end. */
export function runCluster(options: ClusterOptions): Cluster {
  const resolution = resolve(options.knobs ?? {});
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  const { calibration } = resolution;
  const definitions = [mic, kubeApiserver, arm, gateway, kubelet, driver(options.steps ?? [])];
  const own = options.definitions ?? [];
  const chosen = [...definitions.filter((definition) => !own.some((other) => other.kind === definition.kind)), ...own];
  const sim = new Simulation<Identity>(identityWorld(chosen, calibration), {
    seed: 'mic',
    ...options.run,
    horizon: at(options.until ?? 300),
  });
  const facts: StampedFact<Identity>[] = [];
  const deliveries: { at: Moment; actor: string; from: string; message: Identity['message'] }[] = [];
  sim.observe({
    onFact: (fact) => facts.push(fact),
    onDelivery: ({ at: moment, actor, from, message, after }) => {
      deliveries.push({ at: moment, actor, from, message });
      options.onDelivery?.(sim, { actor, after, facts });
    },
  });
  fill(sim, options);
  if (options.watch !== undefined) sim.observe(options.watch(sim));
  // ARM is not told to start: it would boot its VMs, and nothing here lives on them.
  sim.add({ id: 'arm', kind: 'arm' });
  for (const id of ['kube-apiserver', 'driver']) sim.add({ id, kind: id }, { type: 'Start' });
  for (const [index, replica] of (options.replicas ?? ['mic-0']).entries()) {
    const host = `host${String(index)}`;
    sim.add({ id: `iptables/${host}`, kind: 'iptables' }, { type: 'Start' });
    sim.add({ id: `kubelet/${host}`, kind: 'kubelet' }, { type: 'Start' });
    sim.add(
      { id: `mic/default/${replica}`, kind: 'mic' },
      { type: 'MicStarted', pod: `default/${replica}`, node: host, start: options.start ?? 'settled' },
    );
  }
  sim.run();
  return {
    sim,
    facts,
    deliveries,
    of: <T extends FactType>(type: T) =>
      facts.filter(({ fact }) => fact.type === type).map(({ at: moment, fact }) => ({ ...(fact as FactOf<T>), at: moment })),
  };
}

function fill(sim: Simulation<Identity>, options: ClusterOptions): void {
  sim.fill('settings', SETTINGS_KEY, { ...SETTINGS, ...options.settings });
  for (const name of ['default', 'kube-system', 'ns1', 'ns2']) {
    sim.fill('namespaces', name, { kind: 'Namespace', metadata: meta(name, '') });
  }
  if ((options.start ?? 'settled') === 'settled') {
    const lease: Lease = {
      kind: 'Endpoints',
      metadata: meta('aad-pod-identity-mic', 'default'),
      spec: { holder: `default/${options.leader ?? 'mic-0'}`, renewedAt: at(0), transitions: 0 },
    };
    sim.fill('leases', 'default/aad-pod-identity-mic', lease);
  }
  for (const object of options.objects ?? []) sim.fill(TABLE_OF_KIND[object.kind] as 'pods', keyOf(object), object as Pod);
  for (const [kind, names] of [
    ['vm', options.vms ?? []],
    ['vmss', options.scaleSets ?? []],
  ] as const) {
    for (const name of names) {
      const type = kind === 'vm' ? 'virtualMachines' : 'virtualMachineScaleSets';
      const id = `/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/${type}/${name}`;
      sim.fill('computeResources', id.toLowerCase(), {
        kind,
        id,
        name,
        resourceGroup: 'rg',
        identityType: options.carrying?.[name]?.type ?? '',
        userAssigned: options.carrying?.[name]?.ids ?? [],
        provisioningState: 'Succeeded',
        capacity: 1,
        generation: 0,
      });
    }
  }
  for (const name of options.identities ?? []) {
    const id = armId(name);
    sim.fill('userAssignedIdentities', id.toLowerCase(), {
      id,
      name,
      resourceGroup: 'ids',
      clientId: `client-${name}`,
      principalId: `principal-${name}`,
    });
  }
}

/** Ids on a VM or scale set, by their last part. */
export function idsOn(cluster: Cluster, name: string): readonly string[] {
  const row = cluster.sim
    .table('computeResources')
    .all()
    .find((resource) => resource.name === name);
  return (row?.userAssigned ?? []).map((id) => id.slice(id.lastIndexOf('/') + 1)).sort();
}

/** Assigned identities by name and status, sorted. */
export function statuses(cluster: Cluster): readonly string[] {
  return cluster.sim
    .table('azureAssignedIdentities')
    .all()
    .map(({ metadata, status }) => `${metadata.name} ${status.status}`)
    .sort();
}

/** Calls of ARM by MIC, in order, with their moment. */
export function armCalls(cluster: Cluster, op: ArmCall['op']): readonly number[] {
  const moments: number[] = [];
  for (const { at: moment, message, from } of cluster.deliveries) {
    if (message.type === 'ArmRequest' && message.call.op === op && from.startsWith('mic/')) moments.push(secondsBetween(at(0), moment));
  }
  return moments;
}

/** Times between two moments, in seconds. */
export function secondsBetween(from: Moment, to: Moment): number {
  return ((to - from) as Duration) / 1_000_000;
}
