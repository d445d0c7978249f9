/** What is said to and by Azure Resource Manager and the resource providers behind it. */
import type { Duration } from '../../kernel/time.ts';
import type { ComputeResource, IdentityType } from '../azure.ts';

/** A VM or scale set by kind and name; ARM compares names case-insensitively. */
export interface ResourceRef {
  readonly kind: 'vm' | 'vmss';
  readonly name: string;
}

/** One entry of the `userAssignedIdentities` map of a PATCH: an object adds, null removes. */
export interface IdentityDelta {
  readonly id: string;
  readonly action: 'add' | 'remove';
}

/** Header If-Match of a write: the generation its caller has read. Looked at while `vmss.etag.enforced` is on. */
interface Conditional {
  readonly ifMatch?: number;
}

/**
 * Identity block of a PUT: all of it. `echoed`: the entries carry the read-only client and principal ids of a GET, as a caller writes
 * them that sends back the model it read.
 */
interface IdentityBlock extends Conditional {
  readonly systemAssigned: boolean;
  readonly identities: readonly string[];
  readonly entries?: 'plain' | 'echoed';
}

/** A pod identity of the managed cluster, and the node pools that are written with it. */
interface PodIdentityRef {
  readonly namespace: string;
  readonly name: string;
  readonly pools: readonly ResourceRef[];
}

/** One call of ARM. */
export type ArmCall =
  | { readonly op: 'get'; readonly resource: ResourceRef }
  /** Body `identity{type, userAssignedIdentities}` only; `delta` absent: no id map. */
  | ({
      readonly op: 'patchIdentity';
      readonly resource: ResourceRef;
      readonly identityType: IdentityType;
      readonly delta?: readonly IdentityDelta[];
    } & Conditional)
  /** PUT (CreateOrUpdate) of a model as a GET showed it, with another identity list; whatever else changed meanwhile is put back. */
  | {
      readonly op: 'putIdentities';
      readonly resource: ResourceRef;
      readonly identityType: IdentityType;
      readonly identities: readonly string[];
      readonly capacity: number;
    }
  | { readonly op: 'pollOperation'; readonly operation: string }
  /** The instances of a scale set with their state: a read that costs more. */
  | { readonly op: 'getInstanceView'; readonly resource: ResourceRef }
  | ({ readonly op: 'putVm'; readonly name: string } & IdentityBlock)
  | ({ readonly op: 'putScaleSet'; readonly name: string; readonly instances: number } & IdentityBlock)
  | ({ readonly op: 'scaleScaleSet'; readonly name: string; readonly capacity: number } & Conditional)
  /** An update that changes nothing of what is modelled, such as one of tags or of an extension. */
  | { readonly op: 'putTags'; readonly resource: ResourceRef }
  /** Removes one instance of a scale set. */
  | { readonly op: 'deleteInstance'; readonly scaleSet: string; readonly instance: string }
  | { readonly op: 'deleteResource'; readonly resource: ResourceRef }
  /** `az vm identity assign` and its like: the caller does GET and PATCH itself; one call here. */
  | { readonly op: 'assignIdentity'; readonly resource: ResourceRef; readonly identity: string }
  | { readonly op: 'unassignIdentity'; readonly resource: ResourceRef; readonly identity: string }
  | { readonly op: 'setSystemAssigned'; readonly resource: ResourceRef; readonly state: 'enabled' | 'disabled' }
  | { readonly op: 'putIdentity'; readonly name: string; readonly resourceGroup: string; readonly clientId?: string }
  | { readonly op: 'getIdentity'; readonly id: string }
  | { readonly op: 'deleteIdentity'; readonly id: string }
  | {
      readonly op: 'putFederatedCredential';
      readonly identity: string;
      readonly name: string;
      readonly issuer: string;
      readonly subject: string;
    }
  | { readonly op: 'deleteFederatedCredential'; readonly identity: string; readonly name: string }
  | { readonly op: 'deleteResourceGroup'; readonly name: string }
  /** `az aks delete`: the control plane, and the resource group of the nodes. */
  | { readonly op: 'deleteCluster' }
  /** PUT of an agent pool at AKS: admitted or throttled. The resource provider of AKS then writes the scale set on its own account. */
  | { readonly op: 'putAgentPool'; readonly pool: string }
  /**
   * `az aks pod-identity add` and `delete`: the caller reads the managed cluster and writes it back with one pod identity more or less; one
   * call here. `pools`: the node pools of the cluster.
   */
  | ({ readonly op: 'putPodIdentity'; readonly identity: string } & PodIdentityRef)
  | ({ readonly op: 'deletePodIdentity' } & PodIdentityRef)
  /** `principalType` omitted: ARM looks the principal up, and may meet a replica of the directory that does not know it yet. */
  | {
      readonly op: 'putRoleAssignment';
      readonly principal: PrincipalRef;
      readonly role: string;
      readonly scope: string;
      readonly principalType?: 'given' | 'omitted';
    }
  | { readonly op: 'deleteRoleAssignment'; readonly principal: PrincipalRef; readonly role: string; readonly scope: string };

