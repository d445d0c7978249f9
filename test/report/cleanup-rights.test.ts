/**
 * Accesses after a right was taken away, by whatever way it came; what outlives a cluster; and a deletion that was over among many and is
 * open again. Each with what comes close and does not count.
 */
import { describe, expect, test } from 'vitest';
import { seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import type { RoleAssignment } from '../../src/model/azure.ts';
import type { DirectoryClaim } from '../../src/model/directory.ts';
import type { FactOf } from '../../src/model/facts/index.ts';
import type { ServiceRow } from '../../src/model/workload.ts';
import { cleanWorld, RESOURCE } from './cleanup-worlds.ts';
import { assigned, fact, OBJECT, pod, principal, READER, role, scaleSet } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const world = cleanWorld();
const gone = { deletedAt: 1_000_000 as Moment };
const removal = { from: 1_000_000 as Moment, until: 1_000_000 as Moment };
const sql: ServiceRow = { name: 'db', kind: 'sql', audience: '', scope: role().scope };
const api: ServiceRow = { name: 'db', kind: 'api', audience: 'api://orders', scope: '/orders', appRole: 'Orders.Read' };
const claim = (more: Partial<DirectoryClaim> = {}): DirectoryClaim => {
  return { id: 'claim-1', principalId: OBJECT, claim: 'groups', value: 'group-1', audience: '', ...more };
};
const ofApp = { claim: 'roles', value: 'Orders.Read', audience: 'api://orders' } as const;

interface Rights {
  readonly service?: ServiceRow;
  readonly roles?: readonly RoleAssignment[];
  readonly claims?: readonly DirectoryClaim[];
}

/** Accesses let in after the first deletion of these steps, with one access at its end. */
function letIn(
  steps: readonly Step[],
  { service = sql, roles = [], claims = [] }: Rights,
  access: Partial<FactOf<'service-answered'>> = {},
): string {
  const fill: Filling = {
    ...world,
    services: { db: service },
    roleAssignments: Object.fromEntries(roles.map((one) => [one.id, one])),
    directoryClaims: Object.fromEntries(claims.map((one) => [one.id, one])),
  };
  const { deletions } = scriptedRun([...steps, states(60, fact.accessed('default/web', access))], { fill }).report().cleanup;
  return deletions[0]?.items[0]?.what.split(' ')[0] ?? 'none';
}

describe('an access after a role assignment was removed', () => {
  const removed = [writes(1, 'roleAssignments', { 'role-1': role(gone) })];

  test('counts where that alone gave it, to the principal itself or to a group of his', () => {
    expect(letIn(removed, { roles: [role()] })).toBe('1');
    const ofGroup = role({ principalId: 'group-1' });
    expect(letIn([writes(1, 'roleAssignments', { 'role-1': { ...ofGroup, ...gone } })], { roles: [ofGroup], claims: [claim()] })).toBe('1');
  });

  test('does not count if it was refused, is of somebody else, or of a service that the role did not cover', () => {
    expect(letIn(removed, { roles: [role()] }, { status: 403 })).toBe('0');
    expect(letIn(removed, { roles: [role()] }, { status: 400 })).toBe('0');
    expect(letIn(removed, { roles: [role()] }, { objectId: 'somebody' })).toBe('0');
    expect(letIn(removed, { roles: [role()], service: { ...sql, scope: '/elsewhere' } })).toBe('0');
    expect(letIn(removed, { roles: [role()] }, { service: 'unknown' })).toBe('0');
  });

  test('does not count where another right gives it still', () => {
    expect(letIn(removed, { roles: [role(), role({ id: 'role-2', role: 'Owner' })] })).toBe('0');
    expect(letIn(removed, { roles: [role(), role({ id: 'role-2', principalId: 'group-1' })], claims: [claim()] })).toBe('0');
  });

  test('counts where what is left is deleted, elsewhere, or a membership that has ended', () => {
    expect(letIn(removed, { roles: [role(), role({ id: 'role-2', ...gone })] })).toBe('1');
    expect(letIn(removed, { roles: [role(), role({ id: 'role-2', scope: '/elsewhere' })] })).toBe('1');
    expect(letIn(removed, { roles: [role(), role({ id: 'role-2', principalId: 'group-1' })], claims: [claim({ removal })] })).toBe('1');
    expect(letIn(removed, { roles: [role(), role({ id: 'role-2', principalId: 'Orders.Read' })], claims: [claim(ofApp)] })).toBe('1');
  });
});

describe('an access after a membership or an application role was lost', () => {
  const left = [writes(1, 'directoryClaims', { 'claim-1': claim({ removal }) })];
  const ofGroup = [role({ principalId: 'group-1' })];

  test('counts where the group has a role on the service', () => {
    expect(letIn(left, { roles: ofGroup, claims: [claim()] })).toBe('1');
    expect(
      letIn(left, { roles: [...ofGroup, role({ id: 'role-2', principalId: 'group-1', scope: '/elsewhere' })], claims: [claim()] }),
    ).toBe('1');
    expect(letIn(left, { roles: [], claims: [claim()] })).toBe('0');
    expect(letIn(left, { roles: ofGroup, claims: [claim()] }, { objectId: 'somebody' })).toBe('0');
  });

  test('counts where the service asks for that very application role', () => {
    const lost = (more: Partial<DirectoryClaim> = {}): readonly Step[] => [
      writes(1, 'directoryClaims', { 'claim-1': claim({ ...ofApp, ...more, removal }) }),
    ];
    expect(letIn(lost(), { service: api, claims: [claim(ofApp)] })).toBe('1');
    expect(letIn(lost({ value: 'Orders.Write' }), { service: api, claims: [claim({ ...ofApp, value: 'Orders.Write' })] })).toBe('0');
    expect(letIn(lost({ audience: 'api://mail' }), { service: api, claims: [claim({ ...ofApp, audience: 'api://mail' })] })).toBe('0');
    expect(letIn(lost(), { service: { ...api, kind: 'sql' }, claims: [claim(ofApp)] })).toBe('0');
    const another = claim({ ...ofApp, id: 'claim-2' });
    expect(letIn(lost(), { service: api, claims: [claim(ofApp), another] })).toBe('0');
  });
});

describe('what outlives a cluster', () => {
  const issuer = 'https://oidc.example/cluster';
  const credential = (id: string, more: object = {}): object => ({
    id,
    principalId: 'pod-sp',
    name: id,
    issuer,
    subject: 'system:serviceaccount:default:web',
    audience: 'api://AzureADTokenExchange',
    createdAt: 0 as Moment,
    propagatedAt: 0 as Moment,
    missingFrom: 0,
    ...more,
  });
  const fill: Filling = {
    ...world,
    workloadIdentity: { workloadIdentity: { issuer, webhook: 'present' } },
    servicePrincipals: {
      [OBJECT]: principal(),
      'pod-sp': principal({ objectId: 'pod-sp', displayName: 'pod-id' }),
      dead: principal({ objectId: 'dead', displayName: 'dead', ...gone }),
      stranger: principal({ objectId: 'stranger', displayName: 'stranger' }),
    },
    federatedCredentials: {
      own: credential('own') as never,
      other: credential('other', { issuer: 'https://elsewhere', principalId: 'stranger' }) as never,
      ofDead: credential('ofDead', { principalId: 'dead' }) as never,
    },
    roleAssignments: {
      carried: role(),
      ended: role({ id: 'ended', role: 'Owner', ...gone }),
      federated: role({ id: 'federated', principalId: 'pod-sp', role: 'Writer' }),
      ofDead: role({ id: 'ofDead', principalId: 'dead' }),
      stranger: role({ id: 'stranger', principalId: 'stranger' }),
    },
  };
  const asked = (status: number, op = 'deleteCluster'): Step => ({
    after: seconds(1),
    act: (turn) => {
      turn.table('computeResources').put(RESOURCE, scaleSet([READER], { provisioningState: 'Deleting' }));
      turn.fact({ type: 'arm-answered', client: 'operator', op, resource: 'resourceGroup/rg', status, error: '', retryAfter: seconds(0) });
    },
  });
  const ofKind = (kind: string, steps: readonly Step[]): readonly string[] | undefined =>
    scriptedRun(steps, { fill })
      .report()
      .cleanup.deletions.find((one) => one.kind === kind)
      ?.items.map(({ kind: item, what, state }) => `${item} ${what} ${state}`);

  test('are the roles of identities that its machines carried and its issuer vouched for, and the credentials that trust it', () => {
    expect(ofKind('cluster', [asked(202)])).toEqual([
      'machine node-a left',
      'roleAssignment Reader on db lingersByDesign',
      'roleAssignment Writer on db lingersByDesign',
      'federatedCredential own of pod-id lingersByDesign',
      'federatedCredential ofDead of dead lingersByDesign',
    ]);
  });

  test('is nothing where the deletion was refused, was of a resource group, or of something else', () => {
    expect(ofKind('cluster', [asked(409)])).toBeUndefined();
    expect(ofKind('cluster', [asked(202, 'deleteResource')])).toBeUndefined();
    expect(ofKind('resourceGroup', [asked(202, 'deleteResourceGroup')])).toEqual(['machine node-a left']);
  });

  test('is no part of what was deleted in an event before', () => {
    const machine = writes(1, 'virtualMachines', { 'node-a': undefined });
    const earlier = writes(1, 'userAssignedIdentities', { [READER.toLowerCase()]: undefined });
    expect(ofKind('resourceGroup', [earlier, machine, asked(202, 'deleteResourceGroup')])).toBeUndefined();
  });
});

test('a deletion that was folded among many is open again when its identity comes back, and counts once more when it goes', () => {
  const names = Array.from({ length: 120 }, (_, index) => `web-${String(index)}`);
  const all = <T>(rowOf: (name: string) => T, suffix = ''): Record<string, T> =>
    Object.fromEntries(names.map((name) => [`default/${name}${suffix}`, rowOf(name)]));
  const fill = {
    ...world,
    pods: all((name) => pod(name)),
    azureAssignedIdentities: all((name) => assigned(name, 'Assigned'), '-default-reader'),
  };
  const off = writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) });
  const back = writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER]) });
  const steps = [
    writes(
      1,
      'pods',
      all((name) => pod(name, { deleted: 1 })),
    ),
    writes(
      1,
      'azureAssignedIdentities',
      all(() => undefined, '-default-reader'),
    ),
    off,
  ];
  // In one event one pod after the other goes: the last one takes the identity along.
  const kindsOf = (more: readonly Step[]): unknown => scriptedRun([...steps, ...more], { fill }).report().cleanup.kinds;
  expect(kindsOf([])).toMatchObject([{ deletions: 120, complete: 120, incomplete: 0, took: { count: 120, maxUs: 2_000_000 } }]);
  expect(kindsOf([back])).toMatchObject([{ deletions: 120, complete: 119, incomplete: 1, took: { count: 119, maxUs: 1_000_000 } }]);
  expect(kindsOf([back, off])).toMatchObject([{ deletions: 120, complete: 120, incomplete: 0, took: { count: 120, maxUs: 4_000_000 } }]);
});
