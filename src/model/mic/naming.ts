/**
 * Names and scopes of AzureAssignedIdentities, and which AzureIdentities count at all.
 *
 * Follows aad-pod-identity v1.8.17 pkg/mic/mic.go (getAssignedIDName, makeAssignedIDs, convertIDListToMap),
 * pkg/apis/aadpodidentity/utils.go (IsNamespacedIdentity) and pkg/utils/utils.go (ValidateResourceID).
 */
import { BEHAVIOR_ANNOTATION } from '../kubernetes.ts';
import type { AzureIdentity } from '../kubernetes.ts';

/** Flags that decide where identities count and where their assignments live. */
export interface NamespaceRule {
  /** `--forceNamespaced`. */
  readonly scope: 'cluster' | 'namespaced';
  /** Namespace of AzureAssignedIdentities that are not namespaced. */
  readonly sharedNamespace: string;
}

/** Unanchored and blind to letter case, as upstream's pattern. */
const USER_ASSIGNED_ID =
  /\/subscriptions\/(.+?)\/resourcegroups\/(.+?)\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/(.+)/iu;

/**
 * Name of an AzureAssignedIdentity. Faithful: the namespace of the AzureIdentity is no part of it, and the dashes between the parts
 * are those the parts may contain, so two pods can want one name (W40, W41).
 */
export function assignedIdentityName(of: { readonly pod: string; readonly podNamespace: string; readonly identity: string }): string {
  return `${of.pod}-${of.podNamespace}-${of.identity}`;
}

/** Whether an AzureIdentity counts only for pods and bindings of its own namespace. */
export function isNamespaced(identity: AzureIdentity, rule: NamespaceRule): boolean {
  return rule.scope === 'namespaced' || identity.metadata.annotations[BEHAVIOR_ANNOTATION] === 'namespaced';
}

/** Where the AzureAssignedIdentity of an AzureIdentity lives. */
export function assignedIdentityNamespace(identity: AzureIdentity, rule: NamespaceRule): string {
  return isNamespaced(identity, rule) ? identity.metadata.namespace : rule.sharedNamespace;
}

/** Whether a resource id is one of a user-assigned identity. */
export function isUserAssignedId(resourceID: string): boolean {
  return USER_ASSIGNED_ID.test(resourceID);
}

/** Whether a cycle sees the AzureIdentity at all. Faithful: a type-0 identity with a malformed resource id is as good as absent. */
export function isUsable(identity: AzureIdentity): boolean {
  return identity.spec.type !== 0 || isUserAssignedId(identity.spec.resourceID);
}
