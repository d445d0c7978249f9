/** One step of what happens: when, what, and where it is written. */
import type { Duration } from '../../kernel/time.ts';
import type { ExternalJob } from '../../model/external-writer.ts';
import type { ClaimChange, PrincipalChange } from '../../model/directory.ts';
import type { PrincipalRef, ResourceRef, ServicePrincipalRef } from '../../model/messages/arm.ts';
import type { KubernetesKind, KubernetesObject, Taint } from '../../model/kubernetes.ts';
import type { RulesDisturbance } from '../../model/messages/token.ts';
import type { CloudConfig } from '../../model/settings.ts';
import type { CredentialChange } from '../../model/story.ts';
import type { TableName } from '../../model/tables.ts';
import type { TaintName } from '../../model/taints.ts';
import type { IdentityDescription, ScaleSetDescription, VirtualMachineDescription } from './azure-start.ts';
import type { Place } from '../problem.ts';

/** Who wrote a step: the built-in installation of MIC and NMI, a manifest, or the story. */
export type StepOrigin = 'installation' | 'manifest' | 'story';

/** One step. */
export interface StoryStep {
  /** `step-0001`, in order. */
  readonly id: string;
  /** Time since the start; at most the horizon. */
  readonly at: Duration;
  /** Sentence for the report; made from the action if the author gave none. */
  readonly text: string;
  readonly origin: StepOrigin;
  readonly place: Place;
  readonly action: StepAction;
}

