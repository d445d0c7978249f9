/** A small Azure for tests of its actors: rows to start from, a client that calls and remembers, and runs in both modes. */
import { expect } from 'vitest';
import type { AnyActorDefinition } from '../../src/kernel/actor.ts';
import { Simulation } from '../../src/kernel/simulation.ts';
import { ORIGIN, after, before, days, moment } from '../../src/kernel/time.ts';
import type { Duration, Moment } from '../../src/kernel/time.ts';
import type { StampedFact } from '../../src/kernel/world.ts';
import { aad } from '../../src/actors/aad/index.ts';
import { arm } from '../../src/actors/arm/index.ts';
import { imds } from '../../src/actors/imds/index.ts';
import { targetService } from '../../src/actors/target-service/index.ts';
import { vmss } from '../../src/actors/vmss.ts';
import { resourceId } from '../../src/model/azure.ts';
import type { ComputeResource, ServicePrincipal } from '../../src/model/azure.ts';
import { resolve } from '../../src/model/calibration/index.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { FactOf, FactType } from '../../src/model/facts/index.ts';
import type { ArmCall } from '../../src/model/messages/arm.ts';
import type { Message, MessageOf, MessageType } from '../../src/model/messages/index.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { identityWorld } from '../../src/model/world.ts';

/** One thing the probe says at a moment. */
export interface Line {
  readonly at: Duration;
  readonly to: string;
  readonly message: Message;
}

/** What the probe heard, with its moment. */
interface Heard {
  readonly at: Moment;
  readonly message: Message;
}

/** A world under test. */
export interface PlatformRun {
  readonly sim: Simulation<Identity>;
  readonly facts: readonly StampedFact<Identity>[];
  readonly heard: readonly Heard[];
}

/** How to make one. */
export interface PlatformOptions {
  readonly knobs?: Overrides;
  readonly seed?: string;
  readonly mode?: 'recorded' | 'fast';
  /** What the probe (a client of all of them) says, and when. */
  readonly script?: readonly Line[];
  readonly fill?: (sim: Simulation<Identity>) => void;
  /** Other actors than the real ones, or more of them. */
  readonly actors?: readonly AnyActorDefinition<Identity>[];
  readonly until?: Duration;
}

const SUBSCRIPTION = '00000000-0000-4000-8000-00000000000a';

/** Knobs under which nothing fails by chance and ARM and Entra answer in known times. */
const CALM: Overrides = {
  'arm.error5xx.prob': 0,
  'arm.get.pathological.prob': 0,
  'arm.get.latency': '50ms',
  'arm.write.acceptLatency': '500ms',
  'arm.write.rejectLatency': '500ms',
  'vmss.patch.duration.serverSide': '35s',
  'vmss.patch.perIdentityCost': '0s',
  'vm.patch.duration': '14s',
  'entra.token.errorProb': 0,
  'imds.error5xx.prob': 0,
  'imds.timeout.prob': 0,
  'imds.update410.interarrival': '1000d',
  'kv.error5xx.prob': 0,
};

/** ARM id of a VM or scale set. */
export function computeId(kind: 'vm' | 'vmss', name: string): string {
  const type = kind === 'vm' ? 'virtualMachines' : 'virtualMachineScaleSets';
  return resourceId({ subscription: SUBSCRIPTION, resourceGroup: 'rg', provider: 'Microsoft.Compute', type, name });
}

/** ARM id of a user-assigned identity. */
export function identityId(name: string): string {
  return resourceId({
    subscription: SUBSCRIPTION,
    resourceGroup: 'rg',
    provider: 'Microsoft.ManagedIdentity',
    type: 'userAssignedIdentities',
    name,
  });
}

/** Fills a VM or scale set that exists without identities. */
export function fillCompute(sim: Simulation<Identity>, kind: 'vm' | 'vmss', name: string, more: Partial<ComputeResource> = {}): void {
  const id = computeId(kind, name);
  sim.fill('computeResources', id.toLowerCase(), {
    kind,
    id,
    name,
    resourceGroup: 'rg',
    identityType: '',
    userAssigned: [],
    provisioningState: 'Succeeded',
    capacity: 1,
    generation: 0,
    ...more,
  });
}

/** Fills a user-assigned identity with its principal, known everywhere. */
export function fillIdentity(sim: Simulation<Identity>, name: string): ServicePrincipal {
  const id = identityId(name);
  const principal: ServicePrincipal = {
    objectId: `object-${name}`,
    appId: `client-${name}`,
    kind: 'userAssigned',
    displayName: name,
    resourceId: id,
    createdAt: ORIGIN,
    replicatedAt: ORIGIN,
    credentials: [{ kind: 'certificate', keyId: `key-${name}`, value: 'private', notBefore: ORIGIN, notAfter: moment(days(90)) }],
  };
  sim.fill('userAssignedIdentities', id.toLowerCase(), {
    id,
    name,
    resourceGroup: 'rg',
    clientId: principal.appId,
    principalId: principal.objectId,
  });
  sim.fill('servicePrincipals', principal.objectId, principal);
  return principal;
}

/** Fills a grant that every IMDS of a resource has seen for long. */
export function fillGrant(sim: Simulation<Identity>, resource: string, principal: ServicePrincipal): void {
  const identity = principal.kind === 'systemAssigned' ? 'system' : principal.resourceId.toLowerCase();
  sim.fill('identityGrants', `${resource}|${identity}`, {
    resource,
    identity,
    clientId: principal.appId,
    principalId: principal.objectId,
    attachStartedAt: before(ORIGIN, days(1)),
    attachTook: 0,
    incarnation: 1,
  });
}

