/** Writes that the identity provider refuses, and what their texts let a client read out of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/kernel/time.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import { blamedIdentities } from '../../../src/model/mic/bad-identity.ts';
import { armLine, computeId, fillCompute, fillIdentity, heardOf, identityId, runBothWays } from '../../support/platform-world.ts';
import type { PlatformRun } from '../../support/platform-world.ts';

const POOL = { kind: 'vmss', name: 'pool' } as const;

function patch(...ids: readonly string[]): ArmCall {
  const delta = ids.map((id) => ({ id, action: 'add' as const }));
  return { op: 'patchIdentity', resource: POOL, identityType: 'UserAssigned', delta };
}

function ask(calls: readonly ArmCall[], options: { readonly knobs?: Overrides; readonly has?: readonly string[] } = {}): PlatformRun {
  return runBothWays({
    knobs: options.knobs ?? {},
    script: calls.map((call, n) => armLine(seconds(1 + 100 * n), `r${String(n)}`, call)),
    until: minutes(20),
    fill: (sim) => {
      const userAssigned = options.has ?? [];
      fillCompute(sim, 'vmss', 'pool', { identityType: userAssigned.length > 0 ? 'UserAssigned' : '', userAssigned });
      for (const name of ['a', 'b']) fillIdentity(sim, name);
    },
  });
}

describe('a write with identities that do not exist', () => {
  it.each([
    ['first', ['x']],
    ['all', ['x', 'y']],
  ])('names %s of them in the first quotes, and changes nothing', (names, blamed) => {
    const run = ask([patch(identityId('a'), identityId('x'), identityId('y'))], { knobs: { 'mi.failedOperation.names': names } });
    const [answer] = heardOf(run, 'ArmResponse');
    expect(answer).toMatchObject({ status: 400, error: { code: 'FailedIdentityOperation' } });
    expect(blamedIdentities(answer?.error?.message ?? '')).toEqual(blamed.map(identityId));
    expect(run.sim.table('computeResources').get(computeId('vmss', 'pool').toLowerCase())?.userAssigned).toEqual([]);
  });

  it('is refused also for a dead one that hangs there already, and let through where only what it adds is looked at', () => {
    const write = patch(identityId('a'));
    const has = [identityId('dead')];
    expect(heardOf(ask([write], { has }), 'ArmResponse')).toMatchObject([{ status: 400 }]);
    expect(heardOf(ask([write], { has, knobs: { 'mi.assign.validation': 'added' } }), 'ArmResponse')).toMatchObject([{ status: 202 }]);
  });

  it('is wedged by the dead one until that is taken off', () => {
    const remove: ArmCall = { op: 'unassignIdentity', resource: POOL, identity: identityId('dead') };
    const run = ask([patch(identityId('a')), remove, patch(identityId('a'))], { has: [identityId('dead')] });
    expect(heardOf(run, 'ArmResponse').map(({ status }) => status)).toEqual([400, 202, 202]);
  });
});

it('says no sooner than yes: a refusal begins nothing', () => {
  const knobs = { 'arm.write.acceptLatency': '2s', 'arm.write.rejectLatency': '100ms' };
  const run = ask([patch(identityId('x')), patch(identityId('a'))], { knobs });
  expect(heardOf(run, 'ArmResponse').map(({ status, at }) => [status, at])).toEqual([
    [400, seconds(1.1)],
    [202, seconds(103)],
  ]);
});

describe('one id in two spellings', () => {
  const twice = [identityId('a'), identityId('a').replace('resourceGroups', 'resourcegroups')];

  it('in one body is refused: it cannot be duplicated', () => {
    const put: ArmCall = { op: 'putScaleSet', name: 'pool', instances: 1, systemAssigned: false, identities: twice };
    for (const call of [patch(...twice), put]) {
      const [answer] = heardOf(ask([call]), 'ArmResponse');
      expect(answer).toMatchObject({ status: 400, error: { code: 'InvalidParameter' } });
      expect(answer?.error?.message).toContain('cannot be duplicated');
    }
  });

  it('added to a resource that has it changes nothing', () => {
    expect(heardOf(ask([patch(twice[1] ?? '')], { has: [identityId('a')] }), 'ArmResponse')).toMatchObject([
      { status: 200, resource: { userAssigned: [identityId('a')] } },
    ]);
  });
});

describe('a PUT that sends back the model of a GET', () => {
  const echo = (identities: readonly string[]): ArmCall => ({
    op: 'putScaleSet',
    name: 'pool',
    instances: 1,
    systemAssigned: false,
    identities,
    entries: 'echoed',
  });

  it('is refused with InvalidIdentityValues if and only if the scale set carries identities', () => {
    expect(heardOf(ask([echo([identityId('a')])], { has: [identityId('a')] }), 'ArmResponse')).toMatchObject([
      { status: 400, error: { code: 'InvalidIdentityValues' } },
    ]);
    expect(heardOf(ask([echo([])]), 'ArmResponse')).toMatchObject([{ status: 202 }]);
  });

  it('passes where read-only fields are ignored', () => {
    const run = ask([echo([identityId('a')])], { has: [identityId('a')], knobs: { 'arm.identity.readOnlyFields': 'ignored' } });
    expect(heardOf(run, 'ArmResponse')).toMatchObject([{ status: 202 }]);
  });
});

describe('a write of what is there', () => {
  const put: ArmCall = { op: 'putScaleSet', name: 'pool', instances: 1, systemAssigned: false, identities: [identityId('a')] };

  it('is carried out as a PUT, and answered at once as a PATCH, or where the knob says so', () => {
    const has = { has: [identityId('a')] };
    expect(heardOf(ask([put], has), 'ArmResponse')).toMatchObject([{ status: 202 }]);
    expect(heardOf(ask([patch(identityId('a'))], has), 'ArmResponse')).toMatchObject([{ status: 200 }]);
    expect(heardOf(ask([put], { ...has, knobs: { 'arm.put.unchanged': 'answered' } }), 'ArmResponse')).toMatchObject([{ status: 200 }]);
  });
});

describe('the number of identities in one request', () => {
  it('may be 150 and not 151', () => {
    const named = (n: number): ArmCall => patch(...Array.from({ length: n }, (_, k) => identityId(`many-${String(k)}`)));
    const text = (n: number): string => heardOf(ask([named(n)]), 'ArmResponse')[0]?.error?.message ?? '';
    expect(text(151)).toContain("Number '151' Assign exceed limit '150' in one request");
    expect(text(150)).toContain('was not found');
  });
});

describe('whatever is written', () => {
  it('a refused body is one with a twin or a missing id, and no other', () => {
    // Claim: the checks are exact; nothing good is refused, nothing bad passes.
    const ids = fc.array(fc.constantFrom('a', 'b', 'A', 'x').map(identityId), { maxLength: 4 });
    fc.assert(
      fc.property(ids, (named) => {
        const keys = named.map((id) => id.toLowerCase());
        const isBad = new Set(keys).size < keys.length || keys.includes(identityId('x').toLowerCase());
        const [answer] = heardOf(ask([patch(...named)]), 'ArmResponse');
        expect(answer?.status === 400).toBe(isBad);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});
