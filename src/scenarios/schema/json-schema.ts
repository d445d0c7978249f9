/** The shape of scenario files as JSON Schema, so that editors complete and check them. */
import { z } from 'zod';
import { scenarioSchema } from './scenario-schema.ts';

/** JSON Schema (draft 2020-12) of a scenario file. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-2020-12' });
}
