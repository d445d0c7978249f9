/**
 * The catalogue with the overrides of one run, ready to be asked by name.
 *
 * All values are in kernel units: times are whole microseconds, buckets refill per second.
 */
import { sample } from '../../kernel/random.ts';
import type { Sampler } from '../../kernel/random.ts';
import type { Duration } from '../../kernel/time.ts';

import { catalogue, knobNames } from './catalogue/index.ts';
import type { BucketValue, DurationKnobName, KnobName, KnobValue, NumberKnobName, ProbabilityKnobName } from './catalogue/index.ts';
import { centreOf, constant, scaled } from './distribution.ts';
import { formatKnobValue } from './format.ts';
import type { KnobSetting } from './format.ts';
import type { Knob } from './knob.ts';
import { MICROS_PER_UNIT } from './unit.ts';

/** One line of the calibration of a run. */
export interface CalibrationEntry {
  readonly name: KnobName;
  readonly knob: Knob;
  /** The value in force, as `parseKnobValue` reads it. */
  readonly text: string;
  /** Whether the run sets it. */
  readonly isOverridden: boolean;
}

/** What is in force for each knob, in the knob's own unit. */
type Settings = ReadonlyMap<KnobName, KnobSetting>;

interface Ready {
  readonly value: Duration | number | boolean | string | BucketValue | readonly Duration[];
  /** In kernel units; a constant for whatever is not drawn. One object a run: the kernel remembers limits by identity. */
  readonly sampler: Sampler;
}

/** Values and distributions of every knob in one run. Immutable. */
export class Calibration {
  readonly #settings: Settings;
  readonly #overridden: ReadonlySet<KnobName>;
  readonly #ready: ReadonlyMap<KnobName, Ready>;
  /** Knobs the run sets that nothing has asked for yet. */
  readonly #unread: Set<KnobName>;

  /** `settings` holds every knob, already checked; `overridden` names those the run sets. Use `resolve`. */
  constructor(settings: Settings, overridden: ReadonlySet<KnobName>) {
    this.#settings = settings;
    this.#overridden = overridden;
    this.#unread = new Set(overridden);
    this.#ready = new Map(knobNames.map((name) => [name, readyOf(catalogue[name], settingOf(settings, name))]));
  }

  /**
   * The value of a knob: a `Duration` for times, a number, a boolean, one of the choices, a bucket, a list of durations.
   * For a distribution it is its centre, as `centreOf` defines it; a draw is `sampleDuration` or `sampleNumber`.
   */
  value<N extends KnobName>(name: N): KnobValue<N> {
    return this.#of(name).value as KnobValue<N>;
  }

  /** The distribution of a knob in kernel units [µs for times, else the knob's unit]. */
  sampler(name: DurationKnobName | NumberKnobName): Sampler {
    return this.#of(name).sampler;
  }

  /** The draw of a time for the uniform `u` in (0, 1): whole microseconds, from 0 to 2^53 - 1. */
  sampleDuration(name: DurationKnobName, u: number): Duration {
    const drawn = Math.round(sample(this.#of(name).sampler, u));
    return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, drawn)) as Duration;
  }

  /** The draw of a number for the uniform `u` in (0, 1), held in the bounds of the knob; 0 or 1 for a probability. */
  sampleNumber(name: NumberKnobName, u: number): number {
    const drawn = sample(this.#of(name).sampler, u);
    const knob: Knob = catalogue[name];
    return knob.kind === 'number' ? Math.min(knob.maximum, Math.max(knob.minimum, drawn)) : drawn;
  }

  /** Whether the chance comes true for the uniform `u` in (0, 1). */
  happens(name: ProbabilityKnobName, u: number): boolean {
    return sample(this.#of(name).sampler, u) === 1;
  }

  /** Whether the run sets this knob. */
  isOverridden(name: KnobName): boolean {
    return this.#overridden.has(name);
  }

  /** Whether the run sets this knob and nothing has asked for it so far: it changed nothing. */
  isIdle(name: KnobName): boolean {
    return this.#unread.has(name);
  }

  /** Every knob with what is in force, by name in code-unit order. */
  entries(): readonly CalibrationEntry[] {
    return knobNames.map((name) => {
      const knob: Knob = catalogue[name];
      const text = formatKnobValue(knob, settingOf(this.#settings, name));
      return { name, knob, text, isOverridden: this.#overridden.has(name) };
    });
  }

  #of(name: KnobName): Ready {
    if (this.#unread.size > 0) this.#unread.delete(name);
    const ready = this.#ready.get(name);
    if (ready === undefined) throw new Error(`${name} is not in the catalogue`);
    return ready;
  }
}

function settingOf(settings: Settings, name: KnobName): KnobSetting {
  const setting = settings.get(name);
  if (setting === undefined) throw new Error(`${name} has no setting: a calibration holds every knob`);
  return setting;
}

function readyOf(knob: Knob, setting: KnobSetting): Ready {
  if (typeof setting === 'boolean') return { value: setting, sampler: constant(setting ? 1 : 0) };
  if (typeof setting === 'string') return { value: setting, sampler: constant(0) };
  if ('capacity' in setting) {
    const refillPerSecond = setting.refill / setting.perSeconds;
    return { value: Object.freeze({ capacity: setting.capacity, refillPerSecond }), sampler: constant(setting.capacity) };
  }
  if (!('kind' in setting)) {
    const micros = knob.kind === 'durations' ? MICROS_PER_UNIT[knob.unit] : 1;
    const waits = setting.map((wait) => wholeMicros(wait * micros));
    return { value: Object.freeze(waits), sampler: constant(waits[0] ?? 0) };
  }
  if (knob.kind !== 'duration') return { value: centreOf(setting), sampler: setting };
  const sampler = scaled(setting, MICROS_PER_UNIT[knob.unit]);
  return { value: wholeMicros(centreOf(sampler)), sampler };
}

function wholeMicros(us: number): Duration {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(us))) as Duration;
}
