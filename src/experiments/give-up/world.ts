/**
 * One node, one application, and nothing that takes time but what is measured: real netfilter, NMI, IMDS, Entra and token client, with
 * all ways and service times at zero.
 *
 * The AzureAssignedIdentity that MIC would write comes from a scribe at a moment of one's choice; the cluster around it is left out.
 */
import { aad } from '../../actors/aad/index.ts';
import { imds } from '../../actors/imds/index.ts';
import { iptables } from '../../actors/iptables/index.ts';
import { nmi } from '../../actors/nmi/index.ts';
import { pod } from '../../actors/pod/index.ts';
import { Simulation } from '../../kernel/simulation.ts';
import { ORIGIN, ZERO, between, hours, moment, plus, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { resolve } from '../../model/calibration/index.ts';
import type { Overrides } from '../../model/calibration/index.ts';
import type { AssignedStatus, AzureAssignedIdentity, AzureIdentity, Pod } from '../../model/kubernetes.ts';
import type { ObjectMeta } from '../../model/object-meta.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { SETTINGS_KEY, settingsWithoutFlags } from '../../model/settings.ts';
import type { PodIdentitySettings } from '../../model/settings.ts';
import type { NodeRules } from '../../model/node-rules.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Identity, IdentityActor, Turn } from '../../model/vocabulary.ts';
import { identityWorld } from '../../model/world.ts';

/** What an application meets. */
export interface Meeting {
  readonly overrides: Overrides;
  /** Status of its AzureAssignedIdentity at the start; absent: there is none. */
  readonly assigned?: AssignedStatus;
  /** When that becomes Assigned; absent: never. */
  readonly assignedAt?: Duration;
  /** Whether IMDS has the identity. */
  readonly identity: 'attached' | 'missing';
  readonly nmi: 'serving' | 'dead';
  readonly rules: Pick<NodeRules, 'policy'>;
  readonly retryAfter: PodIdentitySettings['retryAfterHeader'];
}

/** How an asking ended: with a token, or not, and when. */
export interface Ending {
  readonly outcome: 'token' | 'gaveUp' | 'neverEnds';
  /** From the start of the application [µs]. */
  readonly after: Duration;
  /** Tries it made, a probe not counted [1]. */
  readonly tries: number;
}

const NODE = 'node';
const RESOURCE = '/scale-set';
const CLIENT = 'client-of-identity';
const OBJECT = 'object-of-identity';
/** Longer than any client asks. */
const HORIZON = hours(5);
/** When the application starts: what was there before it has come up by then. */
const START = seconds(1);

const NO_TIME: Overrides = {
  'link.node': '0s',
  'net.rtt.inRegion': '0s',
  'watch.latency': '0s',
  'nmi.overhead': '0s',
  'entra.token.latency': '0s',
  'entra.token.errorProb': 0,
  'imds.latency.cacheHit': '0s',
  'imds.latency.cacheMiss': '0s',
  'imds.latency.firstUse': '0s',
  'imds.latency.notFound': '0s',
  'imds.error5xx.prob': 0,
  'imds.timeout.prob': 0,
  'imds.update410.interarrival': '4000d',
  'nmi.crash.interarrival': '4000d',
};

/** Lets one application with that token client ask for a token, once. */
export function askOnce(client: string, meeting: Meeting, seed: string): Ending {
  const simulation = worldOf(client, meeting, seed);
  let ending: Ending = { outcome: 'neverEnds', after: HORIZON, tries: 0 };
  let tries = 0;
  simulation.observe({
    onFact: ({ fact, at }) => {
      if (fact.type === 'token-try-ended' && fact.attempt > 0) tries += 1;
      const after = between(moment(START), at);
      if (fact.type === 'token-answered') ending = { outcome: 'token', after, tries };
      else if (fact.type === 'token-failed') ending = { outcome: 'gaveUp', after, tries };
    },
  });
  simulation.run();
  return ending;
}

function worldOf(client: string, meeting: Meeting, seed: string): Simulation<Identity> {
  const resolution = resolve({ ...NO_TIME, ...meeting.overrides });
  if (!resolution.ok) throw new RangeError(resolution.problems.map(({ knob, rule }) => `${knob}: ${rule}`).join('; '));
  const actors = [aad, imds, iptables, nmi, pod, scribe(meeting)];
  const simulation = new Simulation<Identity>(identityWorld(actors, resolution.calibration), {
    seed,
    horizon: moment(HORIZON),
    mode: 'fast',
  });
  fill(simulation, client, meeting);
  simulation.add({ id: 'aad', kind: 'aad' }, { type: 'Start' });
  simulation.add({ id: `imds/${NODE}`, kind: 'imds' }, { type: 'ComputeCreated', resource: RESOURCE, instances: 1, start: 'settled' });
  simulation.add({ id: `iptables/${NODE}`, kind: 'iptables' }, { type: 'Start' });
  if (meeting.nmi === 'serving')
    simulation.add({ id: `nmi/${NODE}`, kind: 'nmi' }, { type: 'NmiStarted', pod: 'kube-system/nmi', node: NODE, start: 'settled' });
  simulation.add({ id: 'scribe', kind: 'scribe' }, { type: 'Start' });
  return simulation;
}

function fill(simulation: Simulation<Identity>, client: string, { assigned, identity, rules, retryAfter }: Meeting): void {
  simulation.fill('settings', SETTINGS_KEY, { ...SETTINGS, retryAfterHeader: retryAfter });
  simulation.fill('virtualMachines', NODE, { name: NODE, resource: RESOURCE, resourceKind: 'vmss', node: NODE });
  simulation.fill('nodeRules', NODE, { node: NODE, chain: 'full', jump: 'present', listener: 'down', ...rules });
  simulation.fill('pods', keyOf(APP), APP);
  simulation.fill('workloads', 'app', { name: 'app', client, clientId: CLIENT, resource: 'r', service: '', every: ZERO });
  if (assigned !== undefined) simulation.fill('azureAssignedIdentities', keyOf(assignedIdentity(assigned)), assignedIdentity(assigned));
  const old = ORIGIN;
  const certificate = { kind: 'certificate', keyId: 'key', value: 'key', notBefore: old, notAfter: moment(hours(2000)) } as const;
  simulation.fill('servicePrincipals', OBJECT, {
    objectId: OBJECT,
    appId: CLIENT,
    kind: 'userAssigned',
    displayName: 'identity',
    resourceId: IDENTITY.spec.resourceID,
    createdAt: old,
    replicatedAt: old,
    credentials: [certificate],
  });
  if (identity === 'missing') return;
  simulation.fill('identityGrants', `${RESOURCE}|${IDENTITY.spec.resourceID}`, {
    resource: RESOURCE,
    identity: IDENTITY.spec.resourceID,
    clientId: CLIENT,
    principalId: OBJECT,
    attachStartedAt: old,
    attachTook: 0,
    incarnation: 1,
  });
}

/** Writes what MIC would write, when it is time. */
function scribe({ assignedAt }: Meeting): IdentityActor<object, MessageOf<'Start' | 'StoryDue'>> {
  return defineActor<object, MessageOf<'Start' | 'StoryDue'>>({
    kind: 'scribe',
    initial: () => ({}),
    handlers: {
      Start: (_state, _message, turn) => {
        turn.setTimer('start', START, { type: 'StoryDue', step: 'start' }, { label: 'idle' });
        if (assignedAt !== undefined)
          turn.setTimer('assigned', plus(START, assignedAt), { type: 'StoryDue', step: 'assigned' }, { label: 'patch' });
      },
      StoryDue: (_state, { step }, turn) => {
        if (step === 'start') startApplication(turn);
        else {
          const row = assignedIdentity('Assigned');
          turn.table('azureAssignedIdentities').put(keyOf(row), row);
        }
      },
    },
  });
}

function startApplication(turn: Turn): void {
  const place = { pod: 'default/app', podUid: 'app', node: NODE, gateway: `iptables/${NODE}`, ip: APP.status.podIP } as const;
  turn.spawn(
    { id: 'pod/default/app', kind: 'pod' },
    { type: 'WorkloadStarted', workload: 'app', place: { ...place, network: 'pod', startedAt: turn.now } },
  );
}

function meta(name: string, labels: Readonly<Record<string, string>> = {}): ObjectMeta {
  const none = { annotations: {}, finalizers: [], ownerReferences: [] };
  return { name, namespace: 'default', uid: name, resourceVersion: '1', labels, ...none };
}

const APP: Pod = {
  kind: 'Pod',
  metadata: meta('app', { aadpodidbinding: 'app' }),
  spec: {
    containers: [],
    nodeName: NODE,
    nodeSelector: {},
    hostNetwork: false,
    serviceAccountName: 'default',
    terminationGracePeriod: seconds(30),
    restartPolicy: 'Always',
    toleratesAll: false,
  },
  status: { phase: 'Running', podIP: '10.244.0.10', ready: true, restarts: 0 },
};

const IDENTITY: AzureIdentity = {
  kind: 'AzureIdentity',
  metadata: meta('identity'),
  spec: { type: 0, resourceID: '/identity', clientID: CLIENT, tenantID: '', auxiliaryTenantIDs: [], adResourceID: '', adEndpoint: '' },
};

function assignedIdentity(status: AssignedStatus): AzureAssignedIdentity {
  return {
    kind: 'AzureAssignedIdentity',
    metadata: meta('app-default-identity', { nodename: NODE }),
    spec: {
      azureIdentityRef: IDENTITY,
      azureBindingRef: { kind: 'AzureIdentityBinding', metadata: meta('binding'), spec: { azureIdentity: 'identity', selector: 'app' } },
      pod: 'app',
      podNamespace: 'default',
      nodename: NODE,
    },
    status: { status },
  };
}

const SETTINGS = settingsWithoutFlags({
  mode: 'standard',
  version: '1.8.17',
  resourceGroup: 'group',
  subscription: 'subscription',
  network: 'azure',
});
