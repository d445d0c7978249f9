/** Throttles at ARM and behind it: how many pass, what the others are told, and when they may come back. */
import { describe, expect, it } from 'vitest';
import { hours, minutes, moment, seconds } from '../../../src/kernel/time.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import { take, tokenBucket } from '../../../src/model/token-bucket.ts';
import { Callers } from '../../support/arm-caller.ts';
import { armLine, fillCompute, fillIdentity, heardOf, identityId, runBothWays } from '../../support/platform-world.ts';

const POOL = { kind: 'vmss', name: 'pool' } as const;
const GET: ArmCall = { op: 'get', resource: POOL };
const PATCH: ArmCall = { op: 'assignIdentity', resource: POOL, identity: identityId('a') };

/** Status and Retry-After [s] of each call; `times` are seconds. */
function ask(call: (n: number) => ArmCall, times: readonly number[], knobs: Overrides = {}): readonly (readonly [number, number])[] {
  const run = runBothWays({
    knobs: { 'arm.write.acceptLatency': '1ms', 'arm.write.rejectLatency': '1ms', 'mi.uami.createLatency': '1ms', ...knobs },
    script: times.map((at, n) => armLine(seconds(at), `r${String(n).padStart(4, '0')}`, call(n))),
    until: hours(3),
    fill: (sim) => {
      for (const name of ['pool', 'other']) fillCompute(sim, 'vmss', name);
      fillIdentity(sim, 'a');
    },
  });
  const heard = [...heardOf(run, 'ArmResponse')].sort((a, b) => (a.request < b.request ? -1 : 1));
  return heard.map(({ status, retryAfter }) => [status, (retryAfter ?? 0) / seconds(1)] as const);
}

const burst = (n: number): readonly number[] => Array.from({ length: n }, (_, k) => 1 + k * 0.001);
const passed = (answers: readonly (readonly [number, number])[]): number => answers.filter(([status]) => status !== 429).length;

describe('updates of one scale set', () => {
  it('twelve in a burst pass, the thirteenth is told to wait 15 s', () => {
    const answers = ask(() => PATCH, burst(13));
    expect(passed(answers)).toBe(12);
    expect(answers[12]).toEqual([429, 15]);
  });

  it('after the burst four a minute pass, and no more', () => {
    const perSecond = Array.from({ length: 600 }, (_, k) => 10 + k);
    expect(passed(ask(() => PATCH, [...burst(12), ...perSecond]).slice(12))).toBe(40);
  });

  it('do not take from those of another scale set, nor from reads and polls', () => {
    const other: ArmCall = { ...PATCH, resource: { kind: 'vmss', name: 'other' } };
    const calls = [...Array<ArmCall>(13).fill(PATCH), other, GET, { op: 'pollOperation', operation: 'arm#1' } as const];
    const answers = ask((n) => calls[n] ?? GET, burst(16));
    expect(answers.slice(12).map(([status]) => status)).toEqual([429, 202, 200, 200]);
  });

  it('by two clients share the bucket of the scale set', () => {
    const lines = Array.from({ length: 7 }, (_, n) => ({ at: seconds(1 + n * 0.01), call: PATCH }));
    const callers = new Callers({ 'mic/default/mic-0': lines, 'aks-rp/upgrade': lines });
    runBothWays({
      knobs: { 'arm.write.acceptLatency': '1ms', 'arm.write.rejectLatency': '1ms' },
      actors: [callers.actor],
      until: minutes(5),
      fill: (sim) => {
        fillCompute(sim, 'vmss', 'pool');
        fillIdentity(sim, 'a');
        callers.join(sim);
      },
    });
    const first = callers.heard.slice(0, 14);
    expect(first.filter(({ status }) => status === 429)).toHaveLength(2);
  });
});

describe('reads', () => {
  it('of one scale set: 36 in a burst, then 12 a minute; of its instances 30, then 10 a minute', () => {
    expect(passed(ask(() => GET, burst(60)))).toBe(36);
    const view = ask(() => ({ op: 'getInstanceView', resource: POOL }), burst(60));
    expect(passed(view)).toBe(30);
    expect(view.at(-1)).toEqual([429, 6]);
  });

  it('polls have a bucket of their own for each resource: 45, then 15 a minute', () => {
    const answers = ask((n) => (n === 0 ? PATCH : { op: 'pollOperation', operation: 'arm#1' }), burst(61));
    expect(passed(answers.slice(1))).toBe(45);
    expect(answers.at(-1)?.[1]).toBeLessThanOrEqual(4);
  });
});

describe('identity changes of one scale set that the identity provider throttles', () => {
  it('are told 20 s in the words of FailedIdentityOperation, which blame no identity', () => {
    const answers = ask(() => PATCH, burst(12), { 'mi.resource.throttle': 'TB(4, +4/min)' });
    expect(answers.map(([status]) => status).slice(3, 5)).toEqual([202, 429]);
    expect(answers[4]).toEqual([429, 20]);
  });

  it('asked for 44 times a minute for 90 minutes fail by the hundred where 42 a minute are let through, as reported in 2020', () => {
    // Reported: more than 150 failures of about 4,000 PATCHes. The default lets through 45 a minute.
    const failures = (perMinute: number): number => {
      let bucket = tokenBucket({ capacity: perMinute, refillPerSecond: perMinute / 60 });
      return Array.from({ length: 44 * 90 }, (_, k) => moment(seconds((k * 60) / 44))).filter((now) => {
        const taking = take(bucket, now);
        bucket = taking.bucket;
        return !taking.ok;
      }).length;
    };
    expect([failures(45), failures(42) > 100, failures(42) < 250]).toEqual([0, true, true]);
  });

  it('that add one count as assignments of the subscription, those that remove do not', () => {
    const knobs = { 'mi.assign.limit.subRegion': 'TB(1, +1/min)' };
    const remove: ArmCall = { op: 'unassignIdentity', resource: POOL, identity: identityId('a') };
    const calls = [PATCH, remove, PATCH];
    expect(ask((n) => calls[n] ?? GET, [1, 100, 101], knobs).map(([status]) => status)).toEqual([202, 202, 202]);
    expect(ask((n) => calls[n] ?? GET, [1, 40, 41], knobs).map(([status]) => status)).toEqual([202, 202, 429]);
    expect(passed(ask((n) => calls[n] ?? GET, [1, 40, 41], { 'mi.assign.limit.tenantRegion': 'TB(1, +1/min)' }))).toBe(2);
  });
});

