/**
 * Constructors that make the catalogue read as a table: default, unit, evidence, one sentence.
 */
import type { Sampler } from '../../kernel/random.ts';

import { Bern, constant, heldIn } from './distribution.ts';
import type { Evidence } from './evidence.ts';
import type {
  BooleanKnob,
  BucketKnob,
  BucketLimit,
  ChoiceKnob,
  DurationKnob,
  DurationsKnob,
  NumberKnob,
  ProbabilityKnob,
  TextKnob,
} from './knob.ts';
import { factorsOf, stressOfSampler } from './stress.ts';
import type { TimeUnit } from './unit.ts';

/** Optional parts of an entry. */
interface Remarks {
  readonly whatIf?: string;
  readonly follows?: string;
}

/** Optional parts of a number. */
interface NumberRemarks extends Remarks {
  /** Smallest possible value, in the knob's unit; 0 when left out -- constant. */
  readonly minimum?: number;
  /** Largest possible value, in the knob's unit; no bound when left out -- constant. */
  readonly maximum?: number;
}

/** A `DurationKnob`; a bare number is a constant in `unit`. */
export function duration(value: number | Sampler, unit: TimeUnit, evidence: Evidence, what: string, remarks: Remarks = {}): DurationKnob {
  const sampler = asSampler(value);
  const stress = stressOfSampler(sampler, evidence);
  return { kind: 'duration', unit, default: sampler, stress, ...evidence, what, ...remarks };
}

/** A `NumberKnob` that may be any number between its bounds. */
export function number(
  value: number | Sampler,
  unit: string,
  evidence: Evidence,
  what: string,
  { minimum = 0, maximum = Infinity, ...remarks }: NumberRemarks = {},
): NumberKnob {
  const sampler = asSampler(value);
  const { low, high, rule } = stressOfSampler(sampler, evidence);
  const stress = { low: heldIn(low, minimum, maximum), high: heldIn(high, minimum, maximum), rule };
  const bounds = { minimum, maximum, whole: false };
  return {
    kind: 'number',
    unit,
    default: sampler,
    stress,
    ...bounds,
    ...evidence,
    what,
    ...remarks,
  };
}

/** A `NumberKnob` of whole things; its stress ends are rounded and held in its bounds. */
export function count(value: number, unit: string, evidence: Evidence, what: string, remarks: NumberRemarks = {}): NumberKnob {
  const knob = number(value, unit, evidence, what, remarks);
  const whole = (end: Sampler): Sampler => {
    const rounded = end.kind === 'constant' ? Math.round(end.value) : value;
    return constant(Math.min(knob.maximum, Math.max(knob.minimum, rounded)));
  };
  const { low, high, rule } = knob.stress;
  return { ...knob, whole: true, stress: { low: whole(low), high: whole(high), rule } };
}

/** A `ProbabilityKnob`. */
export function probability(value: number, evidence: Evidence, what: string, remarks: Remarks = {}): ProbabilityKnob {
  const coin = Bern(value);
  const stress = stressOfSampler(coin, evidence);
  const unit = 'probability';
  return { kind: 'probability', unit, default: coin, stress, ...evidence, what, ...remarks };
}

/** A `BooleanKnob`. */
export function flag(value: 'on' | 'off', evidence: Evidence, what: string, remarks: Remarks = {}): BooleanKnob {
  const stress = { low: false, high: true, rule: 'both values' };
  const isOn = value === 'on';
  return { kind: 'boolean', unit: 'bool', default: isOn, stress, ...evidence, what, ...remarks };
}

/** A `ChoiceKnob`; the first choice is the default. */
export function choice<const C extends string>(
  choices: readonly [C, ...C[]],
  evidence: Evidence,
  what: string,
  remarks: Remarks = {},
): ChoiceKnob<C> {
  const [first, other = first] = choices;
  const stress = { low: first, high: other, rule: 'the default and the next choice' };
  const body = { choices, default: first, stress };
  return { kind: 'choice', unit: 'choice', ...body, ...evidence, what, ...remarks };
}

/** A `TextKnob`. */
export function text(value: string, evidence: Evidence, what: string, remarks: Remarks = {}): TextKnob {
  const stress = { low: value, high: value, rule: 'text: not varied' };
  return { kind: 'text', unit: 'text', default: value, stress, ...evidence, what, ...remarks };
}

/** A `BucketKnob`. */
export function bucket(value: BucketLimit, unit: string, evidence: Evidence, what: string, remarks: Remarks = {}): BucketKnob {
  const range = evidence.span;
  const factors = factorsOf(evidence);
  const low = range === undefined ? factors.low : range.low / value.refill;
  const high = range === undefined ? factors.high : range.high / value.refill;
  const rule = range === undefined ? factors.rule : 'source: range of the refill';
  const stress = { low: scaledBucket(value, low), high: scaledBucket(value, high), rule };
  return { kind: 'bucket', unit, default: value, stress, ...evidence, what, ...remarks };
}

/** A `DurationsKnob`. */
export function durations(
  value: readonly number[],
  unit: TimeUnit,
  evidence: Evidence,
  what: string,
  remarks: Remarks = {},
): DurationsKnob {
  const { low, high, rule } = factorsOf(evidence);
  const times = (factor: number): readonly number[] => value.map((wait) => wait * factor);
  const stress = { low: times(low), high: times(high), rule };
  return { kind: 'durations', unit, default: value, stress, ...evidence, what, ...remarks };
}

/** `TB(capacity, +refill/per)` of the table. */
export function TB(capacity: number, refill: number, per: 's' | 'min' | number): BucketLimit {
  const perSeconds = per === 's' ? 1 : per === 'min' ? 60 : per;
  return { capacity, refill, perSeconds };
}

/** The bucket with capacity and refill times `factor`; it always holds at least one token. */
function scaledBucket(limit: BucketLimit, factor: number): BucketLimit {
  return {
    capacity: Math.max(1, limit.capacity * factor),
    refill: limit.refill * factor,
    perSeconds: limit.perSeconds,
  };
}

function asSampler(value: number | Sampler): Sampler {
  return typeof value === 'number' ? constant(value) : value;
}
