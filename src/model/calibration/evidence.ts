/**
 * Where a default comes from and how far it can be trusted.
 *
 * The source keys (`E-FAQ`, `PI-CODE`, `PI#676` …) are those of source-key.ts; `[est]` marks an
 * estimate, `[inf]` an inference from two sources.
 */

/** H: documented or read in code. M: documented bound or few observations. L: an estimate. */
export type Confidence = 'H' | 'M' | 'L';

/** The range a source gives, in the knob's unit (for a bucket: of the refill amount). */
export interface Span {
  /** Low end, knob's unit -- constant. */
  readonly low: number;
  /** High end, knob's unit -- constant. */
  readonly high: number;
  /** Which figure of the distribution the range is about. */
  readonly of: 'centre' | 'p95';
}

/** Source, confidence and, where the source gives one, the range of a default. */
export interface Evidence {
  readonly source: string;
  readonly confidence: Confidence;
  readonly span?: Span;
}

/** A range of the centre of a distribution, or of its 95th percentile. */
export function span(low: number, high: number, of: Span['of'] = 'centre'): Span {
  return { low, high, of };
}

/** Documented, or read in code. */
export function H(source: string, range?: Span): Evidence {
  return evidence('H', source, range);
}

/** A documented bound, or few observations; the shape is ours. */
export function M(source: string, range?: Span): Evidence {
  return evidence('M', source, range);
}

/** An estimate. */
export function L(source: string, range?: Span): Evidence {
  return evidence('L', source, range);
}

function evidence(confidence: Confidence, source: string, range: Span | undefined): Evidence {
  return range === undefined ? { source, confidence } : { source, confidence, span: range };
}
