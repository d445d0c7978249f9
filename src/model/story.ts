/** The story as the operator acts it out: timed steps, each a list of actions that all happen at once. */
import type { FaultRule } from '../kernel/network.ts';
import type { Duration } from '../kernel/time.ts';
import type { ClaimChange, PrincipalChange } from './directory.ts';
import type { ExternalJob } from './external-writer.ts';
import type { Taint } from './kubernetes.ts';
import type { ApiCall } from './messages/kubernetes.ts';
import type { ArmCall, ServicePrincipalRef } from './messages/arm.ts';
import type { CloudConfig } from './settings.ts';
import type { TaintName } from './taints.ts';
import type { RulesDisturbance } from './messages/token.ts';
import type { Message, MessageOf } from './messages/index.ts';

/** Somebody changes what an application may sign in with: secrets, certificates, federated credentials. */
export type CredentialChange = MessageOf<
  'CredentialWanted' | 'CredentialUnwanted' | 'FederatedCredentialWanted' | 'FederatedCredentialUnwanted'
>;

/** One thing the operator does. */
export type OperatorAction =
  | { readonly kind: 'api'; readonly call: ApiCall }
  | { readonly kind: 'arm'; readonly call: ArmCall }
  /** Somebody else at ARM: `writer` is the first part of the actor's id, and so the principal it is throttled as. */
  | { readonly kind: 'external'; readonly writer: string; readonly job: ExternalJob }
  /** A signal to MIC's leader, all MIC replicas, or the NMI of one or all nodes. */
  | { readonly kind: 'signal'; readonly component: 'mic' | 'nmi'; readonly which: string; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** Platform-side credential roll of a principal, now. By resource id of the identity, or of the VM or scale set. */
  | { readonly kind: 'roll'; readonly resourceId: string }
  /** Somebody changes the credentials of an application at Entra. */
  | { readonly kind: 'credential'; readonly change: CredentialChange }
  /** The cluster signs tokens of service accounts with a new key from now on. */
  | { readonly kind: 'rotateSigningKeys' }
  /** Somebody changes the groups or the application roles of a principal. */
  | { readonly kind: 'claim'; readonly of: ServicePrincipalRef; readonly change: ClaimChange }
  | { readonly kind: 'principal'; readonly of: ServicePrincipalRef; readonly change: PrincipalChange }
  /** Another azure.json on all nodes: written in place, or a file that takes its name. */
  | { readonly kind: 'cloudConfig'; readonly config: CloudConfig; readonly how: 'write' | 'rename' }
  | { readonly kind: 'inject'; readonly rule: FaultRule<Message> }
  | { readonly kind: 'restore'; readonly id: string }
  /** Somebody changes the nat table of a node, or of all of them. */
  | { readonly kind: 'disturbRules'; readonly node: string; readonly op: RulesDisturbance; readonly hold: Duration }
  /** Processes stop where they are, until `restore` of that id. `machine`: everything on the node of the first. */
  | {
      readonly kind: 'freeze';
      readonly id: string;
      readonly component: 'mic' | 'nmi';
      readonly which: string;
      readonly scope: 'process' | 'machine';
    }
  | { readonly kind: 'stall'; readonly id: string; readonly watcher: string; readonly table: string; readonly ends: 'restore' | 'timeout' }
  | { readonly kind: 'drain'; readonly node: string }
  /** kubectl taint: of the taints removed, `effect` `''` means all of that key. */
  | { readonly kind: 'taint'; readonly node: string; readonly add: readonly Taint[]; readonly remove: readonly TaintName[] }
  /** The machine under a node reboots, fails until it is repaired, or is a spot VM that Azure takes back. */
  | { readonly kind: 'machine'; readonly node: string; readonly how: 'reboot' | 'fail' | 'evictSpot' }
  /** Takes a node away: `lost` without warning, `deleted` through the API and its VM. */
  | { readonly kind: 'removeNode'; readonly node: string; readonly how: 'lost' | 'deleted' };

/** One step. Key: `step-0007`, in order. */
export interface StoryRow {
  readonly id: string;
  /** Time since the start. */
  readonly at: Duration;
  readonly text: string;
  readonly actions: readonly OperatorAction[];
}
