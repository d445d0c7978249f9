/**
 * A knob: one default of the world, with unit, source, confidence and stress range.
 */
import type { Sampler } from '../../kernel/random.ts';

import type { Evidence } from './evidence.ts';
import type { Stress } from './stress.ts';
import type { TimeUnit } from './unit.ts';

/** A token bucket as it is quoted: full at start, `refill` tokens every `perSeconds`. */
export interface BucketLimit {
  /** Most tokens it holds [1] -- constant. */
  readonly capacity: number;
  /** Tokens added each period [1] -- constant. */
  readonly refill: number;
  /** Length of that period [s] -- constant. */
  readonly perSeconds: number;
}

/** What every knob carries besides its value. */
interface Provenance extends Evidence {
  /** One sentence: what the number is. */
  readonly what: string;
  /** Values worth trying that the source names, in words. */
  readonly whatIf?: string;
  /** Name of the knob from which the real program computes this one: moves in proportion to it. */
  readonly follows?: string;
}

/** A length of time, constant or drawn. */
export interface DurationKnob extends Provenance {
  readonly kind: 'duration';
  readonly unit: TimeUnit;
  /** In `unit`. */
  readonly default: Sampler;
  readonly stress: Stress<Sampler>;
}

/** A plain number, constant or drawn: a count, a factor, an HTTP status. */
export interface NumberKnob extends Provenance {
  readonly kind: 'number';
  readonly unit: string;
  readonly default: Sampler;
  readonly stress: Stress<Sampler>;
  /** Smallest possible value, in `unit` -- constant. */
  readonly minimum: number;
  /** Largest possible value, in `unit` -- constant. */
  readonly maximum: number;
  /** Whether only whole numbers make sense. */
  readonly whole: boolean;
}

/** A coin: how likely something is, each time it is asked. */
export interface ProbabilityKnob extends Provenance {
  readonly kind: 'probability';
  readonly unit: 'probability';
  readonly default: Sampler;
  readonly stress: Stress<Sampler>;
}

/** A switch. */
export interface BooleanKnob extends Provenance {
  readonly kind: 'boolean';
  readonly unit: 'bool';
  readonly default: boolean;
  readonly stress: Stress<boolean>;
}

/** One behaviour out of a closed list. */
export interface ChoiceKnob<C extends string = string> extends Provenance {
  readonly kind: 'choice';
  readonly unit: 'choice';
  readonly choices: readonly C[];
  readonly default: C;
  readonly stress: Stress<C>;
}

/** A name or version; free text. */
export interface TextKnob extends Provenance {
  readonly kind: 'text';
  readonly unit: 'text';
  readonly default: string;
  readonly stress: Stress<string>;
}

/** A token bucket. */
export interface BucketKnob extends Provenance {
  readonly kind: 'bucket';
  /** What one token pays for. */
  readonly unit: string;
  readonly default: BucketLimit;
  readonly stress: Stress<BucketLimit>;
}

/** A fixed list of waits. */
export interface DurationsKnob extends Provenance {
  readonly kind: 'durations';
  readonly unit: TimeUnit;
  /** In `unit`, in the order in which they are waited. */
  readonly default: readonly number[];
  readonly stress: Stress<readonly number[]>;
}

/** Any knob, before the catalogue has given it its name. */
export type KnobSpec = DurationKnob | NumberKnob | ProbabilityKnob | BooleanKnob | ChoiceKnob | TextKnob | BucketKnob | DurationsKnob;

/** Any knob of the catalogue. */
export type Knob = KnobSpec & {
  /** Its one name, `component.thing.figure`. */
  readonly name: string;
};
