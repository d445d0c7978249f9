/** Functions of MIC's cloud layer (pkg/cloudprovider), each on the rule of the simulator that stands for it. */
import { clusterIdentity } from '../../../src/actors/mic/settings.ts';
import type { IdentityType } from '../../../src/model/azure.ts';
import { resolve } from '../../../src/model/calibration/index.ts';
import { blamedIdentities, withoutIds } from '../../../src/model/mic/bad-identity.ts';
import { planIdentities, splitDelta } from '../../../src/model/mic/identity-delta.ts';
import { placeOfProvider } from '../../../src/model/provider-id.ts';
import { mapAt, textAt, textsAt } from '../stage/objects.ts';
import type { DataMap } from '../stage/objects.ts';
import { CallFailure } from './stage.ts';
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
  'cloud.clusterIdentity': (_args, { plane }) => {
    let found = '';
    plane.act((turn) => (found = clusterIdentity(turn)));
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

function updateIdentities(args: DataMap, { plane, client }: CallStage): undefined {
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
