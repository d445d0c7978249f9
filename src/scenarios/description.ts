/**
 * A scenario as the rest of the program sees it: everything resolved and typed, in a fixed order, nothing left to look up.
 *
 * Made by `loadScenario` from a file and its manifests. Names of identities, services and machines have become ids; durations are
 * kernel durations; Kubernetes objects are model objects. Types and small pure accessors only: reports read this file.
 */
import type { GROUPS } from './schema/groups.ts';
import type { Duration } from '../kernel/time.ts';
import type { EgressPolicy } from '../model/egress.ts';
import type { AdmissionRule } from '../model/admission.ts';
import type { DirectoryGroup } from '../model/directory.ts';
import type { Taint } from '../model/kubernetes.ts';
import { instanceName } from '../model/provider-id.ts';
import type { Overrides } from '../model/calibration/index.ts';
import type { CloudConfig, PodIdentitySettings } from '../model/settings.ts';
import type { ServiceRow, WorkloadRow } from '../model/workload.ts';
import type { WorkloadIdentitySettings } from '../model/workload-identity.ts';
import type {
  ApplicationDescription,
  ClaimDescription,
  IdentityDescription,
  RoleDescription,
  ScaleSetDescription,
  VirtualMachineDescription,
} from './description/azure-start.ts';
import type { Expectation } from './description/expectation.ts';
import type { MicFlags, NmiFlags } from './description/pod-identity-flags.ts';
import type { IncidentDescription } from './description/incident.ts';
import type { StoryStep } from './description/story-step.ts';

/** What kind of question a scenario asks. */
type ScenarioGroup = (typeof GROUPS)[number];

/** A loaded scenario. */
export interface ScenarioDescription {
  /** Name of the file without folder and ending. */
  readonly name: string;
  /** Path as it was given to the loader. */
  readonly path: string;
  /** The question, one sentence. */
  readonly question: string;
  /** Longer text; `''` if there is none. */
  readonly description: string;
  /** Where lists put it; absent where the file does not say. */
  readonly group?: ScenarioGroup;
  /** Which knob makes an expectation fall, for readers who want to see it; `''` if not said. */
  readonly falls: string;
  /** Simulated length of the run; events at exactly its end are delivered. */
  readonly horizon: Duration;
  readonly seed: string;
  readonly subscription: string;
  /** Resource group of the machines (in a cluster: the node resource group). */
  readonly resourceGroup: string;
  readonly location: string;
  /** User-assigned identities that exist at the start, as written. */
  readonly identities: readonly IdentityDescription[];
  /** App registrations that exist at the start. */
  readonly applications: readonly ApplicationDescription[];
  readonly services: readonly ServiceRow[];
  /** Role assignments that were made long before the start. */
  readonly roles: readonly RoleDescription[];
  /** Security groups of the directory. */
  readonly groups: readonly DirectoryGroup[];
  /** Memberships and application roles of long before the start. */
  readonly claims: readonly ClaimDescription[];
  /** VMs outside the cluster that exist at the start. */
  readonly virtualMachines: readonly VirtualMachineDescription[];
  /** Scale sets outside the cluster that exist at the start. */
  readonly scaleSets: readonly ScaleSetDescription[];
  readonly cluster?: ClusterDescription;
  /** Every application, on machines and in pods, machines that the story makes included. Names are unique. */
  readonly workloads: readonly WorkloadRow[];
  /** What happens, in order of time; of one time, the installation comes first, then manifests, then the story, each as written. */
  readonly steps: readonly StoryStep[];
  readonly expectations: readonly Expectation[];
  /** The real incident this scenario re-enacts; absent in others. */
  readonly incident?: IncidentDescription<ScenarioDescription>;
  /** Knobs set by flags of MIC and NMI and by `parameters:`; the latter win. Checked: `resolve` accepts them. */
  readonly overrides: Overrides;
}

/** The Kubernetes cluster. */
export interface ClusterDescription {
  readonly network: 'azure' | 'kubenet';
  readonly nodePools: readonly NodePoolDescription[];
  /** What the API server refuses. */
  readonly admission: readonly AdmissionRule[];
  /** Network policies, one of a namespace. */
  readonly egress: readonly EgressPolicy[];
  /** `cold`: everything at time zero has yet to happen. `settled`: it happened long ago. */
  readonly start: 'cold' | 'settled';
  /** Its OIDC issuer and the webhook of workload identity; absent: it has neither. */
  readonly workloadIdentity?: WorkloadIdentitySettings;
  /** Absent: neither MIC nor NMI is installed. */
  readonly podIdentity?: PodIdentityDescription;
}

/** A pool of nodes. */
export interface NodePoolDescription {
  readonly name: string;
  /** Nodes at the start [1] -- changes. */
  readonly nodes: number;
  /** `vmss`: one scale set; `vm`: a VM for each node. */
  readonly kind: 'vmss' | 'vm';
  /** Most pods on a node [1] -- constant; absent: as the network plug-in has it. */
  readonly maxPods?: number;
  readonly systemAssigned: 'enabled' | 'disabled';
  /** ARM ids of the user-assigned identities its scale set, or each of its VMs, carries at the start. */
  readonly identities: readonly string[];
  /** Images that its nodes have when they boot. */
  readonly images: readonly string[];
  readonly taints: readonly Taint[];
  /** Taints its later nodes come with, until NMI is ready on them. */
  readonly startupTaints: readonly Taint[];
  /** Bounds of the cluster autoscaler; absent: it leaves the pool alone. */
  readonly autoscaler?: { readonly min: number; readonly max: number };
}

/** How pod identity is installed. */
export interface PodIdentityDescription {
  /** Where MIC and NMI come from: made by the loader, or found among the manifests. Either way a step applies them. */
  readonly source: 'builtin' | 'manifests';
  readonly micFlags: MicFlags;
  readonly nmiFlags: NmiFlags;
  /** Ready for the table `settings`. */
  readonly settings: PodIdentitySettings;
  /** azure.json at the start; absent: as `settings` has the cluster's identity. */
  readonly cloudConfig?: CloudConfig;
}

/** Name of the scale set behind a pool of kind `vmss`. */
export function scaleSetOfPool(pool: NodePoolDescription): string {
  return `aks-${pool.name}-vmss`;
}

/** Name of the n-th node of a pool, n from 0; also the name of its VM. */
export function nodeOfPool(pool: NodePoolDescription, n: number): string {
  return pool.kind === 'vmss' ? instanceName(scaleSetOfPool(pool), n) : `aks-${pool.name}-vm-${String(n)}`;
}

/** Names of the nodes a pool starts with. */
export function nodesOfPool(pool: NodePoolDescription): readonly string[] {
  return Array.from({ length: pool.nodes }, (_, n) => nodeOfPool(pool, n));
}

export type {
  ApplicationDescription,
  ClaimDescription,
  FederatedDescription,
  IdentityDescription,
  RoleDescription,
  ScaleSetDescription,
  VirtualMachineDescription,
} from './description/azure-start.ts';
export type {
  AfterStep,
  AlwaysExpectation,
  Claim,
  EventuallyExpectation,
  Expectation,
  MeasureClaim,
  MeasureExpectation,
  SometimesExpectation,
} from './description/expectation.ts';
export type { FaultDescription, StepAction, StoryStep } from './description/story-step.ts';
