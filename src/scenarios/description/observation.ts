/** A number read from what was observed of a run: facts that were stated, or rows that a table holds. Plain data. */
import type { Duration } from '../../kernel/time.ts';
import type { FactType } from '../../model/facts/index.ts';
import type { TableName } from '../../model/tables.ts';
import type { MetricUnit } from '../schema/metric-names.ts';

/** How many values become one. */
export type Fold = 'count' | 'distinct' | 'first' | 'last' | 'min' | 'max' | 'mean' | 'sum' | 'p50' | 'p95' | 'span';

/** One test of a field. All tests of an observation must hold. */
export interface FieldTest {
  /** Dotted path; of a list, one element is enough. */
  readonly path: string;
  readonly op: '=' | '!=' | '<' | '>';
  /** As written; `*` stands for any text. Bounds of durations are in microseconds. */
  readonly value: string;
}

/** `fold(subject[tests].field) after STEP`. */
export interface Observation {
  /** As written, blanks tidied. */
  readonly text: string;
  readonly fold: Fold;
  readonly subject: { readonly kind: 'fact'; readonly type: FactType } | { readonly kind: 'rows'; readonly table: TableName };
  readonly tests: readonly FieldTest[];
  /** Dotted path; `at` is when the fact was stated; `''` for count. */
  readonly field: string;
  readonly unit: MetricUnit;
  /** Facts before this moment do not count, and moments are told from it. */
  readonly after: Duration;
}