/** What is done in a step. */
export type StepAction =
  /** kubectl apply of all objects, in order. `file` is `''` for objects in the scenario itself. */
  | { readonly verb: 'apply'; readonly file: string; readonly objects: readonly KubernetesObject[] }
  | { readonly verb: 'delete'; readonly targets: readonly { readonly kind: KubernetesKind; readonly key: string }[] }
  | { readonly verb: 'deleteNamespace'; readonly namespace: string }
  | { readonly verb: 'scale'; readonly what: 'Deployment' | 'StatefulSet'; readonly key: string; readonly to: number }
  /** A node pool: its scale set changes its capacity; a pool of VMs gains or loses the VMs of the highest numbers. */
  | { readonly verb: 'scalePool'; readonly pool: string; readonly to: number }
  | { readonly verb: 'scaleScaleSet'; readonly name: string; readonly to: number }
  | { readonly verb: 'drain'; readonly node: string }
  | { readonly verb: 'cordon'; readonly node: string; readonly state: 'cordoned' | 'open' }
  | { readonly verb: 'taint'; readonly node: string; readonly add: readonly Taint[]; readonly remove: readonly TaintName[] }
  /** The machine under a node: rebooted, failed until repaired, or a spot VM that is taken back. */
  | { readonly verb: 'machine'; readonly node: string; readonly how: 'reboot' | 'fail' | 'evictSpot' }
  | { readonly verb: 'removeNode'; readonly node: string; readonly how: 'lost' | 'deleted' }
  /** Platform-side roll of a credential; `resourceId` is the ARM id of the identity, VM or scale set. */
  | { readonly verb: 'roll'; readonly resourceId: string }
  /** Credentials of an application, named `application`, change at Entra. */
  | {
      readonly verb: 'changeCredential';
      readonly application: string;
      readonly change: CredentialChange;
    }
  /** Groups or application roles of a principal change. `what`: a sentence for the report. */
  | { readonly verb: 'changeClaim'; readonly of: ServicePrincipalRef; readonly what: string; readonly change: ClaimChange }
  /** A principal is deleted, restored, disabled …; `what`: a sentence for the report. */
  | { readonly verb: 'changePrincipal'; readonly of: ServicePrincipalRef; readonly what: string; readonly change: PrincipalChange }
  /** Another azure.json on the nodes. */
  | { readonly verb: 'rewriteCloudConfig'; readonly config: CloudConfig; readonly how: 'write' | 'rename' }
  | { readonly verb: 'createIdentity'; readonly identity: IdentityDescription }
  | { readonly verb: 'deleteIdentity'; readonly identityId: string }
  | {
      readonly verb: 'putFederatedCredential';
      readonly identityId: string;
      readonly name: string;
      readonly issuer: string;
      readonly subject: string;
    }
  | { readonly verb: 'rotateSigningKeys' }
  /** The add-on of AKS. `identityId`: `''` in a deletion; `pools`: the scale sets or VMs of the node pools. */
  | {
      readonly verb: 'changePodIdentity';
      readonly action: 'add' | 'delete';
      readonly namespace: string;
      readonly name: string;
      readonly identityId: string;
      readonly pools: readonly ResourceRef[];
    }
  | { readonly verb: 'deleteFederatedCredential'; readonly identityId: string; readonly name: string }
  /** Several resources only where a pool of VMs is meant. */
  | { readonly verb: 'assignIdentity'; readonly identityId: string; readonly to: readonly ResourceRef[] }
  | { readonly verb: 'unassignIdentity'; readonly identityId: string; readonly from: readonly ResourceRef[] }
  | { readonly verb: 'setSystemAssigned'; readonly state: 'enabled' | 'disabled'; readonly resources: readonly ResourceRef[] }
  | { readonly verb: 'createVm'; readonly vm: VirtualMachineDescription }
  | { readonly verb: 'createScaleSet'; readonly scaleSet: ScaleSetDescription }
  | { readonly verb: 'deleteVm'; readonly name: string }
  | { readonly verb: 'deleteScaleSet'; readonly name: string }
  | {
      readonly verb: 'assignRole';
      readonly to: PrincipalRef;
      readonly role: string;
      readonly scope: string;
      readonly principalType: 'given' | 'omitted';
    }
  | { readonly verb: 'deleteResourceGroup'; readonly name: string }
  /** The cluster, with the resource group of its nodes. */
  | { readonly verb: 'deleteCluster' }
  /** Others at ARM. `writer`: as whom; `what`: a sentence for the report. */
  | { readonly verb: 'externalWrite'; readonly writer: string; readonly what: string; readonly jobs: readonly ExternalJob[] }
  | { readonly verb: 'removeRole'; readonly to: PrincipalRef; readonly role: string; readonly scope: string }
  /** `which`: `leader`, `all`, or the name of a node. */
  | { readonly verb: 'kill'; readonly component: 'mic' | 'nmi'; readonly which: string; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** `node`: a name, or `all`. */
  | { readonly verb: 'disturbRules'; readonly node: string; readonly how: RulesDisturbance; readonly hold: Duration }
  | {
      readonly verb: 'freeze';
      readonly id: string;
      readonly component: 'mic' | 'nmi';
      readonly which: string;
      readonly scope: 'process' | 'machine';
    }
  | { readonly verb: 'fault'; readonly fault: FaultDescription }
  /** A watch delivers nothing. `node` is `''` for MIC. */
  | {
      readonly verb: 'stall';
      readonly id: string;
      readonly component: 'mic' | 'nmi';
      readonly node: string;
      readonly table: TableName;
      readonly ends: 'restore' | 'timeout';
    }
  | { readonly verb: 'restore'; readonly id: string };

/** A rule that the network follows from now on. */
export interface FaultDescription {
  readonly id: string;
  /** Senders: actor id, or prefix that ends in `*`; absent: any. */
  readonly from?: string;
  /** Receivers, likewise. */
  readonly to?: string;
  /** Message type; absent: any. */
  readonly type?: string;
  /** Fields of the message, by dotted path, that must be equal. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** Share of the matching messages, 0 to 1 [1] -- constant. */
  readonly probability?: number;
  /** Messages it takes before it is spent [1] -- constant. */
  readonly times?: number;
  readonly action:
    | { readonly kind: 'delay'; readonly by: Duration }
    | { readonly kind: 'drop' }
    | { readonly kind: 'answer'; readonly status: number; readonly code: string; readonly message: string; readonly retryAfter?: Duration };
}
