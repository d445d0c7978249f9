/** Token latency and token failures, as the report document holds them. */
import { z } from 'zod';
import { LATENCY_PARTS } from '../../model/labels.ts';
import { count, micros, place, share, waits } from './quantity.ts';

const part = z.enum(LATENCY_PARTS);

/** One group of waits: first tokens, later ones. */
export const latencyGroup = z.strictObject({
  what: z.string(),
  waits: waits.nullable().describe('null: no sample'),
  histogram: z
    .array(z.strictObject({ fromUs: micros, belowUs: micros.nullable().describe('null: no upper end'), count }))
    .describe('empty classes at both ends are left out'),
  parts: z
    .array(
      z.strictObject({
        part,
        meaning: z.string(),
        totalUs: micros,
        meanUs: micros.describe('over all waits of the group'),
        share: share.describe('of the summed waits'),
        waits: count.describe('waits in which the part occurs'),
        maxUs: micros,
      }),
    )
    .describe('parts that occur, in the order of the catalogue; their totals sum exactly to waits.totalUs'),
  slowest: z
    .strictObject({
      request: z.string(),
      waitUs: micros,
      place,
      chain: z
        .array(z.strictObject({ part, fromUs: micros, toUs: micros, event: z.int() }))
        .describe('in time order; sums exactly to waitUs'),
    })
    .nullable(),
});

/** Tokens: how long they took, and which never came. */
export const tokens = z.strictObject({
  method: z.string().describe('how percentiles are computed'),
  first: latencyGroup,
  later: latencyGroup,
  all: waits.nullable(),
  fromClientCache: count.describe("tokens that a client's own cache answered; in no group"),
  asked: count.describe('requests of applications that left their client'),
  answered: count.describe('tokens that applications got, those from client caches included'),
  failed: count,
  pending: count.describe('askings without an answer at the end, ended processes included'),
  neverServed: count.describe('processes that asked and never got a token'),
  unplacedPods: count.describe('pods that were on no node at the end: they could not ask'),
  unstartedPods: count.describe('pods on a node whose container had not started at the end'),
  failures: z.array(z.strictObject({ status: z.int().describe('HTTP; 0 refused, -1 time-out'), reason: z.string(), count })),
  tries: z.array(z.strictObject({ servedBy: z.string(), status: z.int(), count })),
  denied: z.strictObject({
    answers: count.describe('HTTP answers to requests for tokens'),
    answers403: count,
    share: share.nullable(),
    processes: count.describe('processes whose first token met at least one asking that failed with 403'),
    processesAsked: count,
    processesShare: share.nullable(),
  }),
});
