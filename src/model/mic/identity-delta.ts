/**
 * What to PATCH so that a resource gains and loses identities.
 *
 * Follows pkg/cloudprovider/vm.go and vmss.go (SetUserIdentities), identity.go (getUpdatedResourceIdentityType) and truncate.go.
 */
import type { IdentityType } from '../azure.ts';
import type { IdentityDelta } from '../messages/arm.ts';

/** What a GET showed. */
export interface IdentityBlock {
  readonly type: IdentityType;
  readonly ids: readonly string[];
}

/** What is wanted. */
export interface Wanted {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Which list is gone through first. It matters only when an id stands in both lists in different letter case (W23). */
  readonly first: 'remove' | 'add';
  /** How ids are compared; they are sent as compared. Default `ignored`: in lower case. */
  readonly letterCase?: 'ignored' | 'significant';
}

/** What to do about it. `clear`: the set becomes empty, and the PATCH carries a type and no ids. */
export type IdentityPlan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'clear'; readonly type: IdentityType }
  | { readonly kind: 'delta'; readonly type: IdentityType; readonly delta: readonly IdentityDelta[] };

/**
 * Plans one update. Ids are compared and sent in lower case; an id in both lists, spelled the same, is added. Faithful: whenever no
 * user-assigned id would be left the plan is `clear`, even if nothing was there, and that takes the type to None for everything but
 * "SystemAssigned, UserAssigned"; a resource with only a system-assigned identity loses it (W21).
 */
export function planIdentities(present: IdentityBlock, wanted: Wanted): IdentityPlan {
  const spelled = spelling(wanted);
  const left = new Set(present.ids.map(spelled));
  const delta = new Map<string, IdentityDelta['action']>();
  for (const [id, action] of steps(wanted)) {
    const isPresent = left.has(id);
    if (action === 'remove' && isPresent) {
      delta.set(id, 'remove');
      left.delete(id);
    }
    if (action === 'add' && !isPresent) {
      delta.set(id, 'add');
      left.add(id);
    }
  }
  if (left.size === 0) return { kind: 'clear', type: present.type === 'SystemAssigned, UserAssigned' ? 'SystemAssigned' : 'None' };
  if (delta.size === 0) return { kind: 'nothing' };
  return { kind: 'delta', type: typeWithUserAssigned(present.type), delta: [...delta].map(([id, action]) => ({ id, action })) };
}

/** Whether the order of the two lists decides: an id in both, in different letter case. */
export function isOrderDecisive(wanted: Pick<Wanted, 'add' | 'remove'>): boolean {
  const added = new Map(wanted.add.map((id) => [id.toLowerCase(), id]));
  return wanted.remove.some((id) => {
    const other = added.get(id.toLowerCase());
    return other !== undefined && !wanted.add.includes(id);
  });
}

/** Type of a resource that gets user-assigned identities. Faithful: a type that nobody knows becomes None. */
export function typeWithUserAssigned(type: IdentityType): IdentityType {
  switch (type) {
    case '':
    case 'None':
    case 'UserAssigned':
      return 'UserAssigned';
    case 'SystemAssigned':
    case 'SystemAssigned, UserAssigned':
      return 'SystemAssigned, UserAssigned';
    default:
      return 'None';
  }
}

/** What one PATCH of at most `limit` entries takes of a delta, and what is left for the next. */
export function splitDelta(
  delta: readonly IdentityDelta[],
  limit: number,
): { readonly first: readonly IdentityDelta[]; readonly rest: readonly IdentityDelta[] } {
  return { first: delta.slice(0, limit), rest: delta.slice(limit) };
}

/** How ids are spelled for comparison. */
export function spelling({ letterCase }: Pick<Wanted, 'letterCase'>): (id: string) => string {
  return letterCase === 'significant' ? (id) => id : (id) => id.toLowerCase();
}

function steps({ add, remove, first, letterCase }: Wanted): readonly (readonly [string, IdentityDelta['action']])[] {
  const spelled = spelling(letterCase === undefined ? {} : { letterCase });
  const added = new Set(add);
  const removals = [...new Set(remove)].filter((id) => !added.has(id)).map((id) => [spelled(id), 'remove'] as const);
  const additions = [...added].map((id) => [spelled(id), 'add'] as const);
  return first === 'remove' ? [...removals, ...additions] : [...additions, ...removals];
}
