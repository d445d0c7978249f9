/**
 * A node with its token path, and small stand-ins for what lies beyond: IMDS, Entra, the API server, the kubelet, services.
 *
 * Nothing takes time unless a test says so: links, NMI's own time and watches are at zero, so that waits of the actors are exact.
 */
import { iptables } from '../../src/actors/iptables/index.ts';
import { nmi } from '../../src/actors/nmi/index.ts';
import { pod } from '../../src/actors/pod/index.ts';
import { Simulation } from '../../src/kernel/simulation.ts';
import { moment, seconds } from '../../src/kernel/time.ts';
import type { Delivery, StampedFact } from '../../src/kernel/world.ts';
import { resolve } from '../../src/model/calibration/index.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { FactOf, FactType } from '../../src/model/facts/index.ts';
import type { AzureAssignedIdentity, Pod, Secret } from '../../src/model/kubernetes.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import type { MessageOf } from '../../src/model/messages/index.ts';
import { SETTINGS_KEY } from '../../src/model/settings.ts';
import type { PodIdentitySettings } from '../../src/model/settings.ts';
import type { Identity, Turn } from '../../src/model/vocabulary.ts';
import { identityWorld } from '../../src/model/world.ts';
import { NODE, POD_IP } from './token-path-objects.ts';
import {
  aadStandIn,
  apiServerStandIn,
  clerkStandIn,
  clientStandIn,
  imdsStandIn,
  kubeletStandIn,
  micStandIn,
  serviceStandIn,
} from './token-path-stand-ins.ts';
import type { ImdsSays, MicSays, ScriptStep } from './token-path-stand-ins.ts';

const INSTANT: Overrides = {
  'link.node': '0s',
  'net.rtt.inRegion': '0s',
  'watch.latency': '0s',
  'nmi.overhead': '0s',
  'nmi.iptables.flushWindow': '0s',
  'nmi.init': '0s',
  'nmi.init.listenToRules': '0s',
};

/** A test's world. */
export interface TokenPath {
  readonly overrides?: Overrides;
  readonly settings?: Partial<PodIdentitySettings>;
  readonly pods?: readonly Pod[];
  readonly assigned?: readonly AzureAssignedIdentity[];
  readonly secrets?: readonly Secret[];
  readonly imds?: ImdsSays;
  readonly mic?: MicSays;
  /** Status of the n-th answer of the service (from 0). */
  readonly service?: (n: number) => number;
  readonly aadStatus?: number;
  /** HTTP status of the API server; 0: it is not there. */
  readonly apiStatus?: number;
  readonly fill?: (sim: Simulation<Identity>) => void;
  /** What happens when, in seconds. */
  readonly script?: readonly ScriptStep[];
  /** How NMI begins; `absent`: no NMI. Default `settled`. */
  readonly nmi?: 'settled' | 'cold' | 'absent';
  readonly until?: number;
  readonly mode?: 'recorded' | 'fast';
  readonly parking?: 'on' | 'off';
  readonly seed?: string;
}

/** What a run left behind. */
export interface Seen {
  readonly facts: readonly StampedFact<Identity>[];
  readonly fingerprint: string;
  readonly deliveries: readonly Pick<Delivery<Identity>, 'at' | 'actor' | 'message'>[];
  readonly sim: Simulation<Identity>;
  /** Facts of one type, in order. */
  of<T extends FactType>(type: T): readonly (FactOf<T> & { readonly at: number })[];
  /** Answers that reached the stand-in client, with the second they came. */
  readonly answers: readonly {
    readonly request: string;
    readonly status: number;
    readonly at: number;
    readonly answer: MessageOf<'MetadataResponse'>;
  }[];
}

