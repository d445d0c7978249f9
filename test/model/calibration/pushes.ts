/** Values to push a knob to: the ends of its stress range, and, beyond all reason, values at which whatever reads it must show it. */
import { formatKnobValue, formatStress } from '../../../src/model/calibration/index.ts';
import type { Knob } from '../../../src/model/calibration/index.ts';
import { scaled } from '../../../src/model/calibration/distribution.ts';

/**
 * Texts within the stress range: its ends; all choices; and where the source gives one figure and no range, so that the range is one
 * point, half and double of it (documented figures are what-ifs as well).
 */
export function stressPushes(knob: Knob): readonly string[] {
  if (knob.kind === 'choice') return knob.choices.filter((choice) => choice !== knob.default);
  if (knob.kind === 'text') return [];
  const { low, high } = formatStress(knob);
  const own = formatKnobValue(knob, knob.default);
  const ends = [high, low].filter((text) => text !== own);
  return ends.length > 0 ? ends : stretched(knob, [2, 0.5]);
}

/** Texts far outside it. */
export function extremePushes(knob: Knob): readonly string[] {
  return stretched(knob, [1e-4, 1e3]);
}

function stretched(knob: Knob, factors: readonly number[]): readonly string[] {
  switch (knob.kind) {
    case 'duration':
    case 'number':
      return factors.map((factor) => sampled(knob, factor));
    case 'probability':
      return ['1', '0.5', '0'];
    case 'durations':
      return factors.map((factor) =>
        formatKnobValue(
          knob,
          knob.default.map((wait) => wait * factor),
        ),
      );
    case 'bucket': {
      const { capacity, refill, perSeconds } = knob.default;
      const bucket = (factor: number): string =>
        formatKnobValue(knob, { capacity: Math.max(1, Math.round(capacity * factor)), refill: refill * factor, perSeconds });
      return factors.map(bucket);
    }
    case 'boolean':
    case 'choice':
    case 'text':
      return [];
  }
}

function sampled(knob: Extract<Knob, { readonly kind: 'duration' | 'number' }>, factor: number): string {
  const isNothing = knob.default.kind === 'constant' && knob.default.value === 0;
  const moved = isNothing ? { kind: 'constant' as const, value: factor } : scaled(knob.default, factor);
  if (knob.kind === 'duration' || moved.kind !== 'constant') return formatKnobValue(knob, moved);
  const value = Math.min(knob.maximum, Math.max(knob.minimum, moved.value));
  return formatKnobValue(knob, { kind: 'constant', value: knob.whole ? Math.round(value) : value });
}
