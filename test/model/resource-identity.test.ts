/** The algebra of identity blocks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IdentityType } from '../../src/model/azure.ts';
import {
  changeBetween,
  hasSystemAssigned,
  hasUserAssigned,
  identityTypeOf,
  includesId,
  isUnchanged,
  patchAdding,
  patchRemoving,
  patchSystemAssigned,
  patched,
} from '../../src/model/resource-identity.ts';
import type { ResourceIdentity } from '../../src/model/resource-identity.ts';

const BOTH: ResourceIdentity = { identityType: 'SystemAssigned, UserAssigned', userAssigned: ['/Ids/One', '/ids/two'] };

describe('a PATCH of an identity block', () => {
  it.each(['None', 'SystemAssigned'] as const)('of type %s drops both ids, with a map and without', (identityType) => {
    expect(patched(BOTH, { identityType })).toEqual({ identityType, userAssigned: [] });
    expect(patched(BOTH, { identityType, delta: [{ id: '/ids/three', action: 'add' }] }).userAssigned).toEqual([]);
  });

  it('of type UserAssigned without a map keeps both ids and loses the system-assigned identity', () => {
    expect(patched(BOTH, { identityType: 'UserAssigned' })).toEqual({
      identityType: 'UserAssigned',
      userAssigned: ['/Ids/One', '/ids/two'],
    });
  });

  it('keeps the first spelling of an id that is added again in another, and removes it whatever the case', () => {
    const identityType = BOTH.identityType;
    expect(patched(BOTH, { identityType, delta: [{ id: '/ids/ONE', action: 'add' }] }).userAssigned).toEqual(['/Ids/One', '/ids/two']);
    expect(patched(BOTH, { identityType, delta: [{ id: '/ids/ONE', action: 'remove' }] }).userAssigned).toEqual(['/ids/two']);
  });

  it('that takes the last user-assigned id away takes the type with it, and leaves the system-assigned identity', () => {
    const one: ResourceIdentity = { identityType: 'UserAssigned', userAssigned: ['/ids/one'] };
    expect(patchRemoving(one, '/IDS/one').identityType).toBe('None');
    expect(patchRemoving({ ...one, identityType: 'SystemAssigned, UserAssigned' }, '/ids/one').identityType).toBe('SystemAssigned');
  });
});

const types = fc.constantFrom<IdentityType>('', 'None', 'SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned');
const ids = fc.constantFrom('/ids/a', '/ids/A', '/ids/b', '/ids/B', '/ids/c', '/ids/d');
const deltas = fc.array(fc.record({ id: ids, action: fc.constantFrom('add' as const, 'remove' as const) }), { maxLength: 8 });
const identities = fc
  .record({ identityType: types, userAssigned: fc.uniqueArray(ids, { selector: (id) => id.toLowerCase() }) })
  .map((identity) => (hasUserAssigned(identity.identityType) ? identity : { ...identity, userAssigned: [] }));

describe('any PATCH', () => {
  it('applied twice gives what it gave once, as a set of ids', () => {
    // Claim: a delta is idempotent, letter case aside.
    fc.assert(
      fc.property(identities, types, deltas, (identity, identityType, delta) => {
        const once = patched(identity, { identityType, delta });
        const twice = patched(once, { identityType, delta });
        expect(isUnchanged(changeBetween(once, twice))).toBe(true);
        expect(twice.identityType).toBe(once.identityType);
      }),
    );
  });

  it('leaves no id twice, and none at all where the type has no user-assigned identities', () => {
    // Claim: the invariant of the block, by random PATCHes.
    fc.assert(
      fc.property(identities, types, deltas, (identity, identityType, delta) => {
        const { userAssigned } = patched(identity, { identityType, delta });
        expect(new Set(userAssigned.map((id) => id.toLowerCase())).size).toBe(userAssigned.length);
        if (!hasUserAssigned(identityType)) expect(userAssigned).toEqual([]);
      }),
    );
  });

  it('changes exactly what the difference between before and after says', () => {
    // Claim: before + added − removed = after.
    fc.assert(
      fc.property(identities, identities, (before, after) => {
        const { added, removed, systemAssigned } = changeBetween(before, after);
        const made = [...before.userAssigned.filter((id) => !includesId(removed, id)), ...added].map((id) => id.toLowerCase());
        expect(made.sort()).toEqual(after.userAssigned.map((id) => id.toLowerCase()).sort());
        const has = systemAssigned === 'unchanged' ? hasSystemAssigned(before.identityType) : systemAssigned === 'enabled';
        expect(has).toBe(hasSystemAssigned(after.identityType));
      }),
    );
  });

  it('that adds an id and one that removes it again cancel out, and neither touches the system-assigned identity', () => {
    // Claim: assign and unassign are inverse on ids that were not there.
    fc.assert(
      fc.property(identities, (identity) => {
        const added = patched(identity, patchAdding(identity, '/ids/new'));
        expect(includesId(added.userAssigned, '/IDS/NEW')).toBe(true);
        const back = patched(added, patchRemoving(added, '/ids/NEW'));
        expect(isUnchanged(changeBetween(identity, back))).toBe(true);
        expect(hasSystemAssigned(added.identityType)).toBe(hasSystemAssigned(identity.identityType));
      }),
    );
  });

  it('that switches the system-assigned identity leaves the ids', () => {
    // Claim: the two halves of the block are independent.
    fc.assert(
      fc.property(identities, fc.constantFrom('enabled' as const, 'disabled' as const), (identity, system) => {
        const after = patched(identity, patchSystemAssigned(identity, system));
        expect(after.userAssigned).toEqual(identity.userAssigned);
        expect(hasSystemAssigned(after.identityType)).toBe(system === 'enabled');
        expect(identityTypeOf({ system, users: identity.userAssigned.length })).toBe(after.identityType);
      }),
    );
  });
});
