/**
 * A plan: a random (or hand-made) scenario as small data that shrinks well, and the scenario file it stands for.
 *
 * Every plan is valid, and so is every plan with fewer steps: steps name things from small fixed pools, and acting on what does not
 * exist is a 404, as it would be for a person.
 */
import { stringify } from 'yaml';
import { loadScenario } from '../scenarios/load.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';

/** Names that plans draw from. Few, so that they collide. */
export const NAMESPACES = ['default', 'shop'] as const;
/** Names of pods. */
export const POD_NAMES = ['web', 'api'] as const;
/** Names of identities, in Azure and as AzureIdentity. */
export const IDENTITIES = ['red', 'blue'] as const;

/** One of the namespaces. */
export type NamespaceName = (typeof NAMESPACES)[number];
/** One of the pod names. */
export type PodName = (typeof POD_NAMES)[number];
/** One of the identities. */
export type IdentityName = (typeof IDENTITIES)[number];

/** One thing that happens. */
export type Act =
  | { readonly do: 'createPod'; readonly namespace: NamespaceName; readonly pod: PodName; readonly label: IdentityName | 'crowd' }
  | { readonly do: 'deletePod'; readonly namespace: NamespaceName; readonly pod: PodName }
  | { readonly do: 'bind' | 'unbind'; readonly namespace: NamespaceName; readonly identity: IdentityName }
  | { readonly do: 'scaleDeployment'; readonly to: number }
  | { readonly do: 'removeNode'; readonly node: number; readonly how: 'lost' | 'deleted' }
  | { readonly do: 'drain'; readonly node: number }
  | { readonly do: 'scalePool'; readonly to: number }
  | { readonly do: 'killMic'; readonly which: 'leader' | 'all' }
  | { readonly do: 'killNmi'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly do: 'throttleArm' | 'failArm'; readonly times: number }
  | { readonly do: 'deleteAzureIdentity' | 'createAzureIdentity' | 'unassign'; readonly identity: IdentityName }
  | { readonly do: 'stallMic'; readonly kind: 'Pod' | 'AzureAssignedIdentity' }
  | { readonly do: 'thawMic'; readonly kind: 'Pod' | 'AzureAssignedIdentity' };

/** The acts with their meaning: what may happen in a plan. */
export const ACTS = {
  createPod: 'a pod with the label of an identity is created in a namespace',
  deletePod: 'a pod is deleted',
  bind: 'an AzureIdentityBinding is applied in a namespace',
  unbind: 'an AzureIdentityBinding is deleted',
  scaleDeployment: 'a Deployment in namespace default, whose pods carry the label of the identity red, is scaled to 0 to 6 replicas',
  removeNode: 'a node is lost, or deleted, without a drain',
  drain: 'a node is drained',
  scalePool: 'the node pool is scaled to 1 to 4 nodes',
  killMic: 'the leader of MIC, or all of MIC, is killed with SIGKILL',
  killNmi: 'all of NMI is killed with SIGTERM or SIGKILL',
  throttleArm: 'the next one or two identity PATCHes of MIC are answered 429 with Retry-After 30 s',
  failArm: 'the next one or two identity PATCHes of MIC are answered 400',
  deleteAzureIdentity: 'a user-assigned identity is deleted in Azure',
  createAzureIdentity: 'a user-assigned identity is created anew in Azure, under its old name',
  unassign: 'somebody takes an identity off the node pool, past MIC',
  stallMic: 'a watch of MIC, of pods or AzureAssignedIdentities, stands still',
  thawMic: 'that watch goes on',
} as const satisfies Readonly<Record<Act['do'], string>>;

/** A step: how long after the one before, and what. */
export interface PlannedStep {
  /** Time since the step before [s] -- constant. */
  readonly gap: number;
  readonly act: Act;
}

/** A random scenario. */
export interface Plan {
  /** Kind of the node pool. */
  readonly pool: 'vmss' | 'vm';
  /** Nodes at the start [1] -- constant. */
  readonly nodes: number;
  /** Identities that the label `crowd` stands for, in namespace `default` [count]. Default 0. */
  readonly crowd?: number;
  readonly steps: readonly PlannedStep[];
  /** Knobs set for the run. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** How long a plan runs on after its last step [s]: long enough for a failover and two PATCHes. */
const AFTERMATH = 240;
/** When the first step happens at the earliest [s]: MIC and NMI are up by then. */
const PRELUDE = 60;

/** The scenario file that a plan stands for. */
export function scenarioText(plan: Plan): string {
  return stringify(scenarioSource(plan));
}

/** The same as data. */
export function scenarioSource(plan: Plan): object {
  let at = PRELUDE;
  const story = plan.steps.map((step) => {
    at += step.gap;
    return { at: `${String(at)}s`, ...storyOf(step.act) };
  });
  return {
    question: 'What do these steps lead to?',
    group: 'basics',
    horizon: `${String(at + AFTERMATH)}s`,
    world: {
      identities: [...IDENTITIES, ...crowdOf(plan)].map((name) => ({ name })),
      services: [{ name: 'orders', kind: 'sql' }],
      roles: IDENTITIES.map((name) => ({ to: name, role: 'SQL DB Contributor', on: 'orders' })),
      cluster: {
        nodePools: [{ name: 'pool1', nodes: plan.nodes, kind: plan.pool }],
        podIdentity: { mode: 'standard' },
        workloads: NAMESPACES.map((namespace) => ({
          name: `app-${namespace}`,
          uses: 'orders',
          select: { namespace, labels: { app: 'plan' } },
        })),
      },
      ...(Object.keys(plan.parameters).length === 0 ? {} : { parameters: plan.parameters }),
    },
    story: [{ at: '0s', text: 'Namespace, AzureIdentities and bindings', apply: installed(plan) }, ...story],
  };
}

function crowdOf({ crowd = 0 }: Plan): readonly string[] {
  return Array.from({ length: crowd }, (_, n) => `crowd${String(n).padStart(3, '0')}`);
}

function installed(plan: Plan): readonly object[] {
  const objects: object[] = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }];
  for (const namespace of NAMESPACES)
    for (const identity of IDENTITIES) objects.push(azureIdentity(namespace, identity), binding(namespace, identity));
  for (const identity of crowdOf(plan)) objects.push(azureIdentity('default', identity), binding('default', identity, 'crowd'));
  return objects;
}

