/**
 * The report document: everything the text shows, as plain JSON data. `schema/report.schema.json` is made from this.
 *
 * Times are whole microseconds of simulated time and end in `Us`; shares run from 0 to 1.
 */
import { z } from 'zod';
import { access } from './access.ts';
import type { cleanupItem, deletion, deletionKind } from './correctness.ts';
import { audit, cleanup, race } from './correctness.ts';
import { course, load, metric, provenance } from './course.ts';
import { REPORT_FORMAT } from './format.ts';
import type { latencyGroup } from './latency.ts';
import { tokens } from './latency.ts';
import type { place, waits } from './quantity.ts';
import { expectation, verdict } from './verdict.ts';

export { REPORT_FORMAT };

/** Schema of the report document. */
export const reportSchema = z.strictObject({
  format: z.literal(REPORT_FORMAT),
  verdict,
  expectations: z.array(expectation),
  tokens,
  races: z.array(race),
  cleanup,
  access,
  audit,
  load,
  course,
  metrics: z.array(metric).describe('every measure a scenario may set a bound for'),
  provenance,
});

type DeepReadonly<T> = T extends readonly (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;
type Of<T extends z.ZodType> = DeepReadonly<z.infer<T>>;

/** The report of one run. */
export type Report = Of<typeof reportSchema>;
/** Verdict of a run. */
export type RunVerdict = Of<typeof verdict>;
/** Judgement of one expectation. */
export type JudgedExpectation = Of<typeof expectation>;
/** Token section. */
export type TokenSection = Of<typeof tokens>;
/** First or later tokens. */
export type LatencyGroupSection = Of<typeof latencyGroup>;
/** Statistics of durations. */
export type Waits = Of<typeof waits>;
/** A place in the run. */
export type PlaceInRun = Of<typeof place>;
/** One class of races. */
export type RaceSection = Of<typeof race>;
/** Cleanup section. */
export type CleanupSection = Of<typeof cleanup>;
/** One deletion. */
export type DeletionSection = Of<typeof deletion>;
/** One thing that had to go, or that stays by design. */
export type CleanupItem = Of<typeof cleanupItem>;
/** What a deletion was of. */
export type DeletionKind = Of<typeof deletionKind>;
/** Exposure and outage. */
export type AccessSection = Of<typeof access>;
/** Audit section. */
export type AuditSection = Of<typeof audit>;
/** Load section. */
export type LoadSection = Of<typeof load>;
/** Course of events. */
export type CourseSection = Of<typeof course>;
/** Value of one measure. */
export type MetricReading = Of<typeof metric>;
/** Seed, fingerprint and their like. */
export type Provenance = Of<typeof provenance>;

/** JSON Schema (draft 2020-12) of the report document. */
export function reportJsonSchema(): object {
  return { title: 'idflow report', ...z.toJSONSchema(reportSchema) };
}
