/** Claims that may hold at a moment: a condition by name, or a bound on a measure. A name nobody knows, or a measure without samples, never holds. */
import type { Claim, MeasureClaim } from '../../scenarios/description.ts';
import { CONDITIONS, isConditionName } from '../../scenarios/schema/claim-names.ts';
import { METRICS } from '../../scenarios/schema/metric-names.ts';
import { CONDITION_OF } from '../conditions/index.ts';
import { readMetric } from '../metrics/index.ts';
import type { Reading } from '../metrics/reading.ts';
import type { Observed } from '../observed.ts';

/** How a bound fares: `unknown` where there is no such measure, `empty` where it has no samples. */
type BoundState = 'kept' | 'broken' | 'empty' | 'unknown';

/** A reading of a measure beside its bound. */
export interface MeasuredBound {
  readonly state: BoundState;
  readonly reading: Reading | undefined;
}

/** Measures now and compares. */
export function measure(claim: MeasureClaim, seen: Observed): MeasuredBound {
  const reading = read(claim, seen);
  if (reading === undefined) return { state: 'unknown', reading };
  if (reading.samples === 0 || reading.value === undefined) return { state: 'empty', reading };
  return { state: isKept(reading.value, claim) ? 'kept' : 'broken', reading };
}

/** Whether a claim holds now. */
export function holds(claim: Claim, seen: Observed): boolean {
  if (claim.kind === 'measure') return measure(claim.measure, seen).state === 'kept';
  return isConditionName(claim.condition) && CONDITION_OF[claim.condition](seen);
}

/** Whether a claim speaks of something that exists. */
export function isKnown(claim: Claim, seen: Observed): boolean {
  return claim.kind === 'measure' ? read(claim.measure, seen) !== undefined : isConditionName(claim.condition);
}

/** Short name of a claim. */
export function claimText(claim: Claim): string {
  return claim.kind === 'measure' ? claim.measure.text : claim.condition;
}

/** What a claim says, as a sentence. */
export function claimMeaning(claim: Claim): string {
  if (claim.kind === 'measure') return claim.measure.text;
  return isConditionName(claim.condition) ? CONDITIONS[claim.condition] : `there is no condition ${String(claim.condition)}`;
}

/** What a measure is, in one phrase. */
export function measureMeaning({ of, text }: MeasureClaim): string {
  return of.kind === 'metric' ? METRICS[of.metric].what : text;
}

function read({ of }: MeasureClaim, seen: Observed): Reading | undefined {
  return of.kind === 'metric' ? readMetric(seen, of.metric) : seen.observations.read(of.observation);
}

function isKept(value: number, { op, bound }: Pick<MeasureClaim, 'op' | 'bound'>): boolean {
  switch (op) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
  }
}
