/** A real incident as a scenario re-enacts it. Plain data. */
import type { MetricUnit } from '../schema/metric-names.ts';
import type { MeasureExpectation } from './expectation.ts';

/** A figure that was reported. */
export interface IncidentFigure {
  readonly name: string;
  /** As written. */
  readonly reported: string;
  readonly kind: 'derived' | 'observed' | 'implied';
  readonly unit: MetricUnit;
  /** The reported value, or the ends of its range, infinite where it is open: durations in microseconds. */
  readonly from: number;
  readonly to: number;
  /** Its lower and its upper bound, as expectations, the upper one left out where the range is open; of a derived one, 2 % about the value. */
  readonly bounds: readonly MeasureExpectation[];
}

/** Another run of the same scenario, with one thing changed; `S`: how a scenario is described. */
export interface IncidentRun<S> {
  /** What is changed, such as `version 1.7.0`. */
  readonly change: string;
  readonly scenario: S;
}

/** An incident; `S`: how a scenario is described. */
export interface IncidentDescription<S> {
  readonly id: string;
  readonly title: string;
  /** `#515` of Azure/aad-pod-identity, or `owner/repository#7`. */
  readonly issues: readonly string[];
  readonly version: string;
  readonly symptom: string;
  /** `''` if nothing is. */
  readonly doubt: string;
  /** The symptom: there if all hold, gone if none does. */
  readonly shows: readonly MeasureExpectation[];
  /** What was seen beside the symptom. */
  readonly also: readonly MeasureExpectation[];
  /** What holds where the incident is cured or its cause removed. */
  readonly well: readonly MeasureExpectation[];
  readonly figures: readonly IncidentFigure[];
  /** Null: no cure is known. */
  readonly cure: IncidentRun<S> | null;
  readonly without: IncidentRun<S>;
  /** The question whose answer names the mechanism, and words of that answer; absent: nobody asked. */
  readonly why?: { readonly ask: string; readonly names: readonly string[] };
}