/** A service principal: of a user-assigned identity by its id, of the system-assigned identity of a resource, or of an application. */
export type ServicePrincipalRef =
  { readonly identity: string } | { readonly systemAssignedOf: ResourceRef } | { readonly application: string; readonly objectId: string };

/** Who gets a role: a service principal, or a group. */
export type PrincipalRef = ServicePrincipalRef | { readonly group: string; readonly objectId: string };

/** Messages of this area. */
export type ArmMessage =
  | { readonly type: 'ArmRequest'; readonly request: string; readonly call: ArmCall }
  | {
      readonly type: 'ArmResponse';
      readonly request: string;
      /** 200, 201, 202, 400, 403, 404, 409, 412, 429, 5xx. */
      readonly status: number;
      readonly resource?: ComputeResource;
      /** Of an instance view: names of the instances. Of an identity: its client and principal ids. */
      readonly instances?: readonly string[];
      readonly identity?: { readonly clientId: string; readonly principalId: string };
      /** Of a 202: what to poll. */
      readonly operation?: string;
      readonly operationStatus?: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
      readonly error?: { readonly code: string; readonly message: string };
      readonly retryAfter?: Duration;
    }
  /** A write has been looked at and is now accepted or refused. Timer of ARM. */
  | { readonly type: 'CallDue'; readonly client: string; readonly request: string; readonly call: ArmCall }
  /** A long-running operation ends. Timer of ARM. */
  | { readonly type: 'OperationDue'; readonly operation: string }
  /** ARM to the directory: a managed identity needs, or loses, its service principal. */
  | {
      readonly type: 'PrincipalWanted';
      readonly operation: string;
      readonly kind: 'systemAssigned' | 'userAssigned';
      readonly resourceId: string;
      readonly displayName: string;
      readonly clientId?: string;
    }
  | { readonly type: 'PrincipalReady'; readonly operation: string; readonly objectId: string; readonly appId: string }
  | { readonly type: 'PrincipalUnwanted'; readonly objectId: string }
  /** The same for federated credentials of its principal. */
  | {
      readonly type: 'FederatedCredentialWanted';
      readonly operation: string;
      readonly principalId: string;
      readonly name: string;
      readonly issuer: string;
      readonly subject: string;
    }
  | {
      readonly type: 'FederatedCredentialUnwanted';
      readonly operation: string;
      readonly principalId: string;
      readonly name: string;
    }
  | {
      readonly type: 'FederatedCredentialDone';
      readonly operation: string;
      readonly status: number;
      readonly error?: { readonly code: string; readonly message: string };
    }
  /** ARM to the resource provider of AKS: a pod identity comes or goes; `identity` is `''` in a deletion. */
  | {
      readonly type: 'PodIdentityChange';
      readonly operation: string;
      readonly action: 'add' | 'delete';
      readonly subject: { readonly namespace: string; readonly name: string; readonly identity: string };
      readonly pools: readonly ResourceRef[];
    }
  | {
      readonly type: 'PodIdentityDone';
      readonly operation: string;
      readonly status: number;
      readonly error?: { readonly code: string; readonly message: string };
    }
  /** ARM to a scale set: how many instances it shall have; to drop one by name. */
  | { readonly type: 'CapacityWanted'; readonly scaleSet: string; readonly capacity: number }
  | { readonly type: 'InstanceUnwanted'; readonly scaleSet: string; readonly instance: string }
  /** A scale set or VM as it is to be created; first message of its actor. */
  | { readonly type: 'ComputeCreated'; readonly resource: string; readonly instances: number; readonly start: 'settled' | 'cold' }
  | { readonly type: 'ComputeDeleted'; readonly resource: string }
  /** Timers of scale sets. */
  | { readonly type: 'InstanceDue'; readonly instance: string; readonly step: 'provisioned' | 'deleted' };
