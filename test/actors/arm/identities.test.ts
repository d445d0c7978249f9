/** Managed identities from their creation to their end, through ARM, Entra and IMDS together. */
import { describe, expect, it } from 'vitest';
import { days, hours, minutes, seconds } from '../../../src/kernel/time.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import {
  armLine,
  computeId,
  factsOf,
  fillCompute,
  fillIdentity,
  heardOf,
  identityId,
  runBothWays,
  tokenLine,
} from '../../support/platform-world.ts';
import type { PlatformOptions, PlatformRun } from '../../support/platform-world.ts';

const BOX = { kind: 'vm', name: 'box' } as const;
const KEY = computeId('vm', 'box').toLowerCase();
const KNOBS = {
  'node.provision': '180s',
  'node.delete.duration': '90s',
  'mi.systemAssigned.enableExtra': '4s',
  'mi.uami.createLatency': '4s',
  'mi.sp.missProbDuringReplication': 'never',
};

function run(options: PlatformOptions): PlatformRun {
  return runBothWays({ ...options, knobs: { ...KNOBS, ...options.knobs } });
}

const assign = (name: string): ArmCall => ({ op: 'assignIdentity', resource: BOX, identity: identityId(name) });
const unassign = (name: string): ArmCall => ({ op: 'unassignIdentity', resource: BOX, identity: identityId(name) });
const system = (state: 'enabled' | 'disabled'): ArmCall => ({ op: 'setSystemAssigned', resource: BOX, state });

describe('a VM with a system-assigned identity', () => {
  const story = run({
    script: [
      armLine(seconds(1), 'create', { op: 'putVm', name: 'box', systemAssigned: true, identities: [] }),
      tokenLine(minutes(10), 'first', { vm: 'box' }),
      tokenLine(days(46), 'after-roll', { vm: 'box' }),
      armLine(days(50), 'delete', { op: 'deleteResource', resource: BOX }),
    ],
    until: days(60),
  });

  it('is there 184 s after its creation was accepted, with its principal', () => {
    expect(heardOf(story, 'ArmResponse')[0]).toMatchObject({ status: 202, resource: { provisioningState: 'Creating' } });
    expect(factsOf(story, 'principal-created')).toMatchObject([{ kind: 'systemAssigned', resourceId: computeId('vm', 'box') }]);
    expect(factsOf(story, 'arm-operation-ended')[0]).toMatchObject({ outcome: 'Succeeded', at: seconds(185.5) });
  });

  it('gets a token, another with the new certificate after the roll at day 45, and both name the same principal', () => {
    const [created] = factsOf(story, 'principal-created');
    const issued = factsOf(story, 'aad-token-issued');
    expect(issued).toHaveLength(2);
    expect(issued.map(({ objectId }) => objectId)).toEqual([created?.objectId, created?.objectId]);
    const [rolled] = factsOf(story, 'credential-rolled');
    expect(rolled).toMatchObject({ at: days(45) + seconds(1.5) });
    expect(issued[0]?.keyId).not.toBe(rolled?.keyId);
    expect(issued[1]?.keyId).toBe(rolled?.keyId);
  });

  it('takes its principal along when it is deleted, and nothing of it lives on', () => {
    expect(factsOf(story, 'principal-deleted')).toMatchObject([{ at: days(50) + seconds(90.5) }]);
    expect(story.sim.table('computeResources').get(KEY)).toBeUndefined();
    expect(story.sim.table('identityGrants').by('resource', KEY)).toEqual([]);
    expect(story.sim.actors).not.toContain('imds/box');
  });

  it('created while another is deleted under its name is refused with 409 until that is gone', () => {
    const again = run({
      fill: (sim) => {
        fillCompute(sim, 'vm', 'box');
      },
      script: [
        armLine(seconds(1), 'delete', { op: 'deleteResource', resource: BOX }),
        armLine(seconds(10), 'early', { op: 'putVm', name: 'box', systemAssigned: true, identities: [] }),
        armLine(seconds(11), 'get', { op: 'get', resource: BOX }),
        armLine(seconds(100), 'late', { op: 'putVm', name: 'box', systemAssigned: true, identities: [] }),
      ],
    });
    const answers = heardOf(again, 'ArmResponse');
    expect(answers.map(({ request, status }) => [request, status])).toEqual([
      ['delete', 202],
      ['early', 409],
      ['get', 200],
      ['late', 202],
    ]);
    expect(answers[2]?.resource?.provisioningState).toBe('Deleting');
    expect(again.sim.table('computeResources').get(KEY)?.identityType).toBe('SystemAssigned');
  });
});

