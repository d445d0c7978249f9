/**
 * How far a default is to be pushed in a sensitivity run.
 *
 * One rule for all knobs: the range of the source where it gives one; otherwise nothing for a
 * documented figure (H), half and double for one with few observations (M), a tenth and ten times for
 * an estimate (L). A switch is flipped; a choice is replaced by the first other choice.
 */
import { sample } from '../../kernel/random.ts';
import type { Sampler } from '../../kernel/random.ts';

import { Bern, centreOf, constant, scaled } from './distribution.ts';
import type { Evidence } from './evidence.ts';

/** The two ends of a sensitivity run: values of the same type as the default, and the rule used. */
export interface Stress<V> {
  readonly low: V;
  readonly high: V;
  /** Which rule gave the two ends. */
  readonly rule: string;
}

/** Ends of a distribution; the shape is kept and the scale moved. */
export function stressOfSampler(sampler: Sampler, evidence: Evidence): Stress<Sampler> {
  const range = evidence.span;
  if (range !== undefined) {
    const figure = range.of === 'p95' ? sample(sampler, 0.95) : centreOf(sampler);
    return {
      low: movedTo(sampler, figure, range.low),
      high: movedTo(sampler, figure, range.high),
      rule: `source: ${range.of} ${String(range.low)}–${String(range.high)}`,
    };
  }
  const { low, high, rule } = factorsOf(evidence);
  return { low: scaledUnlessOne(sampler, low), high: scaledUnlessOne(sampler, high), rule };
}

/** Factors and their rule for a knob whose source gives no range. */
export function factorsOf(evidence: Evidence): Stress<number> {
  switch (evidence.confidence) {
    case 'H':
      return { low: 1, high: 1, rule: 'documented: not varied' };
    case 'M':
      return { low: 0.5, high: 2, rule: '×0.5…×2 (few observations)' };
    case 'L':
      return { low: 0.1, high: 10, rule: '×0.1…×10 (estimate)' };
  }
}

function movedTo(sampler: Sampler, from: number, to: number): Sampler {
  if (sampler.kind === 'bernoulli') return Bern(to);
  if (sampler.kind === 'constant' || to === 0 || from === 0) return constant(to);
  return scaled(sampler, to / from);
}

function scaledUnlessOne(sampler: Sampler, factor: number): Sampler {
  return factor === 1 ? sampler : scaled(sampler, factor);
}
