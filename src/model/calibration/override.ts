/**
 * Overrides: what a person writes after `--set knob=` or in a scenario's `parameters:`, read by the
 * kind of the knob.
 *
 * Times need a unit, plain numbers must not have one: a bare `45` for a wait would be a guess.
 */
import { Bern, constant, supportOf } from './distribution.ts';
import type { KnobSetting } from './format.ts';
import type { BucketLimit, Knob, NumberKnob } from './knob.ts';
import { plainNumber, splitTopLevel, timeReader } from './quantity.ts';
import type { QuantityReader, Read } from './quantity.ts';
import { readSampler } from './sampler-text.ts';
import { MICROS_PER_UNIT, microsOfSpelling } from './unit.ts';

/** What a YAML scalar or a flag may hold; a list only for knobs that are lists of waits. */
export type OverrideValue = string | number | boolean | readonly (string | number)[];

/**
 * Reads `value` as a value of `knob`, in the knob's own unit.
 *
 * The rule of a failure says what the knob takes, without its name.
 */
export function parseKnobValue(knob: Knob, value: OverrideValue): Read<KnobSetting> {
  if (typeof value === 'object' && knob.kind !== 'durations') {
    return { ok: false, rule: 'takes one value, not a list' };
  }
  const text = typeof value === 'object' ? value.map(String).join(', ') : String(value).trim();
  switch (knob.kind) {
    case 'duration':
      return readDuration(text, timeReader(knob.unit));
    case 'number':
      return readNumber(knob, text);
    case 'probability':
      return readProbability(text);
    case 'boolean':
      if (text === 'true' || text === 'false') return { ok: true, value: text === 'true' };
      return { ok: false, rule: `is true or false, not ${quoted(text)}` };
    case 'choice':
      if (knob.choices.includes(text)) return { ok: true, value: text };
      return { ok: false, rule: `is one of ${knob.choices.join(', ')}, not ${quoted(text)}` };
    case 'text':
      return { ok: true, value: text };
    case 'bucket':
      return readBucket(text);
    case 'durations':
      return readDurations(text, timeReader(knob.unit));
  }
}

/** Splits `knob=value` of a flag. */
export function splitOverride(text: string): Read<{ readonly knob: string; readonly value: string }> {
  const at = text.indexOf('=');
  if (at < 1) return { ok: false, rule: `an override is knob=value, not ${quoted(text)}` };
  return { ok: true, value: { knob: text.slice(0, at).trim(), value: text.slice(at + 1).trim() } };
}

function readDuration(text: string, quantity: QuantityReader): Read<KnobSetting> {
  const read = readSampler(text, quantity);
  if (!read.ok) return read;
  if (read.value.kind === 'bernoulli') {
    return { ok: false, rule: 'is a length of time; Bern(p) is for probabilities' };
  }
  if (supportOf(read.value).low < 0) return { ok: false, rule: 'a duration cannot be negative' };
  return read;
}

function readNumber(knob: NumberKnob, text: string): Read<KnobSetting> {
  const read = readSampler(text, (part) => plainNumber(part, knob.unit));
  if (!read.ok) return read;
  if (read.value.kind === 'bernoulli') {
    return { ok: false, rule: `is a number [${knob.unit}]; Bern(p) is for probabilities` };
  }
  if (knob.whole && !(read.value.kind === 'constant' && Number.isInteger(read.value.value))) {
    return { ok: false, rule: `is a whole number [${knob.unit}], not ${quoted(text)}` };
  }
  const { low, high } = supportOf(read.value);
  return withinBounds(knob, low, high) ?? read;
}

/** A distribution without an upper end is accepted: its bound holds for what it draws. */
function withinBounds(knob: NumberKnob, low: number, high: number): Read<never> | undefined {
  const isTooLow = low < knob.minimum && !(low === 0 && high === Infinity);
  const isTooHigh = high > knob.maximum && high !== Infinity;
  if (!isTooLow && !isTooHigh) return undefined;
  if (knob.maximum === Infinity) {
    return { ok: false, rule: `is at least ${String(knob.minimum)} [${knob.unit}]` };
  }
  const range = `${String(knob.minimum)} to ${String(knob.maximum)}`;
  return { ok: false, rule: `is ${range} [${knob.unit}]` };
}

function readProbability(text: string): Read<KnobSetting> {
  const read = readSampler(text, (part) => plainNumber(part, 'probability'));
  if (!read.ok) return read;
  const sampler = read.value.kind === 'constant' ? Bern(read.value.value) : read.value;
  if (sampler.kind !== 'bernoulli') {
    return { ok: false, rule: 'is a probability: a number from 0 to 1, or Bern(p)' };
  }
  if (sampler.probability < 0 || sampler.probability > 1) {
    return { ok: false, rule: `a probability is from 0 to 1, not ${String(sampler.probability)}` };
  }
  return { ok: true, value: sampler };
}

const BUCKET = /^TB\s*\(([^,]+),\s*\+?([^/]+)\/\s*([\d.]*)\s*([a-z]+)\s*\)$/u;

function readBucket(text: string): Read<BucketLimit> {
  const [, capacityText, refillText, countText, unitText] = BUCKET.exec(text) ?? [];
  if (capacityText === undefined || refillText === undefined || unitText === undefined) {
    return { ok: false, rule: `is a token bucket such as TB(12, +4/min), not ${quoted(text)}` };
  }
  const capacity = plainNumber(capacityText, 'tokens');
  if (!capacity.ok) return capacity;
  const refill = plainNumber(refillText, 'tokens');
  if (!refill.ok) return refill;
  const micros = microsOfSpelling(unitText);
  if (micros === undefined) return { ok: false, rule: `unknown unit of time ${quoted(unitText)}` };

  const periods = countText === undefined || countText === '' ? 1 : Number(countText);
  const perSeconds = (periods * micros) / MICROS_PER_UNIT.s;
  if (!(capacity.value >= 1)) return { ok: false, rule: 'a bucket holds at least one token' };
  if (!(refill.value >= 0)) return { ok: false, rule: 'the refill of a bucket cannot be negative' };
  if (!(perSeconds > 0)) return { ok: false, rule: 'the period of a refill is above zero' };
  return { ok: true, value: { capacity: capacity.value, refill: refill.value, perSeconds } };
}

function readDurations(text: string, quantity: QuantityReader): Read<readonly number[]> {
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const waits: number[] = [];
  for (const part of inner.trim() === '' ? [] : splitTopLevel(inner)) {
    const wait = quantity(part);
    if (!wait.ok) return wait;
    if (wait.value < 0) return { ok: false, rule: 'a duration cannot be negative' };
    waits.push(wait.value);
  }
  return { ok: true, value: waits };
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** The rule a computed number breaks in its knob's bounds; undefined when it breaks none. */
export function boundsProblem(knob: NumberKnob, value: number): string | undefined {
  const { low, high } = supportOf(constant(value));
  const problem = withinBounds(knob, low, high);
  return problem === undefined || problem.ok ? undefined : problem.rule;
}
