/** Life of an identity PATCH at ARM. */
import { describe, expect, it } from 'vitest';
import { millis, seconds } from '../../../src/kernel/time.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import { armLine, computeId, factsOf, fillCompute, fillIdentity, heardOf, identityId, runBothWays } from '../../support/platform-world.ts';
import type { PlatformOptions, PlatformRun } from '../../support/platform-world.ts';

const POOL = { kind: 'vmss', name: 'pool' } as const;
const KEY = computeId('vmss', 'pool').toLowerCase();

function add(...names: readonly string[]): ArmCall {
  return {
    op: 'patchIdentity',
    resource: POOL,
    identityType: 'UserAssigned',
    delta: names.map((name) => ({ id: identityId(name), action: 'add' as const })),
  };
}

function poll(operation: string): ArmCall {
  return { op: 'pollOperation', operation };
}

function worldWith(options: PlatformOptions): PlatformRun {
  return runBothWays({
    ...options,
    fill: (sim) => {
      fillCompute(sim, 'vmss', 'pool');
      for (const name of ['a', 'b', 'c']) fillIdentity(sim, name);
      options.fill?.(sim);
    },
  });
}

describe('an identity PATCH of a scale set', () => {
  it('is accepted after 0.5 s with 202, runs 35 s during which GET shows Updating and the old ids, and then the poll says Succeeded', () => {
    const run = worldWith({
      script: [
        armLine(seconds(1), 'patch', add('a')),
        armLine(seconds(20), 'get-during', { op: 'get', resource: { kind: 'vmss', name: 'POOL' } }),
        armLine(seconds(21), 'poll-during', poll('arm#1')),
        armLine(seconds(40), 'poll-after', poll('arm#1')),
      ],
    });
    const [patch, get, during, ended] = heardOf(run, 'ArmResponse');
    expect(patch).toMatchObject({ status: 202, operation: 'arm#1', operationStatus: 'InProgress', at: seconds(1.5) });
    expect(get?.resource).toMatchObject({ provisioningState: 'Updating', userAssigned: [] });
    expect(during).toMatchObject({ status: 200, operationStatus: 'InProgress' });
    expect(ended).toMatchObject({
      operationStatus: 'Succeeded',
      resource: { provisioningState: 'Succeeded', userAssigned: [identityId('a')] },
    });
    expect(factsOf(run, 'arm-operation-ended')).toMatchObject([
      { outcome: 'Succeeded', resource: KEY, added: [identityId('a')], removed: [], took: seconds(35), at: seconds(36.5) },
    ]);
    expect(factsOf(run, 'arm-answered').map(({ op, status }) => [op, status])).toEqual([
      ['patchIdentity', 202],
      ['get', 200],
      ['pollOperation', 200],
      ['pollOperation', 200],
    ]);
  });

  it('divides the wait of its poller into arm 0.55 s, patch 35 s and patchPoll 3.5 s', () => {
    const run = worldWith({ script: [armLine(seconds(1), 'patch', add('a')), armLine(seconds(40), 'poll', poll('arm#1'))] });
    const answered = run.facts.filter(({ fact }) => fact.type === 'arm-answered').at(-1);
    const parts = run.sim.trace.divide(answered?.event ?? -1, seconds(1) as never);
    expect(parts.map(({ label, from, to }) => [label, to - from])).toEqual([
      ['arm', millis(500)],
      ['patch', seconds(35)],
      ['patchPoll', seconds(3.5)],
    ]);
  });

  it('that takes no time is answered 200 at once, with the new state', () => {
    const run = worldWith({
      knobs: { 'vmss.patch.duration.serverSide': '0s', 'arm.write.acceptLatency': '0s' },
      script: [armLine(seconds(1), 'patch', add('a', 'b'))],
    });
    const [answer] = heardOf(run, 'ArmResponse');
    expect(answer).toMatchObject({ status: 200, operationStatus: 'Succeeded', at: seconds(1) });
    expect(answer?.resource).toMatchObject({ identityType: 'UserAssigned', userAssigned: [identityId('a'), identityId('b')] });
  });

  it('is refused with 400 for an identity that does not exist, which it names in single quotes', () => {
    const run = worldWith({ script: [armLine(seconds(1), 'patch', add('a', 'missing'))] });
    const [answer] = heardOf(run, 'ArmResponse');
    expect(answer).toMatchObject({ status: 400, error: { code: 'FailedIdentityOperation' } });
    expect(answer?.error?.message).toContain(`'${identityId('missing')}'`);
    expect(run.sim.table('computeResources').get(KEY)?.userAssigned).toEqual([]);
  });

  it('answers 404 for a scale set that is not there', () => {
    const run = worldWith({ script: [armLine(seconds(1), 'get', { op: 'get', resource: { kind: 'vmss', name: 'other' } })] });
    expect(heardOf(run, 'ArmResponse')).toMatchObject([{ status: 404, error: { code: 'ResourceNotFound' } }]);
  });

  it('waits behind a GET that hangs for 1 to 17 minutes no longer than any other', () => {
    const run = worldWith({
      knobs: { 'arm.get.pathological.prob': 1 },
      script: [armLine(seconds(1), 'get', { op: 'get', resource: POOL }), armLine(seconds(2), 'patch', add('a'))],
    });
    const [patch, get] = heardOf(run, 'ArmResponse');
    expect(patch).toMatchObject({ request: 'patch', at: seconds(2.5) });
    expect(get?.at).toBeGreaterThanOrEqual(seconds(61));
    expect(get?.at).toBeLessThanOrEqual(seconds(1001));
  });

  it('cut off by a later one ends as OperationPreempted, and the later one carries out both', () => {
    const run = worldWith({
      script: [
        armLine(seconds(1), 'first', add('a')),
        armLine(seconds(10), 'second', add('b')),
        armLine(seconds(11), 'poll-first', poll('arm#1')),
        armLine(seconds(50), 'poll-second', poll('arm#2')),
      ],
    });
    const [, , first, second] = heardOf(run, 'ArmResponse');
    expect(first).toMatchObject({ operationStatus: 'Canceled', error: { code: 'OperationPreempted' } });
    expect(second).toMatchObject({ operationStatus: 'Succeeded', resource: { userAssigned: [identityId('a'), identityId('b')] } });
    expect(factsOf(run, 'arm-operation-ended').map(({ outcome, at }) => [outcome, at])).toEqual([
      ['Preempted', seconds(10.5)],
      ['Succeeded', seconds(45.5)],
    ]);
  });

  it('is refused with 409 and Retry-After 5 s while another runs, where the knob says so', () => {
    const run = worldWith({
      knobs: { 'vmss.concurrentWrite.outcome': 'reject409' },
      script: [armLine(seconds(1), 'first', add('a')), armLine(seconds(10), 'second', add('b'))],
    });
    expect(heardOf(run, 'ArmResponse')[1]).toMatchObject({ status: 409, retryAfter: seconds(5) });
    expect(run.sim.table('computeResources').get(KEY)?.userAssigned).toEqual([identityId('a')]);
  });

  it('is taken by a resource in state Deleting, which stays in that state', () => {
    const run = worldWith({
      fill: (sim) => {
        fillCompute(sim, 'vmss', 'pool', { provisioningState: 'Deleting' });
      },
      script: [armLine(seconds(1), 'patch', add('a')), armLine(seconds(10), 'get', { op: 'get', resource: POOL })],
    });
    expect(heardOf(run, 'ArmResponse').map(({ status, resource }) => [status, resource?.provisioningState])).toEqual([
      [202, 'Deleting'],
      [200, 'Deleting'],
    ]);
    expect(run.sim.table('computeResources').get(KEY)).toMatchObject({ provisioningState: 'Deleting', userAssigned: [identityId('a')] });
  });

  it('of 151 identities is refused with 400, of 150 it takes 7.5 s longer', () => {
    const names = Array.from({ length: 151 }, (_, n) => `many-${String(n)}`);
    const run = worldWith({
      knobs: { 'vmss.patch.perIdentityCost': '50ms' },
      fill: (sim) => {
        for (const name of names) fillIdentity(sim, name);
      },
      script: [armLine(seconds(1), 'much', add(...names)), armLine(seconds(2), 'enough', add(...names.slice(0, 150)))],
    });
    expect(heardOf(run, 'ArmResponse').map(({ status }) => status)).toEqual([400, 202]);
    expect(factsOf(run, 'arm-operation-ended')).toMatchObject([{ took: seconds(42.5) }]);
  });

  it('that changes nothing is answered 200 without an operation', () => {
    const run = worldWith({ script: [armLine(seconds(1), 'one', add('a')), armLine(seconds(60), 'same', add('a'))] });
    expect(heardOf(run, 'ArmResponse')[1]).toMatchObject({ status: 200, operationStatus: 'Succeeded' });
    expect(factsOf(run, 'arm-operation-ended')).toHaveLength(1);
  });

  it('fails with 500 when the provider breaks', () => {
    const run = worldWith({ knobs: { 'arm.error5xx.prob': 1 }, script: [armLine(seconds(1), 'patch', add('a'))] });
    expect(heardOf(run, 'ArmResponse')).toMatchObject([{ status: 500 }]);
  });
});

