/** A calibration: values in kernel units, draws, followers, and all problems of a run's overrides at once. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, expectTypeOf, it } from 'vitest';

import { cdf } from '../../../src/kernel/random.ts';
import { days, millis, seconds } from '../../../src/kernel/time.ts';
import type { Duration } from '../../../src/kernel/time.ts';
import { defaultCalibration, knobNames, resolve } from '../../../src/model/calibration/index.ts';
import type {
  BucketValue,
  Calibration,
  DurationKnobName,
  KnobProblem,
  KnobValue,
  Overrides,
} from '../../../src/model/calibration/index.ts';

function resolved(overrides: Overrides): Calibration {
  const resolution = resolve(overrides);
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  return resolution.calibration;
}

function problemsOf(overrides: Overrides): readonly KnobProblem[] {
  const resolution = resolve(overrides);
  return resolution.ok ? [] : resolution.problems;
}

describe('value', () => {
  const calibration = defaultCalibration();

  it('gives times as whole microseconds, whatever unit they are quoted in', () => {
    expect(calibration.value('mic.sync.tail')).toBe(200_000);
    expect(calibration.value('nmi.podLookup.sleep')).toBe(300_000);
    expect(calibration.value('link.node')).toBe(50);
    expect(calibration.value('mi.cert.lifetime')).toBe(days(90));
    expect(calibration.value('adal.imds.delays')).toEqual([2, 6, 14, 30, 60].map(seconds));
  });

  it('gives the centre of a distribution', () => {
    expect(calibration.value('imds.latency.cacheMiss')).toBe(seconds(0.4));
    expect(calibration.value('watch.timeout')).toBe(seconds(450));
    expect(calibration.value('imds.update410.interarrival')).toBe(days(30));
    expect(calibration.value('vmss.patch.duration.serverSide')).toBe(seconds(35));
    expect(calibration.value('secret.lifetime')).toBe(days(180));
    expect(calibration.value('imds.unassign.cachedTokenDropped')).toBe(0.9);
  });

  it('gives everything else as it is', () => {
    expect(calibration.value('nmi.lookup.createdAttempts')).toBe(16);
    expect(calibration.value('mic.clientQps')).toBe(5);
    expect(calibration.value('nmi.lookup')).toBe('aai');
    expect(calibration.value('mic.lease.lockObject')).toBe('default/aad-pod-identity-mic');
    expect(calibration.value('vmss.etag.enforced')).toBe(false);
    expect(calibration.value('mi.create.limit.subRegion')).toEqual({ capacity: 80, refillPerSecond: 4 });
  });

  it('has the type of its knob', () => {
    expectTypeOf<KnobValue<'mic.sync.tail'>>().toEqualTypeOf<Duration>();
    expectTypeOf<KnobValue<'mic.clientQps'>>().toEqualTypeOf<number>();
    expectTypeOf<KnobValue<'arm.error5xx.prob'>>().toEqualTypeOf<number>();
    expectTypeOf<KnobValue<'nmi.headerRequired'>>().toEqualTypeOf<boolean>();
    expectTypeOf<KnobValue<'nmi.lookup'>>().toEqualTypeOf<'aai' | 'mic'>();
    expectTypeOf<KnobValue<'informer.listOrder'>>().toEqualTypeOf<'seeded' | 'given'>();
    expectTypeOf<KnobValue<'mic.immutableIds'>>().toEqualTypeOf<string>();
    expectTypeOf<KnobValue<'imds.rate.identity'>>().toEqualTypeOf<BucketValue>();
    expectTypeOf<KnobValue<'adal.imds.delays'>>().toEqualTypeOf<readonly Duration[]>();
    expectTypeOf<'mic.sync.tail'>().toExtend<DurationKnobName>();
    expectTypeOf<'mic.clientQps'>().not.toExtend<DurationKnobName>();
  });
});

describe('draws', () => {
  const calibration = defaultCalibration();
  const uniform = fc.double({ min: 2 ** -53, max: 1 - 2 ** -53, noNaN: true });
  const durationNames = knobNames.filter((name): name is DurationKnobName => {
    const knob = calibration.entries().find((entry) => entry.name === name)?.knob;
    return knob?.kind === 'duration';
  });

  // Claim: a drawn time is a whole number of microseconds from 0 to 2^53 - 1. Method: every knob, any uniform.
  test.prop([fc.constantFrom(...durationNames), uniform])('are whole microseconds and never negative', (name, u) => {
    const drawn = calibration.sampleDuration(name, u);
    expect(Number.isSafeInteger(drawn) && drawn >= 0).toBe(true);
  });

  it('of a year-long wait stop at the end of representable time', () => {
    expect(calibration.sampleDuration('secret.leak.interarrival', 1 - 2 ** -53)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('meet the quantiles of the published notation: p95 = median · e^(1.645 σ)', () => {
    const drawn = calibration.sampleDuration('imds.latency.cacheMiss', 0.95);
    expect(drawn / 1e6).toBeCloseTo(0.4 * Math.exp(1.6448536 * 0.6), 4);
  });

  it('stretch the PATCH beyond 60 s in 4 of 100 cases, as its tail says', () => {
    const patch = calibration.sampler('vmss.patch.duration.serverSide');
    expect(1 - cdf(patch, seconds(60))).toBeGreaterThan(0.03);
    expect(1 - cdf(patch, seconds(60))).toBeLessThan(0.06);
  });

  it('of numbers and chances come in their own unit', () => {
    expect(calibration.sampleNumber('imds.assign.visibleAt', 0.5)).toBeCloseTo(0.825, 10);
    expect(calibration.happens('imds.unassign.cachedTokenDropped', 0.2)).toBe(true);
    expect(calibration.happens('imds.unassign.cachedTokenDropped', 0.05)).toBe(false);
    expect(calibration.sampleNumber('imds.staleIdentityBug.prob', 0.999)).toBe(0);
  });

  it('of an overridden number stay in its bounds', () => {
    expect(resolved({ 'ca.scaleDown.utilThreshold': 'LN(0.9, 1)' }).sampleNumber('ca.scaleDown.utilThreshold', 0.99)).toBe(1);
  });
});

describe('resolve', () => {
  it('tells of a knob that is set whether anything has asked for it', () => {
    const calibration = resolved({ 'mic.sync.tail': '1s' });
    expect(calibration.isIdle('mic.sync.tail')).toBe(true);
    calibration.value('mic.sync.periodic');
    expect(calibration.isIdle('mic.sync.tail')).toBe(true);
    calibration.value('mic.sync.tail');
    expect(calibration.isIdle('mic.sync.tail')).toBe(false);
    expect(calibration.isIdle('mic.sync.periodic')).toBe(false);
  });

  it('puts overrides in force and remembers which', () => {
    const calibration = resolved({ 'mic.sync.tail': '1s', 'nmi.retryAfter.enabled': true });

    expect(calibration.value('mic.sync.tail')).toBe(seconds(1));
    expect(calibration.value('nmi.retryAfter.enabled')).toBe(true);
    expect(calibration.isOverridden('mic.sync.tail')).toBe(true);
    expect(calibration.isOverridden('mic.sync.periodic')).toBe(false);
    expect(calibration.entries().filter(({ isOverridden }) => isOverridden)).toMatchObject([
      { name: 'mic.sync.tail', text: '1 s' },
      { name: 'nmi.retryAfter.enabled', text: 'true' },
    ]);
  });

  it('changes nothing without overrides', () => {
    expect(resolved({}).entries()).toEqual(defaultCalibration().entries());
  });

  it('names every problem at once, by knob', () => {
    expect(problemsOf({ 'nmi.headerRequird': true, 'mic.sync.tail': 5, 'arm.error5xx.prob': 2, 'mic.lease': '30s', xyzzy: 1 })).toEqual([
      { knob: 'arm.error5xx.prob', rule: 'a probability is from 0 to 1, not 2' },
      {
        knob: 'mic.lease',
        rule: 'unknown knob; did you mean mic.lease.candidateWait or mic.lease.duration or mic.lease.exitOnLoss?',
      },
      { knob: 'mic.sync.tail', rule: 'needs a unit, such as 5s or 5 s' },
      { knob: 'nmi.headerRequird', rule: 'unknown knob; did you mean nmi.headerRequired?' },
      { knob: 'xyzzy', rule: 'unknown knob' },
    ]);
  });

  it('lets what the real program computes follow: half, a quarter and the jitter of a 30 s lease', () => {
    const calibration = resolved({ 'mic.lease.duration': '30s' });

    expect(calibration.value('mic.lease.renewDeadline')).toBe(seconds(15));
    expect(calibration.value('mic.lease.retryPeriod')).toBe(seconds(7.5));
    expect(calibration.sampler('mic.lease.candidateWait')).toEqual({ kind: 'uniform', low: seconds(7.5), high: seconds(16.5) });
    expect(calibration.isOverridden('mic.lease.renewDeadline')).toBe(false);
  });

  it('lets an override of a follower win', () => {
    const calibration = resolved({ 'mic.lease.duration': '30s', 'mic.lease.retryPeriod': '2s' });

    expect(calibration.value('mic.lease.retryPeriod')).toBe(seconds(2));
    expect(calibration.sampler('mic.lease.candidateWait')).toEqual({ kind: 'uniform', low: seconds(2), high: seconds(4.4) });
  });

  it('takes the integer part of the client QPS as burst', () => {
    expect(resolved({ 'mic.clientQps': 7.9 }).value('mic.clientBurst')).toBe(7);
    expect(resolved({ 'mic.clientQps': 0.5 }).value('mic.clientBurst')).toBe(0);
  });

  it('refuses values that are possible alone but not together', () => {
    expect(problemsOf({ 'mic.lease.renewDeadline': '20s' })).toEqual([
      { knob: 'mic.lease.renewDeadline', rule: 'mic.lease.renewDeadline is shorter than mic.lease.duration' },
    ]);
    expect(problemsOf({ 'wi.saToken.lifetime': '10m' })).toEqual([
      { knob: 'wi.saToken.lifetime', rule: 'wi.saToken.lifetime is 1h to 24h' },
    ]);
  });

  it('keeps sub-second values exact', () => {
    expect(resolved({ 'mic.sync.tail': '0.3s' }).value('mic.sync.tail')).toBe(millis(300));
    expect(resolved({ 'mic.sync.tail': '1us' }).value('mic.sync.tail')).toBe(1);
  });
});