describe('the system-assigned identity of a running VM', () => {
  const withBox: PlatformOptions['fill'] = (sim) => {
    fillCompute(sim, 'vm', 'box');
  };

  it('switched on, off and on again has two principals, of which one is left', () => {
    const story = run({
      fill: withBox,
      script: [
        armLine(seconds(1), 'on', system('enabled')),
        armLine(seconds(60), 'off', system('disabled')),
        armLine(seconds(120), 'again', system('enabled')),
      ],
    });
    const created = factsOf(story, 'principal-created').map(({ objectId }) => objectId);
    expect(new Set(created).size).toBe(2);
    expect(factsOf(story, 'principal-deleted').map(({ objectId }) => objectId)).toEqual([created[0]]);
    expect(story.sim.table('computeResources').get(KEY)?.systemAssigned?.principalId).toBe(created[1]);
  });

  it('switched on and, before that is done, off again leaves no principal behind', () => {
    const story = run({
      fill: withBox,
      script: [armLine(seconds(1), 'on', system('enabled')), armLine(seconds(5), 'off', system('disabled'))],
    });
    expect(factsOf(story, 'arm-operation-ended').map(({ outcome }) => outcome)).toEqual(['Preempted', 'Succeeded']);
    expect(factsOf(story, 'principal-created')).toHaveLength(1);
    expect(factsOf(story, 'principal-deleted')).toHaveLength(1);
    expect(story.sim.table('computeResources').get(KEY)?.systemAssigned).toBeUndefined();
  });

  it('switched on takes 14 s and 4 s more, and is the default identity of the VM', () => {
    const story = run({
      fill: (sim) => {
        withBox(sim);
        fillIdentity(sim, 'web');
      },
      script: [
        armLine(seconds(1), 'assign', assign('web')),
        armLine(seconds(60), 'on', system('enabled')),
        tokenLine(seconds(120), 'unnamed', { vm: 'box' }),
      ],
    });
    expect(factsOf(story, 'arm-operation-ended').map(({ at }) => at)).toEqual([seconds(15.5), seconds(78.5)]);
    expect(factsOf(story, 'aad-token-issued')).toMatchObject([{ principalKind: 'systemAssigned' }]);
    expect(story.sim.table('computeResources').get(KEY)?.identityType).toBe('SystemAssigned, UserAssigned');
  });
});

