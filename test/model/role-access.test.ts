/** Role assignments at a service. */
import { describe, expect, it } from 'vitest';
import { minutes, moment, seconds } from '../../src/kernel/time.ts';
import type { RoleAssignment } from '../../src/model/azure.ts';
import { hasAccess, isEffective } from '../../src/model/role-access.ts';
import type { Propagation } from '../../src/model/role-access.ts';

const VAULT = { kind: 'keyVault', scope: '/subscriptions/s/resourceGroups/data/providers/Microsoft.KeyVault/vaults/v' } as const;
const assignment: RoleAssignment = {
  id: 'role-1',
  principalId: 'p',
  role: 'Key Vault Secrets User',
  scope: VAULT.scope,
  createdAt: moment(minutes(1)),
};
const spreadAt = (now: number): Propagation => ({ now: moment(now), grantDelay: () => seconds(90), revokeDelay: () => seconds(120) });
const LATER = spreadAt(minutes(10));

describe('a role assignment', () => {
  it('made at 60 s with a delay of 90 s has effect from 150 s on', () => {
    expect(isEffective(assignment, spreadAt(seconds(150) - 1))).toBe(false);
    expect(isEffective(assignment, spreadAt(seconds(150)))).toBe(true);
  });

  it('removed at 300 s with a delay of 120 s has effect until 420 s', () => {
    const removed = { ...assignment, deletedAt: moment(seconds(300)) };
    expect(isEffective(removed, spreadAt(seconds(420) - 1))).toBe(true);
    expect(isEffective(removed, spreadAt(seconds(420)))).toBe(false);
  });

  it('covers what lies under its scope, letter case aside, and nothing beside it', () => {
    const on = (scope: string): boolean => hasAccess([{ ...assignment, scope }], VAULT, LATER);
    expect(on('/SUBSCRIPTIONS/S/resourcegroups/DATA')).toBe(true);
    expect(on('/subscriptions/s/resourceGroups/dat')).toBe(false);
    expect(on(`${VAULT.scope}/secrets/one`)).toBe(false);
  });

  it('of the control plane opens no data, except at ARM', () => {
    const operator = { ...assignment, role: 'Managed Identity Operator' };
    expect(hasAccess([operator], VAULT, LATER)).toBe(false);
    expect(hasAccess([operator], { ...VAULT, kind: 'arm' }, LATER)).toBe(true);
    expect(hasAccess([operator, assignment], VAULT, LATER)).toBe(true);
  });

  it('is needed: without any there is no access', () => {
    expect(hasAccess([], VAULT, LATER)).toBe(false);
  });
});
