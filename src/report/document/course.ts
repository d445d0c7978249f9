/** Load, course of events and provenance of a run, as the report document holds them. */
import { z } from 'zod';
import { count, micros, place } from './quantity.ts';

/** Calls per client and server, and waits of clients for their own rate limits. */
export const load = z.strictObject({
  calls: z.array(
    z.strictObject({
      server: z.string(),
      client: z.string().describe('kind of the caller'),
      operation: z.string(),
      calls: count,
      throttled: count.describe('answered 429'),
      conflicts: count.describe('answered 409 or 412'),
      failed: count.describe('any other status from 400, or a refusal'),
    }),
  ),
  waits: z.array(z.strictObject({ client: z.string(), bucket: z.string(), count, totalUs: micros, maxUs: micros })),
  totals: z.strictObject({
    armCalls: count,
    armPatches: count,
    armThrottled: count,
    imdsCalls: count,
    imdsThrottled: count,
    aadTokens: count,
    apiCalls: count,
    micCycles: count,
    micLeaderChanges: count,
  }),
});

/** The main events in order. */
export const course = z.strictObject({
  milestones: z.array(
    z.strictObject({
      milestone: z.string(),
      title: z.string(),
      place,
      who: z.string(),
      step: z.int().nullable().describe("step of the founding document's example; null: not in it"),
      words: z.string().describe("the founding document's words for it; empty: none"),
      times: count.describe('how often it happened'),
      overTime: z.array(count).describe('how often in each slice of the run, from its start to its end'),
      isDetail: z.boolean().describe('true: one screen does without it'),
    }),
  ),
  sliceUs: micros.describe('length of a slice of overTime'),
  steps: z
    .array(z.strictObject({ step: z.string(), text: z.string(), place }))
    .describe('steps of the story as the operator carried them out'),
  stepsNotShown: count,
});

/** What is needed to come back to this run, and to trust it. */
export const provenance = z.strictObject({
  scenario: z.strictObject({
    name: z.string(),
    question: z.string(),
    path: z.string(),
    falls: z.string().describe('knob and value with which an expectation falls; empty: the scenario names none'),
  }),
  seed: z.string(),
  mode: z.enum(['recorded', 'fast']),
  ties: z.enum(['fixed', 'shuffled']),
  fingerprint: z.string(),
  ended: z.enum(['quiescent', 'horizon', 'budget', 'paused']),
  events: count,
  simulatedUs: micros,
  replayToken: z.string(),
  command: z.string(),
  overrides: z.array(
    z.strictObject({ knob: z.string(), value: z.string(), isRead: z.boolean().describe('false: nothing asked for it in this run') }),
  ),
  notes: z.array(z.string()),
  limits: z.array(z.string()).describe('limits of the model that bear on this report'),
});

/** One measure of the catalogue. */
export const metric = z.strictObject({
  metric: z.string(),
  unit: z.enum(['duration', 'share', 'count']),
  value: z.number().nullable().describe('µs, share from 0 to 1, or count; null: no sample'),
  samples: count.describe('things it was computed over; 0: no bound on it can hold'),
});
