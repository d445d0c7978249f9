/**
 * The identity block of a VM or scale set: what its type says, and what a PATCH makes of it.
 *
 * Follows ARM's Microsoft.Compute `identity{type, userAssignedIdentities}` (api-version 2019-12-01): the id map of a PATCH is a delta,
 * ids compare case-insensitively and keep the spelling in which they were first written.
 */
import type { IdentityType } from './azure.ts';
import type { IdentityDelta } from './messages/arm.ts';

/** The identity block of a resource. */
export interface ResourceIdentity {
  readonly identityType: IdentityType;
  /** Ids spelled as first written; by lower-case id there is at most one. */
  readonly userAssigned: readonly string[];
}

/** Body of a PATCH that carries an identity block; `delta` absent: no id map. */
export interface IdentityPatch {
  readonly identityType: IdentityType;
  readonly delta?: readonly IdentityDelta[];
}

/** What differs between two identity blocks. */
export interface IdentityChange {
  /** User-assigned ids, as spelled in the newer block. */
  readonly added: readonly string[];
  /** User-assigned ids, as spelled in the older block. */
  readonly removed: readonly string[];
  readonly systemAssigned: 'enabled' | 'disabled' | 'unchanged';
}

/** Whether a type includes the system-assigned identity. */
export function hasSystemAssigned(type: IdentityType): boolean {
  return type === 'SystemAssigned' || type === 'SystemAssigned, UserAssigned';
}

/** Whether a type includes user-assigned identities. */
export function hasUserAssigned(type: IdentityType): boolean {
  return type === 'UserAssigned' || type === 'SystemAssigned, UserAssigned';
}

/** The type that says exactly this; `None` where there is neither. */
export function identityTypeOf(has: { readonly system: 'enabled' | 'disabled'; readonly users: number }): IdentityType {
  if (has.system === 'enabled') return has.users > 0 ? 'SystemAssigned, UserAssigned' : 'SystemAssigned';
  return has.users > 0 ? 'UserAssigned' : 'None';
}

/**
 * The block after a PATCH. A type without user-assigned identities drops them all, map or no map; otherwise the map is a delta, applied
 * entry by entry. No check of type against ids: ARM makes none.
 */
export function patched(identity: ResourceIdentity, patch: IdentityPatch): ResourceIdentity {
  const { identityType } = patch;
  if (!hasUserAssigned(identityType)) return { identityType, userAssigned: [] };
  let userAssigned = [...identity.userAssigned];
  for (const { id, action } of patch.delta ?? []) {
    if (action === 'remove') userAssigned = userAssigned.filter((present) => !isSameId(present, id));
    else if (!includesId(userAssigned, id)) userAssigned.push(id);
  }
  return { identityType, userAssigned };
}

/** The PATCH that adds one user-assigned identity and leaves the rest. */
export function patchAdding(identity: ResourceIdentity, id: string): IdentityPatch {
  const system = hasSystemAssigned(identity.identityType) ? 'enabled' : 'disabled';
  return { identityType: identityTypeOf({ system, users: 1 }), delta: [{ id, action: 'add' }] };
}

/** The PATCH that removes one user-assigned identity and leaves the rest; of the last one the type goes with it. */
export function patchRemoving(identity: ResourceIdentity, id: string): IdentityPatch {
  const system = hasSystemAssigned(identity.identityType) ? 'enabled' : 'disabled';
  const users = identity.userAssigned.filter((present) => !isSameId(present, id)).length;
  return { identityType: identityTypeOf({ system, users }), delta: [{ id, action: 'remove' }] };
}

/** The PATCH that switches the system-assigned identity and leaves the rest. */
export function patchSystemAssigned(identity: ResourceIdentity, system: 'enabled' | 'disabled'): IdentityPatch {
  return { identityType: identityTypeOf({ system, users: identity.userAssigned.length }), delta: [] };
}

/** What came and went between two blocks. */
export function changeBetween(before: ResourceIdentity, after: ResourceIdentity): IdentityChange {
  const had = hasSystemAssigned(before.identityType);
  const has = hasSystemAssigned(after.identityType);
  return {
    added: after.userAssigned.filter((id) => !includesId(before.userAssigned, id)),
    removed: before.userAssigned.filter((id) => !includesId(after.userAssigned, id)),
    systemAssigned: had === has ? 'unchanged' : has ? 'enabled' : 'disabled',
  };
}

/** Whether nothing came or went; `''` and `None` say the same. */
export function isUnchanged(change: IdentityChange): boolean {
  return change.added.length === 0 && change.removed.length === 0 && change.systemAssigned === 'unchanged';
}

/** Whether a list holds an id, letter case aside. */
export function includesId(ids: readonly string[], id: string): boolean {
  return ids.some((present) => isSameId(present, id));
}

function isSameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
