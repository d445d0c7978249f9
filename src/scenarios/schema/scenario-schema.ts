/** Shape of a scenario file. What the shape cannot say (names that must exist, times before the horizon) is checked after it. */
import { z } from 'zod';
import { GROUPS } from './groups.ts';
import { durationField, intervalField, nameField, textField } from './fields.ts';
import { exactlyOneOf, fillSchema, stepSchema } from './story-schema.ts';
import { incidentSchema } from './incident-schema.ts';
import { worldSchema } from './world-schema.ts';

const manifestSchema = z
  .union([
    textField,
    z.strictObject({
      file: textField.describe('Path relative to the scenario.'),
      fill: fillSchema.optional(),
      at: durationField.optional().describe('When the operator applies it, default 0s.'),
    }),
  ])
  .describe('A file of real Kubernetes YAML.');

const expectationSchema = z
  .strictObject({
    always: textField.optional().describe('Invariant that holds throughout.'),
    eventually: textField.optional().describe('Condition, or measure, that comes to hold within a time.'),
    within: durationField.optional().describe('For eventually: counted from the start, or from the step that after names.'),
    after: nameField.optional().describe('For eventually and sometimes: key of a step. Judged from that step on: what held before it has to cease first.'),
    sometimes: textField.optional().describe('Condition, or measure, that holds at some moment.'),
    measure: textField.optional().describe('metric op bound, such as tokens.first.p99 < 90s; or an observation op bound, such as max(mic-cycle-ended.took) >= 100s (docs/MEASURES.md).'),
  })
  .superRefine(exactlyOneOf(['always', 'eventually', 'sometimes', 'measure'], 'always, eventually, sometimes or measure'))
  .superRefine((value, context) => {
    const [needs, has] = [value.eventually !== undefined, value.within !== undefined];
    if (needs !== has) context.addIssue({ code: 'custom', message: needs ? 'eventually needs within' : 'within belongs to eventually' });
    if (value.after !== undefined && value.eventually === undefined && value.sometimes === undefined) {
      const hint = value.measure === undefined ? '' : '; an observation has its own, such as count(token-failed) after KEY';
      context.addIssue({ code: 'custom', message: `after belongs to eventually or sometimes${hint}` });
    }
  })
  .meta({ description: 'One expectation.', oneOf: ['always', 'eventually', 'sometimes', 'measure'].map((kind) => ({ required: [kind] })) });

/** A scenario file. */
export const scenarioSchema = z
  .strictObject({
    question: textField.describe('What this scenario asks, one sentence.'),
    description: textField.optional(),
    group: z.enum(GROUPS).optional().describe('Where `idflow list` puts a packaged scenario; one of your own needs none.'),
    horizon: intervalField.describe('How much simulated time is run.'),
    seed: z.union([nameField, z.number()]).optional().describe('Seed of all randomness, default idflow.'),
    falls: textField.optional().describe('Which knob makes an expectation fall.'),
    world: worldSchema,
    manifests: z.array(manifestSchema).optional().describe('Applied by the operator, in this order.'),
    story: z.array(stepSchema).optional().describe('What happens.'),
    expect: z.array(expectationSchema).optional().describe('What the run must show.'),
    incident: incidentSchema.optional(),
  })
  .meta({ title: 'idflow scenario', description: 'A what-if question about the Azure identity flow.' });

/** The same with nothing required at the top: for reading on after something was found missing. */
export const partialScenarioSchema = scenarioSchema.partial();

/** A scenario as written, or what is left of it. */
export type ScenarioSource = z.infer<typeof partialScenarioSchema>;
