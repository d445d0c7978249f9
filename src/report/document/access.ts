/** Exposure and outage, as the report document holds them. */
import { z } from 'zod';
import { EXPOSURE_CAUSES, OUTAGE_CAUSES } from '../access/causes.ts';
import type { ExposureCause, OutageCause } from '../access/causes.ts';
import { count, micros } from './quantity.ts';

const exposureCause = z.enum(Object.keys(EXPOSURE_CAUSES) as [ExposureCause, ...ExposureCause[]]);
const outageCause = z.enum(Object.keys(OUTAGE_CAUSES) as [OutageCause, ...OutageCause[]]);

const entry = {
  pod: z.string(),
  identity: z.string().describe('display name of the principal, or the client id; empty: the default identity of the machine'),
  us: micros,
  firstUs: micros,
  lastUs: micros,
};
const sums = { us: micros.describe('summed over pods and identities'), pods: count };

/** For how long pods could get tokens of others, and for how long they could not get their own. */
export const access = z.strictObject({
  exposure: z.strictObject({
    podUs: micros.describe('time for which a pod could get the token of some identity it has no right to, summed over pods'),
    tokens: count.describe('tokens that pods got of identities they had no right to'),
    causes: z.array(z.strictObject({ cause: exposureCause, ...sums, tokens: count })).describe('every cause, also where it did not occur'),
    entries: z.array(z.strictObject({ ...entry, cause: exposureCause, tokens: count })).describe('longest first, up to a limit'),
    notShown: count,
  }),
  outage: z.strictObject({
    us: micros.describe('time for which processes could not get a token they asked for, summed over them'),
    failed: count.describe('askings of these times that ended without a token'),
    causes: z.array(z.strictObject({ cause: outageCause, ...sums, failed: count })).describe('every cause, also where it did not occur'),
    entries: z.array(z.strictObject({ ...entry, cause: outageCause, failed: count })).describe('longest first, up to a limit'),
    notShown: count,
  }),
});
