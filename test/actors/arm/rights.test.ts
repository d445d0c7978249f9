/** What MIC may do at ARM: the roles of its principal, and what it is told without them. */
import { describe, expect, it } from 'vitest';
import { ORIGIN, before, days, minutes, seconds } from '../../../src/kernel/time.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import { blamedIdentities, withoutBlamed } from '../../../src/model/mic/bad-identity.ts';
import { Callers } from '../../support/arm-caller.ts';
import type { Heard } from '../../support/arm-caller.ts';
import { armLine, computeId, fillCompute, fillIdentity, identityId, runBothWays } from '../../support/platform-world.ts';
import type { Line } from '../../support/platform-world.ts';

const POOL = { kind: 'vmss', name: 'pool' } as const;
const GROUP = '/subscriptions/00000000-0000-4000-8000-00000000000a/resourceGroups/rg';
const MIC = 'mic/default/mic-0';
const CHECKED = { 'arm.authorization.mode': 'checked', 'rbac.grant.delay': '60s', 'rbac.revoke.delay': '90s' };
const NAMES = ['a', 'b', 'c'] as const;

function patch(...names: readonly string[]): ArmCall {
  const delta = names.map((name) => ({ id: identityId(name), action: 'add' as const }));
  return { op: 'patchIdentity', resource: POOL, identityType: 'SystemAssigned, UserAssigned', delta };
}

interface Case {
  /** Role and scope of each assignment that MIC has had for long. */
  readonly roles: readonly (readonly [string, string])[];
  readonly calls: readonly (readonly [number, ArmCall])[];
  readonly knobs?: Overrides;
  readonly script?: readonly Line[];
  readonly client?: string;
}

/** MIC runs on a node of the scale set `pool`, whose system-assigned identity is its principal. */
function answers({ roles, calls, knobs = CHECKED, script = [], client = MIC }: Case): readonly Heard[] {
  const callers = new Callers({ [client]: calls.map(([at, call]) => ({ at: seconds(at), call })) });
  runBothWays({
    knobs,
    script,
    actors: [callers.actor],
    until: minutes(20),
    fill: (sim) => {
      const key = computeId('vmss', 'pool').toLowerCase();
      fillCompute(sim, 'vmss', 'pool', {
        identityType: 'SystemAssigned',
        systemAssigned: { principalId: 'object-pool', clientId: 'client-pool' },
      });
      sim.fill('virtualMachines', 'pool000000', { name: 'pool000000', resource: key, resourceKind: 'vmss', node: 'pool000000' });
      sim.fill('pods', 'default/mic-0', micPod('pool000000'));
      for (const name of NAMES) fillIdentity(sim, name);
      for (const [n, [role, scope]] of roles.entries()) {
        const id = `role-${String(n)}`;
        sim.fill('roleAssignments', id, { id, principalId: 'object-pool', role, scope, createdAt: before(ORIGIN, days(1)) });
      }
      callers.join(sim);
    },
  });
  return callers.heard.slice(callers.heard.length / 2);
}

function micPod(nodeName: string): never {
  const metadata = { name: 'mic-0', namespace: 'default', labels: {}, annotations: {}, finalizers: [], ownerReferences: [] };
  return { kind: 'Pod', metadata, spec: { nodeName, containers: [] }, status: { phase: 'Running', podIP: '10.0.0.5' } } as never;
}

describe('MIC at ARM', () => {
  it('has all rights where a scenario says nothing about them', () => {
    expect(answers({ roles: [], calls: [[1, patch('a')]], knobs: {} })).toMatchObject([{ status: 202 }]);
  });

  it('with both roles on the node resource group reads, writes and assigns', () => {
    const roles = [
      ['Virtual Machine Contributor', GROUP],
      ['Managed Identity Operator', GROUP],
    ] as const;
    const calls = [
      [1, { op: 'get', resource: POOL }],
      [2, patch('a', 'b')],
    ] as const;
    expect(answers({ roles, calls })).toMatchObject([{ status: 200 }, { status: 202 }]);
  });

  it('without VM Contributor is told AuthorizationFailed, which names no identity and is not tried again', () => {
    const roles = [['f1a07417-d97a-45cb-824c-7a7467783830', GROUP]] as const;
    const calls = [
      [1, { op: 'get', resource: POOL }],
      [2, patch('a')],
    ] as const;
    const [read, write] = answers({ roles, calls });
    expect([read, write]).toMatchObject(Array(2).fill({ status: 403, error: { code: 'AuthorizationFailed' } }));
    expect(blamedIdentities(write?.error?.message ?? '')).toEqual([]);
  });

  it.each([
    ['all', ['b', 'c']],
    ['first', ['b']],
  ])('may assign only what it operates; the others are named (%s), and MIC drops them', (names, blamed) => {
    const roles = [
      ['Virtual Machine Contributor', GROUP],
      ['Managed Identity Operator', identityId('a')],
    ] as const;
    const [answer] = answers({ roles, calls: [[1, patch('a', 'b', 'c')]], knobs: { ...CHECKED, 'arm.linkedAuthorization.names': names } });
    expect(answer).toMatchObject({ status: 403, error: { code: 'LinkedAuthorizationFailed' } });
    const text = answer?.error?.message ?? '';
    expect(blamedIdentities(text)).toEqual(blamed.map(identityId));
    const delta = NAMES.map((name) => ({ id: identityId(name), action: 'add' as const }));
    const kept = withoutBlamed(delta, { text, words: 'LinkedAuthorizationFailed,FailedIdentityOperation' });
    expect(kept?.map(({ id }) => id)).toEqual(NAMES.filter((name) => !blamed.includes(name)).map(identityId));
  });

  it('needs no right over an identity that it takes off', () => {
    const remove: ArmCall = { ...patch(), delta: [{ id: identityId('a'), action: 'remove' }] } as ArmCall;
    expect(answers({ roles: [['Contributor', `${GROUP}/providers/Microsoft.Compute`]], calls: [[1, remove]] })).toMatchObject([
      { status: 200 },
    ]);
  });

  it('may write 60 s after it was given the role, and no more 90 s after that was taken away', () => {
    const role = { principal: { systemAssignedOf: POOL }, role: 'Virtual Machine Contributor', scope: GROUP } as const;
    const script = [
      armLine(seconds(10), 'grant', { op: 'putRoleAssignment', ...role }),
      armLine(seconds(300), 'revoke', { op: 'deleteRoleAssignment', ...role }),
    ];
    const calls = [60, 72, 380, 400].map((at) => [at, { op: 'get', resource: POOL } as const] as const);
    expect(answers({ roles: [], calls, script }).map(({ status }) => status)).toEqual([403, 200, 200, 403]);
  });

  it('waits up to an hour for the role where the identity of the cluster is slow', () => {
    const script = [
      armLine(seconds(10), 'grant', { op: 'putRoleAssignment', principal: { systemAssignedOf: POOL }, role: 'Owner', scope: GROUP }),
    ];
    const knobs = { ...CHECKED, 'rbac.aksClusterIdentity.isSlow': true, 'rbac.aksClusterIdentity.worst': '500s' };
    const calls = [400, 520].map((at) => [at, { op: 'get', resource: POOL } as const] as const);
    expect(answers({ roles: [], calls, script, knobs }).map(({ status }) => status)).toEqual([403, 200]);
  });

  it('is the only one asked: an operator without roles writes', () => {
    expect(answers({ roles: [], calls: [[1, patch('a')]], client: 'operator' })).toMatchObject([{ status: 202 }]);
  });
});