function azureIdentity(namespace: string, identity: string): object {
  return {
    apiVersion: 'aadpodidentity.k8s.io/v1',
    kind: 'AzureIdentity',
    metadata: { name: `${identity}-${namespace}`, namespace },
    spec: { type: 0, resourceID: `identity:${identity}.resourceID`, clientID: `identity:${identity}.clientID` },
  };
}

function binding(namespace: string, identity: string, label = identity): object {
  return {
    apiVersion: 'aadpodidentity.k8s.io/v1',
    kind: 'AzureIdentityBinding',
    metadata: { name: `bind-${identity}`, namespace },
    spec: { azureIdentity: `${identity}-${namespace}`, selector: `${label}-${namespace}` },
  };
}

function podOf(act: Extract<Act, { do: 'createPod' }>): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: act.pod, namespace: act.namespace, labels: { app: 'plan', aadpodidbinding: `${act.label}-${act.namespace}` } },
    spec: { containers: [{ name: 'main', image: 'plan' }] },
  };
}

function deploymentOf(replicas: number): object {
  const labels = { app: 'plan', aadpodidbinding: 'red-default' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'workers', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'plan' }] } },
    },
  };
}

function storyOf(act: Act): object {
  switch (act.do) {
    case 'createPod':
      return { apply: [podOf(act)] };
    case 'deletePod':
      return { delete: [`Pod/${act.namespace}/${act.pod}`] };
    case 'bind':
      return { apply: [binding(act.namespace, act.identity)] };
    case 'unbind':
      return { delete: [`AzureIdentityBinding/${act.namespace}/bind-${act.identity}`] };
    case 'scaleDeployment':
      return { apply: [deploymentOf(act.to)] };
    case 'removeNode':
      return { removeNode: { node: `pool1/${String(act.node)}`, how: act.how } };
    case 'drain':
      return { drain: `pool1/${String(act.node)}` };
    case 'scalePool':
      return { scale: { nodePool: 'pool1', to: act.to } };
    case 'killMic':
      return { kill: { component: 'mic', which: act.which, signal: 'SIGKILL' } };
    case 'killNmi':
      return { kill: { component: 'nmi', which: 'all', signal: act.signal } };
    case 'throttleArm':
      return { fault: armFault('throttled', act.times, { status: 429, code: 'TooManyRequests', retryAfter: '30s' }) };
    case 'failArm':
      return { fault: armFault('failing', act.times, { status: 400, code: 'BadRequest' }) };
    case 'deleteAzureIdentity':
    case 'createAzureIdentity':
    case 'unassign':
    case 'stallMic':
    case 'thawMic':
      return azureStory(act);
  }
}

type AzureAct = Extract<Act, { do: 'deleteAzureIdentity' | 'createAzureIdentity' | 'unassign' | 'stallMic' | 'thawMic' }>;

function azureStory(act: AzureAct): object {
  switch (act.do) {
    case 'deleteAzureIdentity':
      return { deleteIdentity: act.identity };
    case 'createAzureIdentity':
      return { createIdentity: { name: act.identity } };
    case 'unassign':
      return { unassignIdentity: { identity: act.identity, from: 'pool:pool1' } };
    case 'stallMic':
      return { stall: { id: `stall-${act.kind}`, watcher: 'mic', kind: act.kind } };
    case 'thawMic':
      return { restore: `stall-${act.kind}` };
  }
}

function armFault(id: string, times: number, answer: object): object {
  return { id, from: 'mic/*', to: 'arm', type: 'ArmRequest', where: { 'call.op': 'patchIdentity' }, times, do: { answer } };
}

/** Loads the scenario of a plan. Throws if it is not valid: then the generator is at fault. */
export function loadPlan(plan: Plan): ScenarioDescription {
  const loaded = loadScenario({ path: 'plan.yaml', text: scenarioText(plan), readText: () => undefined });
  if (!loaded.ok)
    throw new Error(`a plan is not a valid scenario: ${loaded.problems.map((problem) => `${problem.path}: ${problem.rule}`).join('; ')}`);
  return loaded.scenario;
}
