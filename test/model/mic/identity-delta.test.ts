/** What a PATCH of identities carries. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IdentityType } from '../../../src/model/azure.ts';
import { isOrderDecisive, planIdentities, splitDelta } from '../../../src/model/mic/identity-delta.ts';
import type { IdentityPlan } from '../../../src/model/mic/identity-delta.ts';

const TYPES: readonly IdentityType[] = ['', 'None', 'SystemAssigned', 'UserAssigned', 'SystemAssigned, UserAssigned'];
const ids: fc.Arbitrary<readonly string[]> = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });

/** What ARM makes of a plan. */
function carriedOut(present: readonly string[], plan: IdentityPlan): readonly string[] {
  if (plan.kind === 'clear') return [];
  const delta = plan.kind === 'delta' ? plan.delta : [];
  const left = new Set(present);
  for (const { id, action } of delta) {
    if (action === 'add') left.add(id);
    else left.delete(id);
  }
  return [...left].sort();
}

describe('the plan of a PATCH', () => {
  // Claim: whatever was there, the resource ends with (present minus removed) plus added, by comparison with plain set algebra.
  it('leads to what is present without the removed and with the added, adds winning', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), ids, ids, ids, (type, present, add, remove) => {
        const plan = planIdentities({ type, ids: present }, { add, remove, first: 'remove' });
        const expected = new Set([...present.filter((id) => !remove.includes(id)), ...add]);
        expect(carriedOut(present, plan)).toEqual([...expected].sort());
      }),
    );
  });

  // Claim: nothing is sent that ARM has already, by looking at each entry.
  it('names only ids whose state changes', () => {
    fc.assert(
      fc.property(ids, ids, ids, (present, add, remove) => {
        const plan = planIdentities({ type: 'UserAssigned', ids: present }, { add, remove, first: 'remove' });
        if (plan.kind !== 'delta') return;
        for (const { id, action } of plan.delta) expect(present.includes(id)).toBe(action === 'remove');
      }),
    );
  });

  it.each([
    ['', 'UserAssigned'],
    ['None', 'UserAssigned'],
    ['UserAssigned', 'UserAssigned'],
    ['SystemAssigned', 'SystemAssigned, UserAssigned'],
    ['SystemAssigned, UserAssigned', 'SystemAssigned, UserAssigned'],
  ] as const)('turns type "%s" into "%s" when an identity comes', (before, after) => {
    expect(planIdentities({ type: before, ids: [] }, { add: ['A'], remove: [], first: 'remove' })).toEqual({
      kind: 'delta',
      type: after,
      delta: [{ id: 'a', action: 'add' }],
    });
  });

  it('clears to None, a system-assigned identity alone included (W21), and keeps SystemAssigned only of the double type', () => {
    for (const type of TYPES) {
      const plan = planIdentities({ type, ids: ['X'] }, { add: [], remove: ['x'], first: 'remove' });
      expect(plan).toEqual({ kind: 'clear', type: type === 'SystemAssigned, UserAssigned' ? 'SystemAssigned' : 'None' });
    }
    expect(planIdentities({ type: 'SystemAssigned', ids: [] }, { add: [], remove: ['absent'], first: 'remove' })).toEqual({
      kind: 'clear',
      type: 'None',
    });
  });

  it('keeps an id that stands in both lists in different case, unless the lists are gone through the other way round (W23)', () => {
    const wanted = { add: ['/ID/A'], remove: ['/id/a'] };
    expect(isOrderDecisive(wanted)).toBe(true);
    expect(isOrderDecisive({ add: ['/id/a'], remove: ['/id/a'] })).toBe(false);
    const present = { type: 'UserAssigned', ids: ['/id/a', '/id/b'] } as const;
    expect(carriedOut(present.ids, planIdentities(present, { ...wanted, first: 'remove' }))).toEqual(['/id/a', '/id/b']);
    expect(carriedOut(present.ids, planIdentities(present, { ...wanted, first: 'add' }))).toEqual(['/id/b']);
  });

  it('splits 159 entries into 150 and 9', () => {
    const delta = Array.from({ length: 159 }, (_, n) => ({ id: `id-${String(n)}`, action: 'add' as const }));
    const { first, rest } = splitDelta(delta, 150);
    expect([first.length, rest.length]).toEqual([150, 9]);
    expect([...first, ...rest]).toEqual(delta);
  });
});
