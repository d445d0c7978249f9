/** A number read from what was observed of a run: facts that were stated, or rows that a table holds. Plain data. */
import type { Duration } from '../../kernel/time.ts';
import type { FactType } from '../../model/facts/index.ts';
import type { TableName } from '../../model/tables.ts';
import type { MetricUnit } from '../schema/metric-names.ts';

/** How many values become one. `perMinute`: things a minute, from the first to the last. `share`: so many of so many. `age`: how long ago the last was. */
export type Fold =
  'count' | 'distinct' | 'first' | 'last' | 'min' | 'max' | 'mean' | 'sum' | 'p50' | 'p95' | 'span' | 'perMinute' | 'share' | 'age';

/** One test of a field. All tests of a pattern must hold. */
export interface FieldTest {
  /** Dotted path; of a list, one element is enough. */
  readonly path: string;
  readonly op: '=' | '!=' | '<' | '<=' | '>' | '>=';
  /** As written; `*` stands for any text. Bounds of durations are in microseconds. */
  readonly value: string;
}

/** Facts of a type that pass tests. */
export interface FactPattern {
  readonly type: FactType;
  readonly tests: readonly FieldTest[];
  /** Dotted path of the field that says whom a fact is about; `''`: all are about the same. */
  readonly by: string;
}

/** Where the values of an observation come from. */
export type ObservationSubject =
  /** A field of facts; `at` is when the fact was stated; `''` for count and perMinute. */
  | { readonly kind: 'fact'; readonly type: FactType; readonly tests: readonly FieldTest[]; readonly field: string }
  /** A field of the rows that a table holds at the moment of reading; `''` for count. */
  | { readonly kind: 'rows'; readonly table: TableName; readonly tests: readonly FieldTest[]; readonly field: string }
  /** Times from a fact `from` to the next `to` about the same; further `from` meanwhile do not count. */
  | { readonly kind: 'between'; readonly from: FactPattern; readonly to: FactPattern }
  /** How many facts there were about each. */
  | { readonly kind: 'counts'; readonly of: FactPattern }
  /** How many facts there were of each of two patterns. */
  | { readonly kind: 'share'; readonly part: FactPattern; readonly whole: FactPattern };

/** `fold(subject) after STEP`. */
export interface Observation {
  /** As written, blanks tidied. */
  readonly text: string;
  readonly fold: Fold;
  readonly subject: ObservationSubject;
  readonly unit: MetricUnit;
  /** Facts before this moment do not count, and moments are told from it. */
  readonly after: Duration;
}
