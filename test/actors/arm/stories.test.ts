/** Random stories of an operator at ARM: whatever is asked for in whatever order, Azure stays of one piece. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millis, minutes } from '../../../src/kernel/time.ts';
import type { ArmCall, ResourceRef } from '../../../src/model/messages/arm.ts';
import { hasSystemAssigned } from '../../../src/model/resource-identity.ts';
import { armLine, factsOf, fillIdentity, heardOf, identityId, runBothWays } from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

const NAMES = ['web', 'db', 'missing'] as const;
const refs = fc.constantFrom<ResourceRef>({ kind: 'vm', name: 'box' }, { kind: 'vmss', name: 'set' }, { kind: 'vm', name: 'BOX' });
const identities = fc.constantFrom(...NAMES).map(identityId);
const onOff = fc.constantFrom('enabled' as const, 'disabled' as const);

const calls: fc.Arbitrary<ArmCall> = fc.oneof(
  fc.record({ op: fc.constant('assignIdentity' as const), resource: refs, identity: identities }),
  fc.record({ op: fc.constant('unassignIdentity' as const), resource: refs, identity: identities }),
  fc.record({ op: fc.constant('setSystemAssigned' as const), resource: refs, state: onOff }),
  fc.record({
    op: fc.constant('putVm' as const),
    name: fc.constantFrom('box', 'BOX'),
    systemAssigned: fc.boolean(),
    identities: fc.uniqueArray(identities),
  }),
  fc.record({
    op: fc.constant('putScaleSet' as const),
    name: fc.constant('set'),
    instances: fc.nat(3),
    systemAssigned: fc.boolean(),
    identities: fc.uniqueArray(identities),
  }),
  fc.record({ op: fc.constant('scaleScaleSet' as const), name: fc.constant('set'), capacity: fc.nat(4) }),
  fc.record({
    op: fc.constant('deleteInstance' as const),
    scaleSet: fc.constant('set'),
    instance: fc.constantFrom('set000000', 'set000001'),
  }),
  fc.record({ op: fc.constant('deleteResource' as const), resource: refs }),
  fc.record({ op: fc.constant('putIdentity' as const), name: fc.constantFrom(...NAMES), resourceGroup: fc.constant('rg') }),
  fc.record({ op: fc.constant('deleteIdentity' as const), id: identities }),
);

const OPENING: readonly ArmCall[] = [
  { op: 'putVm', name: 'box', systemAssigned: false, identities: [] },
  { op: 'putScaleSet', name: 'set', instances: 2, systemAssigned: false, identities: [identityId('web')] },
];

const scripts: fc.Arbitrary<readonly Line[]> = fc
  .array(fc.record({ gap: fc.constantFrom(0, 300, 5_000, 40_000, 200_000), call: calls }), { minLength: 1, maxLength: 25 })
  .map((steps) => {
    // Both resources are made first: without them most calls would only be told that nothing is there.
    const opening = OPENING.map((call, n) => ({ gap: n * 200_000, call }));
    let at = 0;
    return [...opening, ...steps.map((step, n) => (n === 0 ? { ...step, gap: 200_000 } : step))].map(({ gap, call }, n) =>
      armLine(millis((at += gap)), `r${String(n)}`, call),
    );
  });

const KNOBS = { 'node.provision.failProb': 0, 'node.provision': '60s', 'node.delete.duration': '30s' };

function play(script: readonly Line[]): PlatformRun {
  return runBothWays({
    script,
    knobs: KNOBS,
    until: minutes(200),
    fill: (sim) => {
      for (const name of ['web', 'db']) fillIdentity(sim, name);
    },
  });
}

describe('after any story', () => {
  it('every call has one answer, and both modes agree on all that happened', () => {
    // Claim: ARM forgets no caller; recorded and fast runs are equal (runBothWays compares them).
    fc.assert(
      fc.property(scripts, (script) => {
        const answers = heardOf(play(script), 'ArmResponse').map(({ request }) => request);
        expect(new Set(answers).size).toBe(answers.length);
        expect(answers).toHaveLength(script.length);
      }),
      { numRuns: 60 },
    );
  });

  it('each living system-assigned principal belongs to one resource that has it switched on, and each such resource has one', () => {
    // Claim: no orphan and no missing principal at quiescence, however operations cut one another off.
    fc.assert(
      fc.property(scripts, (script) => {
        const { sim } = play(script);
        const living = sim
          .table('servicePrincipals')
          .all()
          .filter(({ kind, deletedAt }) => kind === 'systemAssigned' && deletedAt === undefined);
        const owners = sim
          .table('computeResources')
          .all()
          .filter(({ identityType }) => hasSystemAssigned(identityType));
        expect(owners.map(({ systemAssigned }) => systemAssigned?.principalId ?? '').sort()).toEqual(
          living.map(({ objectId }) => objectId).sort(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('the grants that stand are exactly the identities on the resources, and no operation still runs', () => {
    // Claim: what IMDS will serve and what ARM shows agree at quiescence, dangling references apart.
    fc.assert(
      fc.property(scripts, (script) => {
        const run = play(script);
        const standing = run.sim
          .table('identityGrants')
          .all()
          .filter(({ detachedAt }) => detachedAt === undefined);
        // A name that was made again while it hung somewhere: that reference is dead, and may be so more than once.
        const isDead = (key: string): boolean => run.sim.table('identityGrants').get(key)?.detachedAt !== undefined;
        const stale = new Set(
          factsOf(run, 'identity-reference-stale')
            .map(({ resource, identity }) => `${resource}|${identity}`)
            .filter(isDead),
        );
        const shown = run.sim
          .table('computeResources')
          .all()
          .flatMap((row) => {
            const users = row.userAssigned.map((id) => `${row.id.toLowerCase()}|${id.toLowerCase()}`).filter((key) => !stale.has(key));
            return hasSystemAssigned(row.identityType) ? [...users, `${row.id.toLowerCase()}|system`] : users;
          });
        expect(standing.map(({ resource, identity }) => `${resource}|${identity}`).sort()).toEqual(shown.sort());
        for (const row of run.sim.table('computeResources').all()) expect(row.provisioningState).toBe('Succeeded');
        const accepted = heardOf(run, 'ArmResponse')
          .filter(({ operation }) => operation !== undefined)
          .map(({ operation }) => operation ?? '');
        expect(
          factsOf(run, 'arm-operation-ended')
            .map(({ operation }) => operation)
            .sort(),
        ).toEqual(accepted.sort());
      }),
      { numRuns: 60 },
    );
  });

  it('a scale set has as many machines as its capacity says, and a VM has one', () => {
    // Claim: capacity and machines agree at quiescence when no instance fails to appear.
    fc.assert(
      fc.property(scripts, (script) => {
        const { sim } = play(script);
        const rows = sim.table('computeResources').all();
        for (const row of rows) expect(sim.table('virtualMachines').by('resource', row.id.toLowerCase())).toHaveLength(row.capacity);
        expect(sim.table('virtualMachines').all()).toHaveLength(rows.reduce((sum, row) => sum + row.capacity, 0));
      }),
      { numRuns: 60 },
    );
  });
});
