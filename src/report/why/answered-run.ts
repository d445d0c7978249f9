/** What a question is asked of: a run that has ended, with everything kept of it. */
import type { Trace } from '../../kernel/trace.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Report } from '../document/index.ts';
import type { RunRecord } from './record.ts';

/** The run a question is about. */
export interface AnsweredRun {
  readonly trace: Trace;
  /** Where the run ended. */
  readonly now: Moment;
  readonly record: RunRecord;
  readonly report: Report;
}
