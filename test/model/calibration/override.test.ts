/** Override texts: what is read, what is refused and by which rule, and that printing and reading are inverse. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';

import { validateSampler } from '../../../src/kernel/random.ts';
import type { Sampler } from '../../../src/kernel/random.ts';
import { catalogue, formatKnobValue, knobNames, parseKnobValue, splitOverride } from '../../../src/model/calibration/index.ts';
import type { Knob, KnobName, KnobSetting, OverrideValue } from '../../../src/model/calibration/index.ts';

const wait = catalogue['vmss.patch.duration.serverSide'];
const attempts = catalogue['nmi.lookup.createdAttempts'];

function read(knob: Knob, value: OverrideValue): KnobSetting {
  const result = parseKnobValue(knob, value);
  if (!result.ok) throw new Error(result.rule);
  return result.value;
}

function ruleOf(name: KnobName, value: OverrideValue): string {
  const result = parseKnobValue(catalogue[name], value);
  return result.ok ? `accepted as ${formatKnobValue(catalogue[name], result.value)}` : result.rule;
}

describe('parseKnobValue', () => {
  it.each<[string, Sampler]>([
    ['45s', { kind: 'constant', value: 45 }],
    ['const(1.5 min)', { kind: 'constant', value: 90 }],
    ['300ms', { kind: 'constant', value: 0.3 }],
    ['1h30m', { kind: 'constant', value: 5400 }],
    ['250us', { kind: 'constant', value: 0.00025 }],
    ['LN(35s, 0.26)', { kind: 'logNormal', median: 35, sigma: 0.26 }],
    ['U(5s, 10 s)', { kind: 'uniform', low: 5, high: 10 }],
    ['Exp(30d)', { kind: 'exponential', mean: 2_592_000 }],
    ['trunc(LN(35s, 0.26), 1s, 60s)', { kind: 'truncated', of: { kind: 'logNormal', median: 35, sigma: 0.26 }, low: 1, high: 60 }],
    ['shift(Exp(1s), 2s)', { kind: 'shifted', of: { kind: 'exponential', mean: 1 }, by: 2 }],
    [
      'mix(0.98 LN(14s,0.2), 0.02 U(2min, 3min))',
      {
        kind: 'mixture',
        parts: [
          { weight: 0.98, of: { kind: 'logNormal', median: 14, sigma: 0.2 } },
          { weight: 0.02, of: { kind: 'uniform', low: 120, high: 180 } },
        ],
      },
    ],
  ])('reads %s for a knob in seconds', (text, sampler) => {
    expect(read(wait, text)).toEqual(sampler);
  });

  it('reads the other kinds', () => {
    expect(read(attempts, 20)).toEqual({ kind: 'constant', value: 20 });
    expect(read(catalogue['imds.assign.visibleAt'], 'U(0.9, 1)')).toEqual({ kind: 'uniform', low: 0.9, high: 1 });
    expect(read(catalogue['arm.error5xx.prob'], 0.1)).toEqual({ kind: 'bernoulli', probability: 0.1 });
    expect(read(catalogue['arm.error5xx.prob'], 'Bern(0.1)')).toEqual({ kind: 'bernoulli', probability: 0.1 });
    expect(read(catalogue['vmss.etag.enforced'], true)).toBe(true);
    expect(read(catalogue['informer.listOrder'], 'given')).toBe('given');
    expect(read(catalogue['mic.immutableIds'], 'a, b')).toBe('a, b');
    expect(read(catalogue['crp.vmss.update.perResource'], 'TB(24, +8/min)')).toEqual({ capacity: 24, refill: 8, perSeconds: 60 });
    expect(read(catalogue['mi.create.limit.subRegion'], 'TB(1, 0.5/20 s)')).toEqual({ capacity: 1, refill: 0.5, perSeconds: 20 });
    expect(read(catalogue['adal.imds.delays'], '1s, 500ms')).toEqual([1, 0.5]);
    expect(read(catalogue['adal.imds.delays'], ['1s', '1m'])).toEqual([1, 60]);
    expect(read(catalogue['adal.imds.delays'], '[]')).toEqual([]);
  });

  it('wants a unit at every time and none at any other number', () => {
    expect(ruleOf('mic.sync.tail', 45)).toBe('needs a unit, such as 45s or 45 s');
    expect(ruleOf('mic.sync.tail', 'LN(35, 0.26)')).toBe('needs a unit, such as 35s or 35 s');
    expect(ruleOf('adal.imds.delays', [2, 6])).toBe('needs a unit, such as 2s or 2 s');
    expect(ruleOf('mic.sync.tail', '3 weeks')).toBe('unknown unit of time "weeks"; use us, ms, s, m, h, d, months, years');
    expect(ruleOf('mic.sync.tail', 'LN(35s, 0.26s)')).toBe('is a plain number [number], without a unit, not "0.26s"');
    expect(ruleOf('nmi.lookup.createdAttempts', '16s')).toBe('is a plain number [attempts], without a unit, not "16s"');
  });

  it('refuses what is physically impossible', () => {
    expect(ruleOf('mic.sync.tail', '-1s')).toBe('a duration cannot be negative');
    expect(ruleOf('mic.sync.tail', 'U(-1s, 1s)')).toBe('a duration cannot be negative');
    expect(ruleOf('mic.sync.tail', 'shift(Exp(1s), -2s)')).toBe('a duration cannot be negative');
    expect(ruleOf('adal.imds.delays', '2s, -6s')).toBe('a duration cannot be negative');
    expect(ruleOf('arm.error5xx.prob', 1.5)).toBe('a probability is from 0 to 1, not 1.5');
    expect(ruleOf('arm.error5xx.prob', '-0.1')).toBe('a probability is from 0 to 1, not -0.1');
    expect(ruleOf('nmi.lookup.createdAttempts', 0)).toBe('is at least 1 [attempts]');
    expect(ruleOf('nmi.lookup.createdAttempts', 2.5)).toBe('is a whole number [attempts], not "2.5"');
    expect(ruleOf('nmi.status.tokenError', 700)).toBe('is 100 to 599 [HTTP]');
    expect(ruleOf('ca.scaleDown.utilThreshold', 'U(0.5, 1.5)')).toBe('is 0 to 1 [fraction]');
    expect(ruleOf('entra.throttle.bucket', 'TB(0, +4/min)')).toBe('a bucket holds at least one token');
    expect(ruleOf('entra.throttle.bucket', 'TB(5, +-4/min)')).toBe('the refill of a bucket cannot be negative');
    expect(ruleOf('entra.throttle.bucket', 'TB(5, +4/0 s)')).toBe('the period of a refill is above zero');
  });

  it('refuses a value of another kind', () => {
    expect(ruleOf('mic.sync.tail', 'Bern(0.5)')).toBe('is a length of time; Bern(p) is for probabilities');
    expect(ruleOf('imds.assign.visibleAt', 'Bern(0.5)')).toBe('is a number [fraction]; Bern(p) is for probabilities');
    expect(ruleOf('arm.error5xx.prob', 'U(0, 1)')).toBe('is a probability: a number from 0 to 1, or Bern(p)');
    expect(ruleOf('vmss.etag.enforced', 'yes')).toBe('is true or false, not "yes"');
    expect(ruleOf('informer.listOrder', 'sorted')).toBe('is one of seeded, given, not "sorted"');
    expect(ruleOf('entra.throttle.bucket', 20)).toBe('is a token bucket such as TB(12, +4/min), not "20"');
    expect(ruleOf('mic.sync.tail', ['1s'])).toBe('takes one value, not a list');
    expect(ruleOf('mic.sync.tail', true)).toBe('is a time such as 45s, not "true"');
  });

  it('reads a thousand ambiguous characters as quickly as ten', () => {
    expect(ruleOf('mic.sync.tail', `${'1e1'.repeat(1_000)}!`)).toMatch(/^is a time such as 45s/u);
    expect(read(wait, '1e-7s')).toEqual({ kind: 'constant', value: 1e-7 });
  });

  it('refuses a distribution that is none', () => {
    expect(ruleOf('mic.sync.tail', 'Gamma(1s, 2)')).toBe('unknown distribution "Gamma"; use const, U, LN, Exp, Bern, trunc, mix, shift');
    expect(ruleOf('mic.sync.tail', 'LN(35s)')).toBe('LN(median, sigma) takes 2 here, not 1');
    expect(ruleOf('mic.sync.tail', 'mix(LN(35s, 1))')).toBe('mix(weight distribution, …) cannot hold "LN(35s, 1)"');
    for (const text of ['U(10s, 5s)', 'Exp(0s)', 'trunc(Exp(1s), 5s, 4s)', 'mix(0 Exp(1s))', 'LN(0s, 1)']) {
      expect(ruleOf('mic.sync.tail', text)).not.toMatch(/^accepted/u);
    }
  });
});

describe('splitOverride', () => {
  it('splits at the first equals sign and refuses a text without one', () => {
    expect(splitOverride('mic.immutableIds = a=b')).toEqual({ ok: true, value: { knob: 'mic.immutableIds', value: 'a=b' } });
    expect(splitOverride('mic.sync.tail')).toEqual({ ok: false, rule: 'an override is knob=value, not "mic.sync.tail"' });
  });
});

const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const plain: fc.Arbitrary<Sampler> = fc.oneof(
  positive.map((value): Sampler => ({ kind: 'constant', value })),
  positive.map((mean): Sampler => ({ kind: 'exponential', mean })),
  fc
    .tuple(positive, fc.double({ min: 0.01, max: 3, noNaN: true }))
    .map(([median, sigma]): Sampler => ({ kind: 'logNormal', median, sigma })),
  fc.tuple(positive, positive).map(([low, width]): Sampler => ({ kind: 'uniform', low, high: low + width })),
);
const nested: fc.Arbitrary<Sampler> = fc.oneof(
  plain,
  fc.tuple(plain, positive).map(([of, by]): Sampler => ({ kind: 'shifted', of, by })),
  fc
    .array(fc.record({ weight: fc.double({ min: 1e-3, max: 1, noNaN: true }), of: plain }), { minLength: 1, maxLength: 4 })
    .map((parts): Sampler => ({ kind: 'mixture', parts })),
);

describe('formatKnobValue and parseKnobValue', () => {
  // Claim: every sound distribution survives being printed and read, to the last bit. Method: random ones, nested once.
  test.prop([nested])('are inverse for distributions of times', (sampler) => {
    fc.pre(validateSampler(sampler).length === 0);

    expect(read(wait, formatKnobValue(wait, sampler))).toEqual(sampler);
  });

  test.prop([fc.record({ capacity: fc.integer({ min: 1, max: 1e6 }), refill: positive, perSeconds: fc.constantFrom(1, 20, 60, 3600) })])(
    'are inverse for buckets',
    (limit) => {
      const knob = catalogue['entra.throttle.bucket'];
      expect(read(knob, formatKnobValue(knob, limit))).toEqual(limit);
    },
  );

  test.prop([fc.array(positive, { maxLength: 8 })])('are inverse for lists of waits', (waits) => {
    const knob = catalogue['kv.backoff.client'];
    expect(read(knob, formatKnobValue(knob, waits))).toEqual(waits);
  });

  it.each(knobNames)('are inverse for the default of %s', (name) => {
    const knob: Knob = catalogue[name];
    expect(read(knob, formatKnobValue(knob, knob.default))).toEqual(knob.default);
  });

  // Claim: no text makes the reader throw. Method: random texts of the grammar's own characters.
  test.prop([
    fc.string({ unit: fc.constantFrom(...'LNUExpmixtruncTB(),+/.05 -smind[]='.split('')), maxLength: 40 }),
    fc.constantFrom(...knobNames),
  ])('answer any text with a value or a rule', (text, name) => {
    const result = parseKnobValue(catalogue[name], text);
    if (!result.ok) expect(result.rule.length).toBeGreaterThan(5);
  });
});