describe('throttles of the compute provider', () => {
  it('let 12 updates of one scale set through in a burst, refuse the 13th with Retry-After 15 s, and give one more each 15 s', () => {
    const burst = Array.from({ length: 13 }, (_, n) => armLine(millis(1000 + n), `patch-${String(n)}`, add(n % 2 === 0 ? 'a' : 'b')));
    const later = [
      armLine(seconds(15.9), 'early', add('c')),
      armLine(seconds(16), 'on-time', add('c')),
      armLine(seconds(17), 'next', add('c')),
    ];
    const run = worldWith({ knobs: { 'vmss.patch.duration.serverSide': '0s' }, script: [...burst, ...later] });
    const asked = [...burst, ...later].map(({ message }) => ('request' in message ? message.request : ''));
    const heard = heardOf(run, 'ArmResponse');
    const answers = asked.flatMap((request) => heard.filter((answer) => answer.request === request));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(12).fill(200), 429, 429, 200, 429]);
    expect(answers.filter(({ status }) => status === 429).map(({ retryAfter }) => retryAfter)).toEqual([
      seconds(15),
      seconds(1),
      seconds(14),
    ]);
    expect(answers.find(({ status }) => status === 429)?.error?.code).toBe('OperationNotAllowed');
  });

  it('of ARM let a principal read 250 times in a burst and refuse the 251st', () => {
    const knobs = { 'crp.vmss.get.perResource': 'TB(1000, +1/s)' };
    const script = Array.from({ length: 251 }, (_, n) => armLine(seconds(1), `get-${String(n)}`, { op: 'get', resource: POOL }));
    const run = worldWith({ knobs, script });
    const statuses = heardOf(run, 'ArmResponse').map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(250);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it('of the identity provider let 45 changes of one resource through and refuse the 46th for 20 s', () => {
    const knobs = { 'vmss.patch.duration.serverSide': '0s', 'crp.vmss.update.perResource': 'TB(1000, +1/s)' };
    const script = Array.from({ length: 46 }, (_, n) => armLine(millis(1000 + n), `patch-${String(n)}`, add(n % 2 === 0 ? 'a' : 'b')));
    const late = heardOf(worldWith({ knobs, script }), 'ArmResponse').filter(({ status }) => status === 429);
    expect(late).toMatchObject([{ request: 'patch-45', retryAfter: seconds(20), error: { code: 'FailedIdentityOperation' } }]);
  });

  it('of the years before 2024 let 110 updates of all scale sets through in three minutes and keep the 111th away for 1 to 20 minutes', () => {
    const knobs = { 'arm.throttling.era': 'legacy', 'vmss.patch.duration.serverSide': '0s', 'mi.resource.throttle': 'TB(1000, +1/s)' };
    const script = Array.from({ length: 111 }, (_, n) => armLine(millis(1000 + n), `patch-${String(n)}`, add(n % 2 === 0 ? 'a' : 'b')));
    const late = heardOf(worldWith({ knobs, script }), 'ArmResponse').filter(({ status }) => status === 429);
    expect(late).toHaveLength(1);
    expect(late[0]?.retryAfter).toBeGreaterThanOrEqual(seconds(60));
    expect(late[0]?.retryAfter).toBeLessThanOrEqual(seconds(1200));
  });
});
