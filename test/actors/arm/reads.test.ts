/** Reads that lag behind writes, writes that say what they have read, and role assignments for principals that are still spreading. */
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/kernel/time.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import { armLine, fillCompute, fillIdentity, heardOf, identityId, runBothWays } from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

const POOL = { kind: 'vmss', name: 'pool' } as const;
const GET: ArmCall = { op: 'get', resource: POOL };

function add(name: string, ifMatch?: number): ArmCall {
  const delta = [{ id: identityId(name), action: 'add' as const }];
  return { op: 'patchIdentity', resource: POOL, identityType: 'UserAssigned', delta, ...(ifMatch === undefined ? {} : { ifMatch }) };
}

function ask(script: readonly Line[], knobs: Overrides = {}): PlatformRun {
  return runBothWays({
    knobs,
    script,
    until: minutes(30),
    fill: (sim) => {
      fillCompute(sim, 'vmss', 'pool');
      for (const name of ['a', 'b']) fillIdentity(sim, name);
    },
  });
}

describe('a GET', () => {
  const gets = [20, 40, 43, 50].map((at) => armLine(seconds(at), `get-${String(at)}`, GET));
  const shown = (knobs: Overrides): readonly unknown[] =>
    heardOf(ask([armLine(seconds(1), 'patch', add('a')), ...gets], knobs), 'ArmResponse')
      .filter(({ request }) => request.startsWith('get'))
      .map(({ resource }) => [resource?.provisioningState, resource?.userAssigned.length]);

  it('shows what is: Updating until the operation ends at 36.5 s, then the identity', () => {
    expect(shown({})).toEqual([
      ['Updating', 0],
      ['Succeeded', 1],
      ['Succeeded', 1],
      ['Succeeded', 1],
    ]);
  });

  it('that lags by 5 s shows at 40 s still what was before 36.5 s, and at 43 s no more', () => {
    expect(shown({ 'arm.get.staleFor': '5s' })).toEqual([
      ['Updating', 0],
      ['Updating', 0],
      ['Succeeded', 1],
      ['Succeeded', 1],
    ]);
  });

  it('that lags shows a scale set for a while after it is gone, and none for a while after it came', () => {
    const made: ArmCall = { op: 'putScaleSet', name: 'new', instances: 0, systemAssigned: false, identities: [] };
    const look: ArmCall = { op: 'get', resource: { kind: 'vmss', name: 'new' } };
    const run = ask(
      [
        armLine(seconds(1), 'put', made),
        armLine(seconds(3), 'get-early', look),
        armLine(seconds(9), 'get-there', look),
        armLine(seconds(100), 'delete', { op: 'deleteResource', resource: { kind: 'vmss', name: 'new' } }),
        armLine(seconds(162), 'get-lingers', look),
        armLine(seconds(170), 'get-gone', look),
      ],
      { 'arm.get.staleFor': '5s', 'node.provision': '10s', 'node.delete.duration': '60s' },
    );
    const gets = heardOf(run, 'ArmResponse').filter(({ request }) => request.startsWith('get'));
    expect(gets.map(({ status }) => status)).toEqual([404, 200, 200, 404]);
  });

  it('during Updating is refused with 409 where a knob says so', () => {
    const run = ask([armLine(seconds(1), 'patch', add('a')), armLine(seconds(20), 'get', GET)], { 'vmss.get.duringUpdating': false });
    expect(heardOf(run, 'ArmResponse')[1]).toMatchObject({ status: 409, retryAfter: seconds(5) });
  });
});

describe('a write with If-Match', () => {
  const script = [armLine(seconds(1), 'first', add('a')), armLine(seconds(60), 'get', GET), armLine(seconds(61), 'late', add('b', 0))];

  it('made from an older state is refused with 412 where ETags are honoured, and passes where not', () => {
    const status = (knobs: Overrides): unknown =>
      heardOf(ask(script, knobs), 'ArmResponse').find(({ request }) => request === 'late')?.status;
    expect(status({ 'vmss.etag.enforced': true })).toBe(412);
    expect(status({})).toBe(202);
  });

  it('made from the present state passes, also after the operation that changed it has ended', () => {
    const now = heardOf(ask(script), 'ArmResponse').find(({ request }) => request === 'get')?.resource?.generation;
    expect(now).toBe(2);
    const run = ask([...script.slice(0, 2), armLine(seconds(61), 'fresh', add('b', now))], { 'vmss.etag.enforced': true });
    expect(heardOf(run, 'ArmResponse').at(-1)).toMatchObject({ request: 'fresh', status: 202 });
  });
});

describe('a role for an identity that the directory is still spreading', () => {
  const grant = (principalType: 'given' | 'omitted'): ArmCall => ({
    op: 'putRoleAssignment',
    principal: { identity: identityId('new') },
    role: 'Reader',
    scope: '/subscriptions/s',
    principalType,
  });
  const make = armLine(seconds(1), 'create', { op: 'putIdentity', name: 'new', resourceGroup: 'rg' });
  const knobs = { 'mi.uami.createLatency': '4s', 'mi.sp.replicationDelay': '60s', 'mi.sp.missProbDuringReplication': 'always' };
  const codes = (type: 'given' | 'omitted', at: number, more: Overrides = {}): unknown =>
    heardOf(ask([make, armLine(seconds(at), 'grant', grant(type))], { ...knobs, ...more }), 'ArmResponse').at(-1)?.error?.code ?? 'fine';

  it('meets PrincipalNotFound unless the type of the principal is given', () => {
    expect(codes('omitted', 10)).toBe('PrincipalNotFound');
    expect(codes('given', 10)).toBe('fine');
  });

  it('is taken once every replica knows it, and while none can miss it', () => {
    expect(codes('omitted', 70)).toBe('fine');
    expect(codes('omitted', 10, { 'mi.sp.missProbDuringReplication': 'never' })).toBe('fine');
  });
});
