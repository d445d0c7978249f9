/** What a scenario expects of its run. The report computes the measures, invariants and conditions; this says which, and the bound. */
import type { Duration } from '../../kernel/time.ts';
import type { Place } from '../problem.ts';
import type { ConditionName, InvariantName } from '../schema/claim-names.ts';
import type { Observation } from './observation.ts';
import type { MetricName, MetricUnit } from '../schema/metric-names.ts';

/** One line of `expect:`. */
export type Expectation = AlwaysExpectation | EventuallyExpectation | SometimesExpectation | MeasureExpectation;

/** An invariant holds from the start to the end. */
export interface AlwaysExpectation {
  readonly kind: 'always';
  readonly invariant: InvariantName;
  readonly at: Place;
}

/** A condition holds at some moment, at the latest `within` after the start, or after the step that `after` names. */
export interface EventuallyExpectation {
  readonly kind: 'eventually';
  readonly condition: Claim;
  readonly within: Duration;
  readonly after?: AfterStep;
  readonly at: Place;
}

/** A condition holds at some moment of the run, or from the step on that `after` names. */
export interface SometimesExpectation {
  readonly kind: 'sometimes';
  readonly condition: Claim;
  readonly after?: AfterStep;
  readonly at: Place;
}

/** The step from which a condition is judged: its moment counts. A condition that held before that moment has to cease first. */
export interface AfterStep {
  /** Key of the step. */
  readonly key: string;
  /** When the step happens. */
  readonly time: Duration;
}

/** A measure of the whole run keeps its bound. */
export interface MeasureExpectation {
  readonly kind: 'measure';
  readonly measure: MeasureClaim;
  readonly at: Place;
}

/** A condition by name, or a measure over the run so far. */
export type Claim =
  { readonly kind: 'condition'; readonly condition: ConditionName } | { readonly kind: 'measure'; readonly measure: MeasureClaim };

/** `metric op bound`. */
export interface MeasureClaim {
  /** As written, blanks tidied: `tokens.first.p99 < 90s`. */
  readonly text: string;
  readonly of:
    { readonly kind: 'metric'; readonly metric: MetricName } | { readonly kind: 'observation'; readonly observation: Observation };
  readonly op: '<' | '<=' | '>' | '>=' | '==';
  readonly unit: MetricUnit;
  /** The bound: durations in microseconds, shares from 0 to 1 (written in %), counts as they are. */
  readonly bound: number;
}
