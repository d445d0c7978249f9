/**
 * The real MIC actor in a small world where nothing takes time: stand-ins for ARM, the API server and the metadata address around it, and
 * a hand that changes what others than MIC change. All through what the simulator offers everyone: knobs, tables, messages.
 */
import type { AnyActorDefinition } from '../../../src/kernel/actor.ts';
import { mic } from '../../../src/actors/mic/index.ts';
import { Simulation } from '../../../src/kernel/simulation.ts';
import { after, ORIGIN, seconds } from '../../../src/kernel/time.ts';
import type { Duration, Moment } from '../../../src/kernel/time.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import type { Overrides } from '../../../src/model/calibration/resolve.ts';
import type { Fact } from '../../../src/model/facts/index.ts';
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { KubernetesKind } from '../../../src/model/kubernetes.ts';
import type { MessageOf } from '../../../src/model/messages/index.ts';
import { SETTINGS_KEY } from '../../../src/model/settings.ts';
import type { PodIdentitySettings } from '../../../src/model/settings.ts';
import { TABLE_OF_KIND } from '../../../src/model/tables.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import type { Identity, Turn } from '../../../src/model/vocabulary.ts';
import { identityWorld } from '../../../src/model/world.ts';
import { ComponentMetrics } from '../../../src/report/component-metrics/index.ts';
import { apiServerActor } from './api-server.ts';
import type { ApiServer } from './api-server.ts';
import { cloudActor } from './cloud.ts';
import type { Cloud, CloudCall, CloudResource, Resource } from './cloud.ts';
import type { CaseObject } from './objects.ts';
import type { SeenEvent, SeenObject, WorldView } from './world-view.ts';
import { NoSeam } from '../case.ts';

/** Id of the one MIC process, its pod and its node. */
export const MIC = 'mic/default/mic-0';
const POD = 'default/mic-0';
export const NODE = 'host';

/** Someone with an appointment in the far future: time can pass even where nobody has anything to do. */
const CLOCK = 'clock';

/** A tick at which everything under way without latency is over. */
const MOMENT = 0.000_001;

/** Knobs of a world where nothing takes time and no client is slowed down. */
export const INSTANT: Overrides = {
  'watch.latency': '0s',
  'link.node': '0s',
  'mic.sync.noopCycle': '0s',
  'mic.restart.duration': '0s',
  'mic.warmup': '0s',
  'mic.typeUpgrade.enabled': 'false',
  'arm.sdk.retryBase': '0s',
  'informer.resync.mic.crds': '3000d',
  'mic.clientQps': 1_000_000,
  'mic.clientBurst': 1_000_000,
  'kubeEvents.burstPerObject': 100_000,
  'kubeEvents.queue': 100_000,
};

/** What a world is made of. */
export interface StageOptions {
  readonly seed: string;
  readonly overrides: Overrides;
  readonly settings: Pick<PodIdentitySettings, 'forceNamespaced' | 'immutableClientIds' | 'clusterIdentityClientId' | 'resourceGroup'>;
  /** `triggers`: cycles follow what MIC sees. `ticks`: MIC sees everything, and only ticks make it work. */
  readonly wakesBy: 'triggers' | 'ticks';
  readonly cloud: Cloud;
  readonly server: ApiServer;
  /** More actors a case needs. */
  readonly actors?: readonly AnyActorDefinition<Identity>[];
}

/** The world, and what a case may do in it. */
export class ControlPlane implements WorldView {
  readonly cloud: Cloud;
  readonly server: ApiServer;
  readonly facts: Fact[] = [];
  /** What MIC and NMI export. */
  readonly metrics = new ComponentMetrics();
  readonly #sim: Simulation<Identity>;
  readonly #acts: ((turn: Turn) => void)[] = [];