describe('a user-assigned identity', () => {
  const create = armLine(seconds(1), 'create', { op: 'putIdentity', name: 'web', resourceGroup: 'rg', clientId: 'client-web' });

  it('is created in 4 s, assigned in 14 s, visible at IMDS from 0.6 to 1.05 of that, and invisible 1 to 300 s after it is taken away', () => {
    const probes = Array.from({ length: 400 }, (_, n) =>
      tokenLine(seconds(10 + n), `at-${String(n)}`, { vm: 'box', clientId: 'client-web' }),
    );
    const story = run({
      knobs: { 'imds.unassign.cachedTokenDropped': 1 },
      fill: (sim) => {
        fillCompute(sim, 'vm', 'box');
      },
      script: [create, armLine(seconds(10), 'assign', assign('web')), armLine(seconds(60), 'unassign', unassign('web')), ...probes],
    });
    expect(heardOf(story, 'ArmResponse')[0]).toMatchObject({ status: 201, at: seconds(5) });
    const good = factsOf(story, 'imds-answered').filter(({ status }) => status === 200);
    const first = good[0]?.at ?? NaN;
    const last = good.at(-1)?.at ?? NaN;
    // Accepted at 10.5 s, over at 24.5 s; asked once a second, and the first answer takes a fetch.
    expect(first).toBeGreaterThanOrEqual(seconds(10.5 + 0.6 * 14));
    expect(first).toBeLessThanOrEqual(seconds(10.5 + 1.05 * 14 + 1 + 8));
    // Taken away at 74.5 s.
    expect(last).toBeGreaterThanOrEqual(seconds(74));
    expect(last).toBeLessThanOrEqual(seconds(74.5 + 300));
    expect(good.every(({ at }) => at >= first && at <= last)).toBe(true);
  });

  it('deleted leaves its reference on the VM, gets no new token, and refuses every write that keeps it', () => {
    const story = run({
      fill: (sim) => {
        fillCompute(sim, 'vm', 'box');
        fillIdentity(sim, 'web');
        fillIdentity(sim, 'db');
      },
      script: [
        armLine(seconds(1), 'assign', assign('web')),
        tokenLine(seconds(60), 'cached', { vm: 'box' }),
        armLine(seconds(90), 'delete', { op: 'deleteIdentity', id: identityId('web') }),
        tokenLine(minutes(3), 'still-cached', { vm: 'box' }),
        tokenLine(minutes(3), 'new-resource', { vm: 'box', resource: 'https://database.windows.net/' }),
        armLine(minutes(4), 'other', assign('db')),
        armLine(minutes(5), 'clean', unassign('web')),
      ],
    });
    const tokens = heardOf(story, 'MetadataResponse').map(({ request, status }) => [request, status]);
    expect(tokens).toContainEqual(['still-cached', 200]);
    expect(tokens).toContainEqual(['new-resource', 400]);
    const answers = heardOf(story, 'ArmResponse').map(({ request, status, error }) => [request, status, error?.code ?? '']);
    expect(answers).toEqual([
      ['assign', 202, ''],
      ['delete', 200, ''],
      ['other', 400, 'FailedIdentityOperation'],
      ['clean', 202, ''],
    ]);
    expect(story.sim.table('computeResources').get(KEY)?.userAssigned).toEqual([]);
  });

  it('keeps its role assignments when it is deleted, unless the knob says they go', () => {
    const grant = armLine(seconds(10), 'grant', {
      op: 'putRoleAssignment',
      principal: { identity: identityId('web') },
      role: 'Reader',
      scope: '/s',
    });
    const remove = armLine(seconds(20), 'delete', { op: 'deleteIdentity', id: identityId('web') });
    const kept = run({ script: [create, grant, { ...grant, at: seconds(11) }, remove] });
    expect(heardOf(kept, 'ArmResponse').map(({ status }) => status)).toEqual([201, 201, 409, 200]);
    expect(kept.sim.table('roleAssignments').all()).toMatchObject([{ role: 'Reader', createdAt: seconds(10.5) }]);
    expect(kept.sim.table('roleAssignments').all()[0]?.deletedAt).toBeUndefined();
    const gone = run({ knobs: { 'rbac.orphanAssignment': 'removed' }, script: [create, grant, remove] });
    expect(gone.sim.table('roleAssignments').all()[0]?.deletedAt).toBe(seconds(20.5));
  });

  it('of a deleted VM takes its role assignments along where the knob says so', () => {
    const story = run({
      knobs: { 'rbac.orphanAssignment': 'removed' },
      fill: (sim) => {
        fillCompute(sim, 'vm', 'box');
      },
      script: [
        armLine(seconds(1), 'on', system('enabled')),
        armLine(seconds(60), 'grant', { op: 'putRoleAssignment', principal: { systemAssignedOf: BOX }, role: 'Reader', scope: '/s' }),
        armLine(seconds(70), 'delete', { op: 'deleteResource', resource: BOX }),
      ],
    });
    expect(story.sim.table('roleAssignments').all()).toMatchObject([{ deletedAt: seconds(160.5) }]);
  });

  it('cannot get a role before it exists, and loses none it does not have', () => {
    const call = { principal: { identity: identityId('web') }, role: 'Reader', scope: '/s' };
    const story = run({
      script: [
        armLine(seconds(1), 'early', { op: 'putRoleAssignment', ...call }),
        armLine(seconds(2), 'none', { op: 'deleteRoleAssignment', ...call }),
      ],
    });
    expect(heardOf(story, 'ArmResponse').map(({ status, error }) => [status, error?.code])).toEqual([
      [400, 'PrincipalNotFound'],
      [204, undefined],
    ]);
  });

  it('created again under its name has another principal, so that the old token and the new one differ', () => {
    const again = armLine(seconds(20), 'again', { op: 'putIdentity', name: 'web', resourceGroup: 'rg' });
    const story = run({
      script: [create, armLine(seconds(10), 'delete', { op: 'deleteIdentity', id: identityId('web') }), again],
      until: hours(1),
    });
    const ids = factsOf(story, 'principal-created').map(({ objectId }) => objectId);
    expect(new Set(ids).size).toBe(2);
    expect(story.sim.table('userAssignedIdentities').get(identityId('web').toLowerCase())?.principalId).toBe(ids[1]);
  });
});

describe('a PUT of a VM that exists', () => {
  it('drops the identities its body does not name', () => {
    const story = run({
      fill: (sim) => {
        fillCompute(sim, 'vm', 'box');
        for (const name of ['web', 'db']) fillIdentity(sim, name);
      },
      script: [
        armLine(seconds(1), 'assign', assign('web')),
        armLine(seconds(60), 'put', { op: 'putVm', name: 'BOX', systemAssigned: false, identities: [identityId('db')] }),
      ],
    });
    expect(story.sim.table('computeResources').get(KEY)?.userAssigned).toEqual([identityId('db')]);
    expect(factsOf(story, 'arm-operation-ended')[1]).toMatchObject({ added: [identityId('db')], removed: [identityId('web')] });
  });
});
