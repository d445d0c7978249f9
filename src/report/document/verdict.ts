/** The verdict of a run and of each of its expectations, as the report document holds them. */
import { z } from 'zod';
import { count } from './quantity.ts';

/** Judgement of one line of `expect:`. */
export const expectation = z.strictObject({
  kind: z.enum(['always', 'eventually', 'sometimes', 'measure']),
  text: z.string().describe('the expectation as a sentence or formula'),
  bound: z.string().describe('what was asked for'),
  observed: z.string().describe('what was seen'),
  observedValue: z.number().nullable().describe('the observed number in its own unit (µs, share, count); null where there is none'),
  verdict: z.enum(['held', 'fell', 'undecided']),
  why: z.string().describe('what decided; for a fall the first breach with its place'),
  event: z.int().nullable().describe('event that decided; null where no single one did'),
  atUs: z.int().nullable(),
  line: z.string().describe('file:line:column of the expectation'),
});

/** Judgement of the run. */
export const verdict = z.strictObject({
  result: z.enum(['holds', 'fell', 'inconclusive']),
  why: z.string(),
  held: count,
  fell: count,
  undecided: count,
});