  constructor(options: StageOptions) {
    this.cloud = options.cloud;
    this.server = options.server;
    const resolution = resolve(options.overrides);
    if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
    // In the recordings a cycle happens when a step says so, whatever changed.
    const deaf = { ...mic, handlers: { ...mic.handlers, WatchEvent: () => undefined } };
    const controller = options.wakesBy === 'ticks' ? deaf : mic;
    const actors = [controller, cloudActor(this.cloud), apiServerActor(this.server), gateway, this.#hand(), ...(options.actors ?? [])];
    this.#sim = new Simulation<Identity>(identityWorld(actors, resolution.calibration), { seed: options.seed, mode: 'fast' });
    this.#sim.observe({ onFact: ({ fact }) => void this.facts.push(fact) });
    this.#sim.observe({ onFact: (stamped) => this.metrics.onFact(stamped) });
    this.#sim.fill('settings', SETTINGS_KEY, { ...STANDARD, ...options.settings });
    this.#sim.add({ id: 'arm', kind: 'arm' }, { type: 'Start' });
    this.#sim.add({ id: 'kube-apiserver', kind: 'kube-apiserver' }, { type: 'Start' });
    this.#sim.add({ id: `iptables/${NODE}`, kind: 'iptables' }, { type: 'Start' });
    this.#sim.add({ id: CLOCK, kind: 'operator' }, { type: 'StoryDue', step: CLOCK });
  }

  /** Now [s since the start]. */
  get now(): number {
    return this.#sim.now / 1e6;
  }

  /** Whether the MIC process lives. */
  get isMicAlive(): boolean {
    return this.#sim.actors.includes(MIC);
  }

  get armCalls(): readonly CloudCall[] {
    return this.cloud.calls;
  }

  get events(): readonly SeenEvent[] {
    return this.server.events.map(({ type, reason, regarding, message }) => ({ type, reason, regarding, message }));
  }

  /** Whether MIC has nothing queued and no cycle under way. */
  get isQuiet(): boolean {
    const state = this.#sim.stateOf(MIC);
    if (state === undefined) return true;
    const { role, loop } = state as ReturnType<(typeof mic)['initial']>;
    return role === 'leading' && loop.phase === 'idle' && loop.queued === 0 && loop.syncTick === 'none' && loop.reconcileTick === 'none';
  }

  /** Puts an object there before the world starts. */
  fill(object: CaseObject): void {
    this.#sim.fill(tableOf(object.kind), keyOf(object), object);
  }

  /** Starts MIC: as the holder of the lock with all caches full, or from nothing. */
  startMic(start: 'settled' | 'cold'): void {
    if (start === 'settled') {
      const spec = { holder: POD, renewedAt: ORIGIN, transitions: 0 };
      this.#sim.fill('leases', 'default/aad-pod-identity-mic', { kind: 'Endpoints', metadata: LOCK, spec });
    }
    this.act((turn) => spawnMic(turn, start));
  }

  /** Changes something from outside, at once; what MIC does about it at once is done, too. */
  act(what: (turn: Turn) => void): void {
    this.#acts.push(what);
    const step = String(this.#acts.length - 1);
    this.#sim.add({ id: `hand-${step}`, kind: 'operator' }, { type: 'StoryDue', step });
    this.pass(MOMENT);
  }

  /** Lets time pass [s]. */
  pass(time: number): void {
    this.#sim.run({ at: after(this.#sim.now, seconds(time)) });
  }

  /** Lets the next thing happen, if it does within so many seconds; answers whether something did. */
  passToNext(within: number): boolean {
    const limit = after(this.#sim.now, seconds(within));
    if (this.#sim.nextAt > limit) {
      this.#sim.run({ at: limit });
      return false;
    }
    this.#sim.run({ at: this.#sim.nextAt as Moment });
    return true;
  }

  /** Objects of a kind, by namespace and name. */
  objects<K extends CaseObject['kind']>(kind: K): readonly Extract<CaseObject, { readonly kind: K }>[] {
    const rows = [...this.#sim.table(tableOf(kind)).all()] as unknown as Extract<CaseObject, { readonly kind: K }>[];
    return rows.sort((a, b) => byText(a.metadata.namespace, b.metadata.namespace) || byText(a.metadata.name, b.metadata.name));
  }

  objectsOf(kind: string): readonly SeenObject[] {
    if (!isCaseKind(kind)) throw new NoSeam(`objects of kind ${kind} are not kept here`);
    return this.objects(kind);
  }

  resource(resource: Resource): CloudResource | undefined {
    return this.cloud.find(resource);
  }

  #hand(): ReturnType<typeof defineActor<object, MessageOf<'StoryDue'>>> {
    return defineActor<object, MessageOf<'StoryDue'>>({
      kind: 'operator',
      initial: () => ({}),
      handlers: {
        StoryDue: (_state, { step }, turn) => {
          if (step === CLOCK) {
            turn.setTimer(CLOCK, LONG, { type: 'StoryDue', step: CLOCK }, { label: 'other' });
            return;
          }
          this.#acts[Number(step)]?.(turn);
          turn.stop(turn.self);
        },
      },
    });
  }
}

/** Begins a MIC process: as the holder of the lock with all caches full, or from nothing. */
export function spawnMic(turn: Turn, start: 'settled' | 'cold'): void {
  turn.spawn({ id: MIC, kind: 'mic' }, { type: 'MicStarted', pod: POD, node: NODE, start });
}

/** Writes an object as its author would. */
export function putObject(object: CaseObject, turn: Turn): void {
  turn.table(tableOf(object.kind)).put(keyOf(object), object);
}

/** Takes an object away at once. */
export function dropObject(kind: CaseObject['kind'], key: string, turn: Turn): void {
  turn.table(tableOf(kind)).delete(key);
}

/** Whether a text is a kind that cases may write. */
export function isCaseKind(kind: string): kind is CaseObject['kind'] {
  return KINDS.includes(kind);
}

/** Order of two texts by their code units. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const KINDS: readonly string[] = [
  'AzureAssignedIdentity',
  'AzureIdentity',
  'AzureIdentityBinding',
  'AzurePodIdentityException',
  'Node',
  'Pod',
  'Secret',
] satisfies readonly CaseObject['kind'][];

function tableOf<K extends KubernetesKind>(kind: K): (typeof TABLE_OF_KIND)[K] {
  return TABLE_OF_KIND[kind];
}

const LOCK = {
  name: 'aad-pod-identity-mic',
  namespace: 'default',
  uid: '',
  resourceVersion: '',
  labels: {},
  annotations: {},
  finalizers: [],
  ownerReferences: [],
};

/** Settings of an installation that says nothing. */
export const STANDARD: PodIdentitySettings = {
  mode: 'standard',
  version: '1.8.17',
  lookup: 'aai',
  forceNamespaced: 'no',
  micNamespace: 'default',
  immutableClientIds: [],
  clusterIdentityClientId: '',
  resourceGroup: '',
  subscription: '',
  metadataHeaderRequired: 'yes',
  retryAfterHeader: 'no',
  blockInstanceMetadata: 'no',
  scaleFeatures: 'no',
  network: 'azure',
};

/** The metadata address on MIC's node: a token for whoever asks, for ever. */
const gateway = defineActor<object, MessageOf<'Start' | 'MetadataRequest'>>({
  kind: 'iptables',
  initial: () => ({}),
  handlers: {
    Start: () => undefined,
    MetadataRequest: (_state, { request, replyTo, call }, turn) => {
      const resource = call.query.resource ?? '';
      const token = {
        uti: 'token',
        audience: resource,
        issuer: '',
        objectId: '',
        appId: '',
        mirid: '',
        issuedAt: turn.now,
        notBefore: turn.now,
        expiresAt: after(turn.now, LONG),
      };
      turn.send(replyTo, {
        type: 'MetadataResponse',
        request,
        status: 200,
        servedBy: 'imds',
        body: { token, resource, isCached: false },
      });
    },
  },
});

const LONG: Duration = seconds(1e9);
