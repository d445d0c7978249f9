/**
 * A node with its token path, and small stand-ins for what lies beyond: IMDS, Entra, the API server, the kubelet, services.
 *
 * Nothing takes time unless a test says so: links, NMI's own time and watches are at zero, so that waits of the actors are exact.
 */
import { iptables } from '../../src/actors/iptables.ts';
import { nmi } from '../../src/actors/nmi/index.ts';
import { pod } from '../../src/actors/pod/index.ts';
import { Simulation } from '../../src/kernel/simulation.ts';
import { micros, moment, seconds } from '../../src/kernel/time.ts';
import type { Duration } from '../../src/kernel/time.ts';
import type { Delivery, StampedFact } from '../../src/kernel/world.ts';
import type { AccessToken } from '../../src/model/azure.ts';
import { resolve } from '../../src/model/calibration/index.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { FactOf, FactType } from '../../src/model/facts/index.ts';
import type { AssignedStatus, AzureAssignedIdentity, AzureIdentity, ObjectMeta, Pod, Secret } from '../../src/model/kubernetes.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import type { MessageOf } from '../../src/model/messages/index.ts';
import { SETTINGS_KEY } from '../../src/model/settings.ts';
import type { PodIdentitySettings } from '../../src/model/settings.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { Identity, Turn } from '../../src/model/vocabulary.ts';
import { identityWorld } from '../../src/model/world.ts';

/** Name of the only node, and of its VM. */
export const NODE = 'node-0';
/** Address of the pod that `podObject` makes. */
export const POD_IP = '10.244.0.10';

const INSTANT: Overrides = {
  'link.node': '0s',
  'net.rtt.inRegion': '0s',
  'watch.latency': '0s',
  'nmi.overhead': '0s',
  'nmi.iptables.flushWindow': '0s',
  'nmi.init': '0s',
  'nmi.init.listenToRules': '0s',
};

/** What the stand-in for IMDS says to the n-th call (from 0); undefined: it stays silent. */
export type ImdsSays = (call: { readonly n: number; readonly clientId: string; readonly at: number }) => { readonly status: number; readonly after?: Duration } | undefined;

/** A test's world. */
export interface TokenPath {
  readonly overrides?: Overrides;
  readonly settings?: Partial<PodIdentitySettings>;
  readonly pods?: readonly Pod[];
  readonly assigned?: readonly AzureAssignedIdentity[];
  readonly secrets?: readonly Secret[];
  readonly imds?: ImdsSays;
  readonly aadStatus?: number;
  /** HTTP status of the API server; 0: it is not there. */
  readonly apiStatus?: number;
  readonly fill?: (sim: Simulation<Identity>) => void;
  /** What happens when, in seconds. */
  readonly script?: readonly { readonly at: number; readonly act: (turn: Turn) => void }[];
  /** How NMI begins; `absent`: no NMI. Default `settled`. */
  readonly nmi?: 'settled' | 'cold' | 'absent';
  readonly until?: number;
  readonly mode?: 'recorded' | 'fast';
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
  readonly answers: readonly { readonly request: string; readonly status: number; readonly at: number; readonly answer: MessageOf<'MetadataResponse'> }[];
}