describe('identities as resources', () => {
  const create = (n: number): ArmCall => ({ op: 'putIdentity', name: `new-${String(n)}`, resourceGroup: 'rg' });

  it('two are created in a second, by the subscription', () => {
    expect(passed(ask(create, burst(10)))).toBe(2);
  });

  it.each(['mi.create.limit.tenantRegion', 'mi.create.limit.subRegion', 'mi.rest.createUpdate.limit.tenant'])(
    '%s limits them too',
    (knob) => {
      const roomy = {
        'mi.rest.createUpdate.limit.subscription': 'TB(100, +100/s)',
        'mi.rest.createUpdate.limit.tenant': 'TB(100, +100/s)',
      };
      expect(passed(ask(create, burst(10), { ...roomy, [knob]: 'TB(3, +1/min)' }))).toBe(3);
    },
  );

  it('one is written every 4 s, read every 2 s, deleted every 4 s', () => {
    const every = (call: ArmCall): number =>
      passed(
        ask(
          () => call,
          Array.from({ length: 40 }, (_, k) => 1 + k),
        ),
      );
    expect(every({ op: 'putIdentity', name: 'a', resourceGroup: 'rg' })).toBe(10);
    expect(every({ op: 'getIdentity', id: identityId('a') })).toBe(20);
    expect(every({ op: 'deleteIdentity', id: identityId('a') })).toBe(10);
  });

  it.each(['get', 'delete'] as const)('the limits of %s by subscription and tenant hold', (kind) => {
    const call = (n: number): ArmCall => ({ op: `${kind}Identity`, id: identityId(`i${String(n)}`) });
    for (const scope of ['tenant', 'subscription'])
      expect(passed(ask(call, burst(60), { [`mi.rest.${kind}.limit.${scope}`]: 'TB(1, +1/min)' }))).toBe(1);
  });
});

describe('an agent pool', () => {
  it('is put twenty times, then once a minute', () => {
    const answers = ask(() => ({ op: 'putAgentPool', pool: 'pool' }), burst(21));
    expect([passed(answers), answers.at(-1)]).toEqual([20, [429, 60]]);
  });
});

describe('ARM itself', () => {
  const wide = { 'crp.vmss.get.perResource': 'TB(100000, +1000/s)', 'crp.vmss.get.perSub': 'TB(100000, +1000/s)' };

  it('lets 250 reads of a principal pass, then 25 a second', () => {
    const answers = ask(() => GET, burst(300), wide);
    // 0.3 s of refill.
    expect(passed(answers)).toBe(257);
    expect(answers.at(-1)).toEqual([429, 1]);
  });

  it('holds all principals together to a multiple of one', () => {
    expect(passed(ask(() => GET, burst(300), { ...wide, 'arm.bucket.globalFactor': 1, 'arm.bucket.reads': 'TB(10, +1/min)' }))).toBe(10);
  });

  it('asks for at least the least Retry-After', () => {
    const answers = ask(() => GET, burst(300), { ...wide, 'arm.429.retryAfter.minimum': '7s' });
    expect(answers.at(-1)).toEqual([429, 7]);
  });
});

describe('in the era before token buckets', () => {
  const legacy = { 'arm.throttling.era': 'legacy', 'arm.legacy.instances': 1 };

  it('1,200 writes an hour: what is not used is lost at the end of the hour, and the next hour begins whole', () => {
    const knobs = { ...legacy, 'arm.legacy.writes': 5, 'mi.resource.throttle': 'TB(1000, +1000/s)' };
    const answers = ask(() => PATCH, [1, 2, 3, 4, 5, 6, 3599, 3602, 3603], knobs);
    expect(answers.map(([status]) => status === 429)).toEqual([false, false, false, false, false, true, true, false, false]);
    expect([answers[5]?.[1], answers[6]?.[1]]).toEqual([3595, 2]);
  });

  it('scale sets are read 200 times in 3 minutes; then a random Retry-After of 1 to 20 minutes is asked for', () => {
    const answers = ask(() => GET, burst(201), { ...legacy, 'crp.legacy.retryAfter': '1200s' });
    expect([passed(answers), answers.at(-1)]).toEqual([200, [429, 1200]]);
  });

  it('scale sets are updated 110 times in 3 minutes by all clients together', () => {
    const knobs = { ...legacy, 'mi.resource.throttle': 'TB(1000, +1000/s)', 'arm.legacy.writes': 10_000 };
    expect(passed(ask((n) => ({ ...PATCH, resource: { kind: 'vmss', name: n % 2 === 0 ? 'pool' : 'other' } }), burst(200), knobs))).toBe(
      110,
    );
  });
});
