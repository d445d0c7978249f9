/** Shape of `incident:`: a real incident that a scenario re-enacts, what was reported of it, and the runs in which it must not show. */
import { z } from 'zod';
import { nameField, textField } from './fields.ts';

const knobValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]);
const knobShape = { knob: textField.describe('A knob of the calibration.'), value: knobValue };

const fieldField = textField.describe('Path of a field, such as world.cluster.network, story[0].apply[0] or story.0.apply.0.');
const fieldValue = z
  .union([knobValue, z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
  .describe('What stands there instead.');

/** A measure, as text or as `expect:` has it. */
const measureField = z
  .union([textField, z.strictObject({ measure: textField.describe('The same as a text alone.') })])
  .transform((claim) => (typeof claim === 'string' ? claim : claim.measure));

const cureSchema = z
  .union([
    z.strictObject(knobShape),
    z.strictObject({ version: textField.describe('A release.') }),
    z.strictObject({ field: fieldField, value: fieldValue, as: textField.optional().describe('The cure in words. Default: field and value.') }),
    z.strictObject({ also: z.array(z.looseObject({})).min(1).describe('Steps of the story that somebody takes besides.') }),
  ])
  .describe('What mends it: one knob, one version, one field such as a mode or a flag, or something that somebody does; null where nothing is known to.');

const withoutSchema = z
  .union([
    z.strictObject(knobShape),
    z.strictObject({ step: nameField.describe('Key of a step that is left out.') }),
    z.strictObject({
      field: fieldField,
      value: fieldValue.optional().describe('Default: the field is left out.'),
      as: textField.optional().describe('The change in words. Default: field and value.'),
    }),
  ])
  .describe('The cause removed: one knob, one step, or one field.');

const figureSchema = z
  .strictObject({
    name: textField,
    reported: textField.describe('A value such as 104.8s or 173, or a range such as 40s..60s; 1h.. for at least an hour.'),
    kind: z
      .enum(['derived', 'observed', 'implied'])
      .describe('derived: a value, met within 2 %. observed: a range. implied: nobody reported it; what the symptom means in this world, a value met within 2 %.'),
    from: textField.describe('The measure, or the observation of facts or rows (docs/MEASURES.md), that gives the simulated value, such as max(between(A, B by pod)).'),
  })
  .describe('A figure that was reported.');

const whySchema = z
  .strictObject({
    ask: textField.describe('A question for idflow why, such as token of pod shop at 10:02, or first mic-stopped.'),
    names: z.array(textField).min(1).describe('Words that name the mechanism; each must be in the answer or in the reasons that it gives first.'),
  })
  .describe('The question whose answer names the mechanism.');

/** An incident. */
export const incidentSchema = z
  .strictObject({
    id: textField.describe('Such as INC-04 or WI-01.'),
    title: textField,
    issues: z.array(textField).min(1).describe('#515 of Azure/aad-pod-identity, or owner/repository#7.'),
    version: textField.describe('Where it was seen.'),
    symptom: textField.describe('What people saw, one sentence.'),
    doubt: textField.optional().describe('What of the mechanism is not certain.'),
    shows: z.array(measureField).min(1).describe('The symptom as measures: it is there if all hold, and gone if none does.'),
    also: z.array(measureField).optional().describe('What was seen beside it, as measures: it holds where the symptom is there, and may hold elsewhere.'),
    well: z.array(measureField).min(1).describe('Measures that hold where it is cured, or where its cause is removed.'),
    figures: z.array(figureSchema).min(1),
    cure: cureSchema.nullable(),
    without: withoutSchema,
    why: whySchema.optional(),
  })
  .describe('A real incident, re-enacted.');

/** An incident as written. */
export type IncidentSource = z.infer<typeof incidentSchema>;
