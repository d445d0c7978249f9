/** Functions of MIC's cloud layer (pkg/cloudprovider), each on the rule of the simulator that stands for it. */
import { cloudConfigNow } from '../../../src/model/cloud-config.ts';
import type { IdentityType } from '../../../src/model/azure.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import { blamedIdentities, withoutIds } from '../../../src/model/mic/bad-identity.ts';
import { holdBackOf } from '../../../src/model/mic/retry-after.ts';
import { planIdentities, splitDelta } from '../../../src/model/mic/identity-delta.ts';
import { placeOfProvider } from '../../../src/model/provider-id.ts';
import { NoSeam } from '../case.ts';
import { isMap, mapAt, textAt, textsAt } from '../stage/objects.ts';
import type { Data, DataMap } from '../stage/objects.ts';
import { CallFailure, Outcome, planeOf } from './stage.ts';
import type { CallStage, CaseFunction, IdentityBlock } from './stage.ts';

/** Longest an update may take [s]. */
const PATIENCE = 3600;

/** By name. */
export const CLOUD_FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  'cloud.parseResourceID': (args) => {
    const place = placeOfProvider(textAt(args, 'id'));
    if (place === undefined) throw new CallFailure('no resource id');
    const { subscription, resourceGroup, provider, resourceType, resourceName } = place;
    return { subscriptionID: subscription, resourceGroup, provider, resourceType, resourceName };
  },
  'cloud.erroneousIdentities': (args) => blamedIdentities(textAt(args, 'message')),
  'cloud.updateUserMSI': updateIdentities,
  'retry.do': repeatUpdate,
  'cloud.retryAfterSeconds': (args, { plane }) => {
    const present = EPOCH + (plane?.now ?? 0);
    const header = headerText(mapAt(mapAt(args, 'response'), 'headers')['Retry-After'], present);
    return (holdBackOf(header, present) ?? 0) / 1e6;
  },
  'cloud.clusterIdentity': (_args, stage) => {
    const { plane } = planeOf(stage);
    let found = '';
    plane.act((turn) => (found = cloudConfigNow(turn).userAssignedIdentityID));
    return found;
  },
  'cloud.splitBatch': (args) => {
    const delta = textsAt(args, 'ids').map((id) => ({ id, action: 'add' as const }));
    const { first, rest } = splitDelta(delta, batchLimit());
    return { first: first.map(({ id }) => id), rest: rest.map(({ id }) => id) };
  },
  'cloud.nextIdentityType': (args) => {
    const type = textAt(args, 'current') as IdentityType;
    const plan = planIdentities({ type, ids: [] }, { add: ['id'], remove: [], first: 'remove' });
    return plan.kind === 'nothing' ? undefined : plan.type;
  },
  'cloud.planPatch': (args, { block }) => planPatch(args, block),
  'cloud.dropFromPatch': (args, { block }) => {
    if (block === undefined) throw new Error('the call names no identity block');
    const before = block.ids.map((id) => ({ id, action: 'add' as const }));
    const kept = withoutIds(before, [textAt(args, 'id')]);
    block.ids = kept.map(({ id }) => id);
    return kept.length < before.length;
  },
};

function updateIdentities(args: DataMap, stage: CallStage): undefined {
  const { plane, client } = planeOf(stage);
  const resource = mapAt(args, 'resource');
  const order = {
    resource: { kind: textAt(resource, 'kind') === 'VirtualMachine' ? 'vm' : 'vmss', name: textAt(resource, 'name') } as const,
    goal: 'update' as const,
    add: textsAt(args, 'add'),
    remove: textsAt(args, 'remove'),
  };
  const outcome = client.order(order, plane, PATIENCE);
  if (outcome === undefined) throw new Error('the update came to no end');
  if (!outcome.ok) throw new CallFailure(outcome.error);
  return undefined;
}

/**
 * An update of which every PATCH fails with the same words. The caller of the repetition allows another as long as an identity is blamed and
 * others are left, so one is blamed each time, or none.
 */
function repeatUpdate(args: DataMap, stage: CallStage): Outcome {
  const { plane, client } = planeOf(stage);
  const words = textAt(args, 'everyRunFailsWith');
  const resource = { kind: 'VirtualMachine', name: 'repeated' } as const;
  plane.cloud.put({ ...resource, type: '', ids: [], state: 'Succeeded' });
  const { refuse } = plane.cloud;
  plane.cloud.refuse = ({ op, adds: [first = ''] }) => {
    if (op !== 'PATCH' || words === '') return undefined;
    return { status: 400, code: '', message: args['callerAllowsRetry'] === true ? `${words}: '${first}'` : words };
  };
  const add = Array.from({ length: REPEATED_IDENTITIES }, (_, n) => `${ID_PREFIX}${String(n)}`);
  const outcome = client.order({ resource: { kind: 'vm', name: resource.name }, goal: 'update', add, remove: [] }, plane, PATIENCE);
  plane.cloud.refuse = refuse;
  const runs = plane.cloud.calls.filter(({ op, name }) => op === 'PATCH' && name === resource.name).length;
  return new Outcome({ value: { runs }, ...(outcome?.ok === false ? { error: outcome.error } : {}) });
}

/** When the world of a case begins [s since 1970]; nothing depends on it. */
const EPOCH = 1_600_000_000;

/** A header as it is written, or as it is to be written for a time from now on. */
function headerText(value: Data | undefined, present: number): string {
  const time = isMap(value) ? mapAt(value, '$time') : undefined;
  if (time === undefined) return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  // `Mon, 02 Jan 2006 15:04:05 GMT`; RFC 822 has neither weekday nor seconds, and two digits of the year.
  const spelled = new Date((present + Number(time['plusSeconds'])) * 1000).toUTCString();
  if (time['format'] === 'RFC1123') return spelled.replace('GMT', 'UTC');
  const [, day = '', month = '', year = '', clock = ''] = spelled.split(' ');
  if (time['format'] === 'RFC822') return `${day} ${month} ${year.slice(2)} ${clock.slice(0, 5)} UTC`;
  throw new NoSeam(`times are not written as ${JSON.stringify(time['format'])}`);
}

const ID_PREFIX = '/subscriptions/s/resourcegroups/g/providers/microsoft.managedidentity/userassignedidentities/i';
/** More than any case lets an update be repeated. */
const REPEATED_IDENTITIES = 40;

/** Upstream leaves the delta in the block, so the next plan starts from that. */
function planPatch(args: DataMap, block: IdentityBlock | undefined): boolean {
  if (block === undefined) throw new Error('the call names no identity block');
  const plan = planIdentities(
    { type: '', ids: block.ids },
    { add: textsAt(args, 'add'), remove: textsAt(args, 'remove'), first: 'remove' },
  );
  block.ids = plan.kind === 'delta' ? plan.delta.map(({ id }) => id) : [];
  return plan.kind !== 'nothing';
}

function batchLimit(): number {
  const resolution = resolve({});
  if (!resolution.ok) throw new Error(JSON.stringify(resolution.problems));
  return resolution.calibration.value('mi.assign.maxIdentitiesPerRequest');
}