/** Runs a world. */
export function runTokenPath(path: TokenPath): Seen {
  const resolution = resolve({ ...INSTANT, ...path.overrides });
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  const actors = [iptables, nmi, pod, imdsStandIn(path.imds ?? (() => ({ status: 200 }))), aadStandIn(path.aadStatus ?? 200), ...bystanders(path)];
  const sim = new Simulation(identityWorld(actors, resolution.calibration), {
    seed: path.seed ?? 'token-path',
    horizon: moment(seconds(path.until ?? 1000)),
    mode: path.mode ?? 'recorded',
    fingerprint: 'deep',
  });
  sim.fill('settings', SETTINGS_KEY, { ...SETTINGS, ...path.settings });
  sim.fill('virtualMachines', NODE, { name: NODE, resource: '/vmss/pool', resourceKind: 'vmss', node: NODE });
  for (const object of path.pods ?? []) sim.fill('pods', keyOf(object), object);
  for (const object of path.assigned ?? []) sim.fill('azureAssignedIdentities', keyOf(object), object);
  const start = path.nmi ?? 'settled';
  if (start === 'settled') sim.fill('nodeRules', NODE, { node: NODE, chain: 'full', jump: 'present', listener: 'up' });
  path.fill?.(sim);
  const facts: StampedFact<Identity>[] = [];
  const deliveries: Pick<Delivery<Identity>, 'at' | 'actor' | 'message'>[] = [];
  sim.observe({ onFact: (fact) => facts.push(fact), onDelivery: ({ at, actor, message }) => deliveries.push({ at, actor, message }) });
  sim.add({ id: `iptables/${NODE}`, kind: 'iptables' }, { type: 'Start' });
  if (start !== 'absent') sim.add({ id: `nmi/${NODE}`, kind: 'nmi' }, { type: 'NmiStarted', pod: 'kube-system/nmi-x', node: NODE, start });
  for (const id of [`imds/${NODE}`, 'aad', `kubelet/${NODE}`, 'client', 'service/db']) sim.add({ id, kind: id.split('/')[0] ?? id });
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
      actor === 'client' && message.type === 'MetadataResponse' ? [{ request: message.request, status: message.status, at: at / 1e6, answer: message }] : [],
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

/** A token of a client id. */
export function tokenOf(clientId: string, issuedAt: number, life = 86_400): AccessToken {
  const at = moment(seconds(issuedAt));
  const objectId = `object-${clientId}`;
  return { uti: `uti-${clientId}-${String(issuedAt)}`, audience: 'r', issuer: 'i', objectId, appId: clientId, mirid: '', issuedAt: at, notBefore: at, expiresAt: moment(at + seconds(life)) };
}

interface Counting {
  n: number;
}

function imdsStandIn(says: ImdsSays) {
  return defineActor<Counting, MessageOf<'MetadataRequest'>>({
    kind: 'imds',
    initial: () => ({ n: 0 }),
    handlers: {
      MetadataRequest: (state, message, turn) => {
        const clientId = message.call.query.clientId ?? 'default';
        const said = says({ n: state.n, clientId, at: turn.now / 1e6 });
        state.n += 1;
        if (said === undefined) return;
        const resource = message.call.query.resource ?? '';
        const body = said.status === 200 ? { body: { token: tokenOf(clientId, Math.round(turn.now / 1e6)), resource, isCached: false } } : {};
        const { request } = message;
        turn.send(message.replyTo, { type: 'MetadataResponse', request, status: said.status, servedBy: 'imds', ...body }, { after: said.after ?? micros(0), label: 'imds' });
      },
    },
  });
}

function aadStandIn(status: number) {
  return defineActor<object, MessageOf<'AadTokenRequest'>>({
    kind: 'aad',
    initial: () => ({}),
    handlers: {
      AadTokenRequest: (_state, { request, clientId, credential }, turn) => {
        const token = status === 200 ? { token: tokenOf(`${clientId}/${credential.value}`, Math.round(turn.now / 1e6)) } : {};
        turn.reply({ type: 'AadTokenResponse', request, status, ...token });
      },
    },
  });
}

/** Those who only have to be there: the client that sends what a script tells it, the clerk who acts the script, and the rest. */
function bystanders(path: TokenPath) {
  const apiserver = defineActor<object, MessageOf<'ApiRequest'>>({
    kind: 'kube-apiserver',
    initial: () => ({}),
    handlers: {
      ApiRequest: (_state, { request, call }, turn) => {
        const found = call.verb === 'get' ? path.secrets?.find((secret) => keyOf(secret) === call.key) : undefined;
        const status = path.apiStatus ?? (found === undefined ? 404 : 200);
        turn.reply({ type: 'ApiResponse', request, status, ...(found === undefined ? {} : { object: found }) });
      },
    },
  });
  const kubelet = defineActor<object, MessageOf<'ProcessExited' | 'ProbeAnswer'>>({
    kind: 'kubelet',
    initial: () => ({}),
    handlers: { ProcessExited: () => undefined, ProbeAnswer: () => undefined },
  });
  const client = defineActor<object, MessageOf<'MetadataResponse'>>({ kind: 'client', initial: () => ({}), handlers: { MetadataResponse: () => undefined } });
  const service = defineActor<object, MessageOf<'ServiceRequest'>>({
    kind: 'service',
    initial: () => ({}),
    handlers: {
      ServiceRequest: (_state, { request }, turn) => {
        turn.reply({ type: 'ServiceResponse', request, status: 200 });
      },
    },
  });
  const script = path.script ?? [];
  const clerk = defineActor<object, MessageOf<'Start' | 'StoryDue' | 'RulesDone' | 'ProbeAnswer'>>({
    kind: 'clerk',
    initial: () => ({}),
    handlers: {
      Start: (_state, _message, turn) => {
        for (const [n, { at }] of script.entries()) turn.setTimer(`step-${String(n)}`, seconds(at), { type: 'StoryDue', step: String(n) }, { label: 'idle' });
      },
      StoryDue: (_state, { step }, turn) => {
        script[Number(step)]?.act(turn);
      },
      RulesDone: () => undefined,
      ProbeAnswer: () => undefined,
    },
  });
  return [apiserver, kubelet, client, service, clerk];
}

/** Sends a token request from the pod network as the stand-in client. */
export function requestToken(request: string, more: Partial<MessageOf<'MetadataRequest'>> & { readonly clientId?: string; readonly resourceId?: string } = {}) {
  const { clientId, resourceId, ...rest } = more;
  return (turn: Turn): void => {
    turn.send(`iptables/${NODE}`, {
      type: 'MetadataRequest',
      request,
      call: {
        method: 'GET',
        path: '/metadata/identity/oauth2/token',
        metadataHeader: 'true',
        query: { resource: 'https://vault.azure.net', ...(clientId === undefined ? {} : { clientId }), ...(resourceId === undefined ? {} : { resourceId }) },
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

/** Metadata of an object. */
export function meta(name: string, namespace = 'default', more: Partial<ObjectMeta> = {}): ObjectMeta {
  return { name, namespace, uid: `${namespace}/${name}/1`, resourceVersion: '1', labels: {}, annotations: {}, finalizers: [], ownerReferences: [], ...more };
}

/** A running pod on the node. */
export function podObject(name = 'app', more: { readonly namespace?: string; readonly ip?: string; readonly labels?: Readonly<Record<string, string>>; readonly phase?: Pod['status']['phase']; readonly owner?: string } = {}): Pod {
  const ownerReferences = more.owner === undefined ? [] : [{ kind: 'ReplicaSet', name: more.owner }];
  return {
    kind: 'Pod',
    metadata: meta(name, more.namespace ?? 'default', { labels: more.labels ?? {}, ownerReferences }),
    spec: { containers: [], nodeName: NODE, nodeSelector: {}, hostNetwork: false, serviceAccountName: 'default', terminationGracePeriod: seconds(30), restartPolicy: 'Always', toleratesAll: false },
    status: { phase: more.phase ?? 'Running', podIP: more.ip ?? POD_IP, ready: true, restarts: 0 },
  };
}

/** A user-assigned identity as Kubernetes knows it. */
export function identityObject(name: string, more: Partial<AzureIdentity['spec']> & { readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> } = {}): AzureIdentity {
  const { namespace, annotations, ...spec } = more;
  return {
    kind: 'AzureIdentity',
    metadata: meta(name, namespace ?? 'default', { annotations: annotations ?? {} }),
    spec: { type: 0, resourceID: `/resource/${name}`, clientID: `client-${name}`, tenantID: '', auxiliaryTenantIDs: [], adResourceID: '', adEndpoint: '', ...spec },
  };
}

/** An AzureAssignedIdentity of a pod. */
export function assignedObject(identity: AzureIdentity, status: AssignedStatus, podName = 'app'): AzureAssignedIdentity {
  const name = `${podName}-default-${identity.metadata.name}`;
  return {
    kind: 'AzureAssignedIdentity',
    metadata: meta(name, 'default', { labels: { nodename: NODE } }),
    spec: {
      azureIdentityRef: identity,
      azureBindingRef: { kind: 'AzureIdentityBinding', metadata: meta('binding'), spec: { azureIdentity: identity.metadata.name, selector: 's' } },
      pod: podName,
      podNamespace: 'default',
      nodename: NODE,
    },
    status: { status },
  };
}

/** Writes an AzureAssignedIdentity, as MIC would through the API server. */
export function putAssigned(identity: AzureIdentity, status: AssignedStatus) {
  return (turn: Turn): void => {
    const object = assignedObject(identity, status);
    turn.table('azureAssignedIdentities').put(keyOf(object), object);
  };
}
