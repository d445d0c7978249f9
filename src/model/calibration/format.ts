/**
 * Values of knobs as text: in the notation of the catalogue, with the unit at every time, and such that
 * `parseKnobValue` reads the same value back.
 */
import type { Sampler } from '../../kernel/random.ts';

import type { BucketLimit, Knob } from './knob.ts';

/** A value some knob may have, in the knob's own unit. */
export type KnobSetting = Sampler | boolean | string | BucketLimit | readonly number[];

/** The knob's default as text, for example `LN(35 s, 0.26)`, `TB(12, +4/min)`, `true`. */
export function formatKnobDefault(knob: Knob): string {
  return formatKnobValue(knob, knob.default);
}

/** Any value of this knob's kind as text. */
export function formatKnobValue(knob: Knob, setting: KnobSetting): string {
  if (typeof setting === 'boolean') return String(setting);
  if (typeof setting === 'string') return setting;
  const suffix = knob.kind === 'duration' || knob.kind === 'durations' ? ` ${knob.unit}` : '';
  if ('capacity' in setting) return formatBucket(setting);
  if (!('kind' in setting)) {
    return `[${setting.map((wait) => `${String(wait)}${suffix}`).join(', ')}]`;
  }
  return formatSampler(setting, suffix);
}

/** Both ends of the knob's stress range as override texts. */
export function formatStress(knob: Knob): { readonly low: string; readonly high: string } {
  return {
    low: formatKnobValue(knob, knob.stress.low),
    high: formatKnobValue(knob, knob.stress.high),
  };
}

function formatSampler(sampler: Sampler, suffix: string): string {
  const quantity = (value: number): string => `${String(value)}${suffix}`;
  switch (sampler.kind) {
    case 'constant':
      return quantity(sampler.value);
    case 'uniform':
      return `U(${quantity(sampler.low)}, ${quantity(sampler.high)})`;
    case 'exponential':
      return `Exp(${quantity(sampler.mean)})`;
    case 'logNormal':
      return `LN(${quantity(sampler.median)}, ${String(sampler.sigma)})`;
    case 'truncated': {
      const inner = formatSampler(sampler.of, suffix);
      return `trunc(${inner}, ${quantity(sampler.low)}, ${quantity(sampler.high)})`;
    }
    case 'bernoulli':
      return `Bern(${String(sampler.probability)})`;
    case 'mixture': {
      const parts = sampler.parts.map(({ weight, of }) => `${String(weight)} ${formatMixed(of, suffix)}`);
      return `mix(${parts.join(', ')})`;
    }
    case 'shifted':
      return `shift(${formatSampler(sampler.of, suffix)}, ${quantity(sampler.by)})`;
  }
}

/** Inside a mixture a constant is spelled out: `0.4 180 d` would read as two numbers. */
function formatMixed(sampler: Sampler, suffix: string): string {
  const inner = formatSampler(sampler, suffix);
  return sampler.kind === 'constant' ? `const(${inner})` : inner;
}

const PERIODS: ReadonlyMap<number, string> = new Map([
  [1, 's'],
  [60, 'min'],
  [3600, 'h'],
]);

function formatBucket({ capacity, refill, perSeconds }: BucketLimit): string {
  const period = PERIODS.get(perSeconds) ?? `${String(perSeconds)} s`;
  return `TB(${String(capacity)}, +${String(refill)}/${period})`;
}
