/** Lines of the trace file, the source of every other output: what `schema/trace.schema.json` is made from. Form: docs/TRACE.md. */
import { z } from 'zod';
import { TRACE_FORMAT } from './trace-format.ts';

const at = z.int().describe('microseconds since the start');
const event = z.int().min(-1).describe('number of the event; -1: before the first');
const stamped = { event, at, actor: z.string() };
const typed = z.looseObject({ type: z.string() });

/** One line. */
const traceLine = z.discriminatedUnion('line', [
  z.strictObject({
    line: z.literal('header'),
    format: z.literal(TRACE_FORMAT),
    scenario: z.string(),
    seed: z.string(),
    replay: z.string(),
  }),
  z.strictObject({ line: z.literal('delivery'), ...stamped, kind: z.string(), from: z.string(), trigger: event, message: typed }),
  z.strictObject({ line: z.literal('fact'), ...stamped, fact: typed }),
  z.strictObject({ line: z.literal('write'), ...stamped, table: z.string(), key: z.string(), after: z.looseObject({}).nullable() }),
  z.strictObject({ line: z.literal('loss'), at, from: z.string(), to: z.string(), type: z.string(), why: z.enum(['absent', 'dropped']) }),
  z.strictObject({
    line: z.literal('end'),
    ended: z.enum(['quiescent', 'horizon', 'budget', 'paused']),
    at,
    events: z.int(),
    fingerprint: z.string(),
    armedTimers: z.int(),
  }),
]);

/** JSON Schema (draft 2020-12) of one line of a trace. */
export function traceJsonSchema(): object {
  return { title: 'idflow trace line', ...z.toJSONSchema(traceLine) };
}
