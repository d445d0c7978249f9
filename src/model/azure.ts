/**
 * Azure resources, principals and tokens as the simulator keeps them.
 *
 * Follows ARM resource shapes (Microsoft.Compute, Microsoft.ManagedIdentity, Microsoft.Authorization) and Entra service principals;
 * only what something here reads. Resource ids compare case-insensitively; tables are keyed by the lower-case id.
 */
import type { Moment } from '../kernel/time.ts';

/** Identity type of a VM or scale set as ARM spells it; `''` where the resource has no identity block. */
export type IdentityType = '' | 'None' | 'SystemAssigned' | 'UserAssigned' | 'SystemAssigned, UserAssigned';

/** Provisioning state of a resource. */
type ProvisioningState = 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';

/** A VM or a virtual machine scale set: the resources that carry identities. */
export interface ComputeResource {
  readonly kind: 'vm' | 'vmss';
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly identityType: IdentityType;
  /** Ids of user-assigned identities, spelled as first written; by lower-case id there is at most one. */
  readonly userAssigned: readonly string[];
  /** Principal of the system-assigned identity, if enabled. */
  readonly systemAssigned?: { readonly principalId: string; readonly clientId: string };
  readonly provisioningState: ProvisioningState;
  /** Wanted number of instances (scale sets). */
  readonly capacity: number;
  /** Counts the changes of the resource, begun and ended: its ETag. */
  readonly generation: number;
}

/** When an identity can be used at the IMDS of the VMs of a resource: a platform-internal record, one row per (resource, identity). */
export interface IdentityGrant {
  /** Lower-case id of the VM or scale set. */
  readonly resource: string;
  /** Lower-case id of the identity, or `system`. */
  readonly identity: string;
  readonly clientId: string;
  readonly principalId: string;
  /** Start and planned length [µs] of the operation that attached it: each IMDS sees it at its own fraction of that. */
  readonly attachStartedAt: Moment;
  readonly attachTook: number;
  /** When it was detached; each IMDS keeps it a little longer. */
  readonly detachedAt?: Moment;
  /** When the incarnation before this one was detached: an IMDS may still remember that one. */
  readonly previousDetachedAt?: Moment;
  /** Attached anew after a detachment that old IMDS entries may still remember. */
  readonly incarnation: number;
}

/** For whom the draws are that say when an IMDS (its actor) sees and forgets an identity. */
export function subjectAtImds(imds: string, identity: string): string {
  return `${imds}|${identity}`;
}

/** A user-assigned managed identity. */
export interface UserAssignedIdentity {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly clientId: string;
  readonly principalId: string;
}

/** A grant of a role to a principal on a scope. Lingers when its principal is deleted. */
export interface RoleAssignment {
  readonly id: string;
  readonly principalId: string;
  readonly role: string;
  /** Id of the resource, group or service it covers; compared by prefix. */
  readonly scope: string;
  readonly createdAt: Moment;
  readonly deletedAt?: Moment;
}

/** A credential of a principal. */
export interface Credential {
  readonly kind: 'certificate' | 'secret';
  /** Thumbprint or key id. */
  readonly keyId: string;
  /** The secret text; for certificates a name of the private key. */
  readonly value: string;
  readonly notBefore: Moment;
  readonly notAfter: Moment;
  /** When the first replica of the directory takes it, and when all do; absent: they have long known it. */
  readonly spread?: { readonly from: Moment; readonly until: Moment };
  /** When the first replica stopped taking it because it was removed, and when the last did; absent: it stands. */
  readonly removal?: { readonly from: Moment; readonly until: Moment };
}

/** A service principal in the directory. */
export interface ServicePrincipal {
  readonly objectId: string;
  readonly appId: string;
  readonly kind: 'systemAssigned' | 'userAssigned' | 'application';
  readonly displayName: string;
  /** ARM id of the managed identity's resource, as `xms_mirid` carries it; `''` for applications. */
  readonly resourceId: string;
  readonly createdAt: Moment;
  /** When all replicas of the directory know it. */
  readonly replicatedAt: Moment;
  readonly credentials: readonly Credential[];
  /** Soft-deleted since. */
  readonly deletedAt?: Moment;
  /** Last taken back from soft deletion; the replicas learn of it from then on, until `replicatedAt`. */
  readonly restoredAt?: Moment;
  /** Its sign-in is blocked since. */
  readonly disabledAt?: Moment;
  /** Tokens issued before are revoked. */
  readonly tokensRevokedAt?: Moment;
}

/** An access token: the claims, as a verifier reads them. Moments are simulated time. */
export interface AccessToken {
  /** Unique token identifier (`uti`). */
  readonly uti: string;
  readonly audience: string;
  readonly issuer: string;
  readonly objectId: string;
  readonly appId: string;
  /** `xms_mirid`: ARM id of the managed identity; `''` for applications. */
  readonly mirid: string;
  readonly issuedAt: Moment;
  readonly notBefore: Moment;
  readonly expiresAt: Moment;
  /** `groups`: object ids of the groups the principal was in at the issue; absent: none. */
  readonly groups?: readonly string[];
  /** `roles`: application roles it had at the audience at the issue; absent: none. */
  readonly roles?: readonly string[];
}

/** Tenant of every world. */
export const TENANT = '72f9c0de-1d00-4000-8000-000000000001';

/** ARM id of a resource, in the usual spelling. */
export function resourceId(parts: {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly provider: string;
  readonly type: string;
  readonly name: string;
}): string {
  return `/subscriptions/${parts.subscription}/resourceGroups/${parts.resourceGroup}/providers/${parts.provider}/${parts.type}/${parts.name}`;
}

/** ARM id of a resource group. */
export function resourceGroupId(subscription: string, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${name}`;
}

/** Whether a scope is a management group. Simplified: each is above every subscription of the world. */
export function isManagementGroup(scope: string): boolean {
  return scope.toLowerCase().startsWith('/providers/microsoft.management/managementgroups/');
}

/** Whether a scope covers a resource: equal, or an ancestor, letter case aside. */
export function isCovered(scope: string, id: string): boolean {
  if (scope === id) return true;
  const outer = scope.toLowerCase().replace(/\/$/, '');
  const inner = id.toLowerCase();
  return isManagementGroup(scope) || inner === outer || inner.startsWith(`${outer}/`);
}
