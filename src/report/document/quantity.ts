/** Quantities of the report document: whole microseconds, counts, shares, and places in a run. */
import { z } from 'zod';

/** A moment since the start, or a length of time [µs, integer]. */
export const micros = z.int();

/** A number of things [1, from 0]. */
export const count = z.int().min(0);

/** A part of a whole, 0 to 1. */
export const share = z.number().min(0).max(1);

/** Where in the run something happened: number of the event, its moment, and the pod (or VM workload, or `''`) it concerns. */
export const place = z.strictObject({ event: z.int().min(-1), atUs: micros, pod: z.string() });

/** Statistics of a set of durations; percentiles by nearest rank. */
export const waits = z.strictObject({
  count: z.int().min(1),
  totalUs: micros,
  minUs: micros,
  meanUs: micros.describe('total / count, rounded to a whole microsecond'),
  p50Us: micros,
  p90Us: micros,
  p95Us: micros,
  p99Us: micros,
  maxUs: micros,
  precision: z.enum(['exact', '3 digits']).describe('3 digits: percentiles come from an HDR histogram'),
});