/** Runs a world. */
export function runTokenPath(path: TokenPath): Seen {
  const resolution = resolve({ ...INSTANT, ...path.overrides });
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  const actors = [
    ...[iptables, nmi, pod, kubeletStandIn, clientStandIn, serviceStandIn(path.service ?? (() => 200))],
    ...[imdsStandIn(path.imds ?? (() => ({ status: 200 }))), aadStandIn(path.aadStatus ?? 200), clerkStandIn(path.script ?? [])],
    micStandIn(path.mic ?? (() => [])),
    apiServerStandIn({ secrets: path.secrets ?? [], status: path.apiStatus }),
  ];
  const sim = new Simulation(identityWorld(actors, resolution.calibration), {
    seed: path.seed ?? 'token-path',
    horizon: moment(seconds(path.until ?? 1000)),
    mode: path.mode ?? 'recorded',
    parking: path.parking ?? 'on',
    fingerprint: 'deep',
  });
  sim.fill('settings', SETTINGS_KEY, { ...SETTINGS, ...path.settings });
  sim.fill('virtualMachines', NODE, { name: NODE, resource: '/vmss/pool', resourceKind: 'vmss', node: NODE });
  for (const object of path.pods ?? []) sim.fill('pods', keyOf(object), object);
  for (const object of path.assigned ?? []) sim.fill('azureAssignedIdentities', keyOf(object), object);
  const start = path.nmi ?? 'settled';
  path.fill?.(sim);
  const facts: StampedFact<Identity>[] = [];
  const deliveries: Pick<Delivery<Identity>, 'at' | 'actor' | 'message'>[] = [];
  sim.observe({ onFact: (fact) => facts.push(fact), onDelivery: ({ at, actor, message }) => deliveries.push({ at, actor, message }) });
  sim.add({ id: `iptables/${NODE}`, kind: 'iptables' }, { type: 'Start' });
  if (start !== 'absent') sim.add({ id: `nmi/${NODE}`, kind: 'nmi' }, { type: 'NmiStarted', pod: 'kube-system/nmi-x', node: NODE, start });
  for (const id of [`imds/${NODE}`, 'aad', `kubelet/${NODE}`, 'client', 'service/db', 'mic/default/mic-0'])
    sim.add({ id, kind: id.split('/')[0] ?? id });
  if (path.apiStatus !== 0) sim.add({ id: 'kube-apiserver', kind: 'kube-apiserver' });
  sim.add({ id: 'clerk', kind: 'clerk' }, { type: 'Start' });
  sim.run();
  return seen(sim, facts, deliveries);
}

function seen(sim: Simulation<Identity>, facts: readonly StampedFact<Identity>[], deliveries: Seen['deliveries']): Seen {
  return {
    sim,
    facts,
    deliveries,
    fingerprint: sim.fingerprint,
    of: <T extends FactType>(type: T) =>
      facts.flatMap(({ fact, at }) => (fact.type === type ? [{ ...(fact as FactOf<T>), at: at / 1e6 }] : [])),
    answers: deliveries.flatMap(({ actor, at, message }) =>
      actor === 'client' && message.type === 'MetadataResponse'
        ? [{ request: message.request, status: message.status, at: at / 1e6, answer: message }]
        : [],
    ),
  };
}

const SETTINGS: PodIdentitySettings = {
  mode: 'standard',
  version: '1.8.17',
  lookup: 'aai',
  forceNamespaced: 'no',
  micNamespace: 'default',
  immutableClientIds: [],
  clusterIdentityClientId: '',
  resourceGroup: 'rg',
  subscription: 'sub',
  metadataHeaderRequired: 'yes',
  retryAfterHeader: 'no',
  blockInstanceMetadata: 'no',
  scaleFeatures: 'yes',
  network: 'azure',
};

/** Sends a token request from the pod network as the stand-in client. */
export function requestToken(
  request: string,
  more: Partial<MessageOf<'MetadataRequest'>> & { readonly clientId?: string; readonly resourceId?: string } = {},
) {
  const { clientId, resourceId, ...rest } = more;
  return (turn: Turn): void => {
    turn.send(`iptables/${NODE}`, {
      type: 'MetadataRequest',
      request,
      call: {
        method: 'GET',
        path: '/metadata/identity/oauth2/token',
        metadataHeader: 'true',
        query: {
          resource: 'https://vault.azure.net',
          ...(clientId === undefined ? {} : { clientId }),
          ...(resourceId === undefined ? {} : { resourceId }),
        },
      },
      sourceIP: POD_IP,
      replyTo: 'client',
      sender: 'default/app',
      network: 'pod',
      connection: `c-${request}`,
      ...rest,
    });
  };
}
