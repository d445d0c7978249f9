/** Races, cleanup and audit, as the report document holds them. */
import { z } from 'zod';
import { RACE_CLASSES } from '../../scenarios/schema/metric-names.ts';
import type { RaceClass } from '../../scenarios/schema/metric-names.ts';
import { count, micros, place, share, waits } from './quantity.ts';

const raceClass = z.enum(Object.keys(RACE_CLASSES) as [RaceClass, ...RaceClass[]]);

/** One class of assignment races. */
export const race = z.strictObject({
  race: raceClass,
  definition: z.string(),
  count,
  examined: count.describe('occasions on which it could have happened'),
  perThousand: z.number().nullable().describe('count for each 1,000 such occasions; null where there was none'),
  first: z.strictObject({ place, text: z.string() }).nullable(),
  worst: z
    .strictObject({ place, text: z.string(), lastedUs: micros })
    .nullable()
    .describe('the one that lasted longest; null where a class knows no length'),
});

/** What a deletion was of. */
export const deletionKind = z.enum([
  'pod',
  'azureIdentityBinding',
  'azureIdentity',
  'node',
  'scaleSet',
  'vm',
  'managedIdentity',
  'roleAssignment',
  'groupMembership',
  'appRole',
  'namespace',
  'resourceGroup',
  'cluster',
]);

const verdict = z.enum(['complete', 'incomplete', 'lingersByDesign']);

/** What a deletion leads to, or what by design stays behind. */
export const cleanupItem = z.strictObject({
  kind: z.enum([
    'assignedIdentity',
    'grant',
    'servicePrincipal',
    'machine',
    'object',
    'roleAssignment',
    'federatedCredential',
    'imdsCredential',
    'liveToken',
    'danglingReference',
    'acceptedAccess',
  ]),
  what: z.string(),
  state: z.enum(['gone', 'left', 'notDue', 'lingersByDesign']),
  dueUs: micros.nullable().describe('by when it is gone where all is healthy; null: it does not have to go'),
  goneAtUs: micros.nullable().describe('null: it is not gone, or when is not known'),
  untilUs: micros.nullable().describe('until when what is still there can be misused; null: it is not there, or nothing ends it'),
  note: z.string().describe('why it is not due or lingers; until when a token works'),
});

/** One deletion with everything that had to go. */
export const deletion = z.strictObject({
  kind: deletionKind,
  name: z.string(),
  place,
  verdict,
  tookUs: micros.nullable().describe('from the deletion until the last of it was gone; null while something is left'),
  items: z.array(cleanupItem),
});

/** Cleanup of the run. */
export const cleanup = z.strictObject({
  kinds: z.array(
    z.strictObject({
      kind: deletionKind,
      deletions: count,
      complete: count,
      incomplete: count,
      lingersByDesign: count,
      took: waits.nullable(),
    }),
  ),
  took: waits.nullable().describe('over all deletions of which nothing due is left'),
  deletions: z.array(deletion).describe('all that are incomplete, and the first of the others, up to a limit'),
  notShown: count,
  left: z.strictObject({
    assignedIdentities: count,
    grants: count,
    servicePrincipals: count,
    roleAssignments: count,
    imdsCredentials: count,
    liveTokens: count,
  }),
  leftExamples: z.array(
    z.strictObject({
      kind: z.string(),
      what: z.string(),
      note: z.string(),
      untilUs: micros.nullable().describe('until when it can be misused; null: nothing ends it'),
    }),
  ),
});

/** Who accessed what: the services' logs beside the truth. */
export const audit = z.strictObject({
  accesses: count,
  allowed: count,
  denied: count,
  attributable: count.describe('accesses by principals that a single pod used: what the log alone can attribute'),
  attributableShare: share.nullable(),
  attributableWithAddress: count.describe('the same when the logged caller address is taken into account'),
  entries: z.array(
    z.strictObject({
      service: z.string(),
      serviceKind: z.string(),
      objectId: z.string(),
      appId: z.string(),
      principal: z.string().describe('display name of the service principal'),
      principalKind: z.string(),
      statuses: z.array(z.strictObject({ status: z.int(), count })),
      firstUs: micros,
      lastUs: micros,
      firstLoggedUs: micros,
      senders: z.array(z.strictObject({ sender: z.string(), count })).describe('pods that really did it, most accesses first'),
      sendersNotShown: count,
    }),
  ),
});