interface ProbeState {
  said: number;
}

type ProbeInbox = MessageOf<
  'UseDue' | 'Start' | 'ArmResponse' | 'AadTokenResponse' | 'MetadataResponse' | 'ServiceResponse' | 'PrincipalReady' | 'RetryDue'
>;

/** Builds a world with ARM, Entra and a probe that acts out the script. */
function platformWorld(options: PlatformOptions = {}): PlatformRun {
  const heard: Heard[] = [];
  const script = options.script ?? [];
  const hear = (_state: ProbeState, message: Message, turn: { readonly now: Moment }): void => {
    heard.push({ at: turn.now, message });
  };
  const probe = defineActor<ProbeState, ProbeInbox>({
    kind: 'probe',
    initial: () => ({ said: 0 }),
    handlers: {
      Start: (_state, _message, turn) => {
        for (const [n, line] of script.entries()) {
          turn.setTimer(`line-${String(n).padStart(4, '0')}`, line.at, { type: 'RetryDue', request: String(n) }, { label: 'idle' });
        }
      },
      RetryDue: (state, { request }, turn) => {
        state.said += 1;
        const line = script[Number(request)];
        if (line !== undefined) turn.send(line.to, line.message);
      },
      UseDue: hear,
      ArmResponse: hear,
      AadTokenResponse: hear,
      MetadataResponse: hear,
      ServiceResponse: hear,
      PrincipalReady: hear,
    },
  });
  // An application of a machine: these worlds need it to be there, not to do anything.
  const pod = defineActor<object, MessageOf<'WorkloadStarted'>>({
    kind: 'pod',
    initial: () => ({}),
    handlers: { WorkloadStarted: () => undefined },
  });
  const resolution = resolve({ ...CALM, ...options.knobs });
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  const others = options.actors ?? [];
  const real = [arm, aad, vmss, imds, targetService, probe, pod].filter((actor) => others.every((other) => other.kind !== actor.kind));
  const sim = new Simulation<Identity>(identityWorld([...real, ...others], resolution.calibration), {
    seed: options.seed ?? 'platform',
    mode: options.mode ?? 'recorded',
    horizon: after(ORIGIN, options.until ?? days(1)),
    fingerprint: 'deep',
  });
  const facts: StampedFact<Identity>[] = [];
  sim.observe({ onFact: (fact) => facts.push(fact) });
  sim.fill('settings', 'podIdentity', SETTINGS);
  options.fill?.(sim);
  for (const kind of ['aad', 'arm', 'probe']) sim.add({ id: kind, kind }, { type: 'Start' });
  return { sim, facts, heard };
}

/** Builds and runs it. */
function runPlatform(options: PlatformOptions): PlatformRun {
  const run = platformWorld(options);
  run.sim.run();
  return run;
}

/** Runs it in both modes, holds them to the same fingerprint and facts, and answers the recorded one. */
export function runBothWays(options: PlatformOptions): PlatformRun {
  const recorded = runPlatform({ ...options, mode: 'recorded' });
  const fast = runPlatform({ ...options, mode: 'fast' });
  expect(fast.sim.fingerprint).toBe(recorded.sim.fingerprint);
  expect(fast.facts).toEqual(recorded.facts);
  return recorded;
}

/** Facts of one type. */
export function factsOf<T extends FactType>(run: PlatformRun, type: T): readonly (FactOf<T> & { readonly at: Moment })[] {
  return run.facts.filter(({ fact }) => fact.type === type).map(({ fact, at }) => ({ ...fact, at })) as never;
}

/** Messages of one type that the probe heard. */
export function heardOf<T extends MessageType>(run: PlatformRun, type: T): readonly (MessageOf<T> & { readonly at: Moment })[] {
  return run.heard.filter(({ message }) => message.type === type).map(({ message, at }) => ({ ...message, at })) as never;
}

/** An ARM call as a line of the script. */
export function armLine(at: Duration, request: string, call: ArmCall): Line {
  return { at, to: 'arm', message: { type: 'ArmRequest', request, call } };
}

/** A request for a token at the IMDS of a VM as a line of the script. */
export function tokenLine(
  at: Duration,
  request: string,
  ask: {
    readonly vm: string;
    readonly resource?: string;
    readonly clientId?: string;
    readonly header?: string;
    readonly path?: string;
    readonly apiVersion?: string;
    readonly forwardedFor?: string;
  },
): Line {
  const {
    vm,
    resource = 'https://vault.azure.net',
    clientId,
    header = 'true',
    path = '/metadata/identity/oauth2/token',
    apiVersion = '2018-02-01',
    forwardedFor,
  } = ask;
  return {
    at,
    to: `imds/${vm}`,
    message: {
      type: 'MetadataRequest',
      request,
      call: {
        method: 'GET',
        path,
        metadataHeader: header,
        ...(forwardedFor === undefined ? {} : { forwardedFor }),
        query: { resource, apiVersion, ...(clientId === undefined ? {} : { clientId }) },
      },
      sourceIP: '10.0.0.4',
      replyTo: 'probe',
      sender: '',
      network: 'host',
      connection: request,
    },
  };
}

const SETTINGS = {
  mode: 'none',
  version: '',
  lookup: 'aai',
  forceNamespaced: 'no',
  micNamespace: 'default',
  immutableClientIds: [],
  clusterIdentityClientId: '',
  resourceGroup: 'rg',
  subscription: SUBSCRIPTION,
  metadataHeaderRequired: 'yes',
  retryAfterHeader: 'no',
  blockInstanceMetadata: 'no',
  scaleFeatures: 'yes',
  network: 'azure',
} as const;
