/**
 * Which throttles a call has to pass: those of ARM, and those of the provider behind it.
 *
 * Follows the published token buckets of ARM (per principal, and fifteen times that for all principals of the subscription), of
 * Microsoft.Compute (per resource and per subscription), of Microsoft.ManagedIdentity (tenant, subscription, identity) and of AKS. In the
 * era `legacy` the hourly and windowed limits of 2018 to 2023 hold.
 * Simplified: one region, one subscription, one tenant, so limits of the three count the same calls.
 */
import { hours, minutes } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ArmState } from './state.ts';
import { pass } from './throttle.ts';
import type { Throttle } from './throttle.ts';

/** Passes a call through ARM's own throttles. Answers how long to stay away, or undefined when it may pass. */
export function passArm(state: ArmState, turn: Turn, call: ArmCall, client: string): Duration | undefined {
  const kind = directionOf(call);
  // MIC's replicas, and pods of one controller, act as one principal.
  const principal = client.split('/')[0] ?? client;
  if (turn.knob('arm.throttling.era') === 'legacy') {
    const requests = turn.knob(`arm.legacy.${kind}` as const) * turn.knob('arm.legacy.instances');
    return pass(state, turn, [{ name: `arm/${kind}/${principal}`, window: { requests, length: hours(1) } }]);
  }
  const size = turn.knob(`arm.bucket.${kind}` as const);
  const factor = turn.knob('arm.bucket.globalFactor');
  const shared = { capacity: size.capacity * factor, refillPerSecond: size.refillPerSecond * factor };
  return pass(state, turn, [
    { name: `arm/${kind}/${principal}`, size },
    { name: `arm/${kind}`, size: shared },
  ]);
}

/** Passes a call through its provider's throttles; `about` is the key of what it is about, or its wanted name. */
export function passProvider(state: ArmState, turn: Turn, call: ArmCall, about: string): Duration | undefined {
  const family = familyOf(call);
  if (family === undefined) return pass(state, turn, otherThrottles(turn, call, about));
  if (turn.knob('arm.throttling.era') === 'legacy') {
    const late = pass(state, turn, legacyThrottles(turn, family));
    return late === undefined ? undefined : turn.draw('crp.legacy.retryAfter', about);
  }
  return pass(state, turn, [
    { name: `${family}/${about}`, size: turn.knob(`${family}.perResource` as const) },
    { name: family, size: turn.knob(`${family}.perSub` as const) },
  ]);
}

/** Passes an identity change through the identity provider: its throttle of one resource, and where it adds some its limits of assignments. */
export function passIdentityProvider(
  state: ArmState,
  turn: Turn,
  change: { readonly resource: string; readonly added: readonly string[] },
): Duration | undefined {
  const late = pass(state, turn, [{ name: `mi/${change.resource}`, size: turn.knob('mi.resource.throttle') }]);
  if (late !== undefined) return turn.knob('mi.resource.throttle.retryAfter');
  if (change.added.length === 0) return undefined;
  return pass(state, turn, [
    { name: 'mi.assign/tenant', size: turn.knob('mi.assign.limit.tenantRegion') },
    { name: 'mi.assign/sub', size: turn.knob('mi.assign.limit.subRegion') },
  ]);
}

type Family =
  | 'crp.vmss.update'
  | 'crp.vmss.get'
  | 'crp.vmss.highCostGet'
  | 'crp.vmss.delete'
  | 'crp.vmssVm.update'
  | 'crp.vm.update'
  | 'crp.vm.get'
  | 'crp.asyncGet';

function familyOf(call: ArmCall): Family | undefined {
  switch (call.op) {
    case 'get':
      return call.resource.kind === 'vm' ? 'crp.vm.get' : 'crp.vmss.get';
    case 'getInstanceView':
      return 'crp.vmss.highCostGet';
    case 'pollOperation':
      return 'crp.asyncGet';
    case 'patchIdentity':
    case 'putIdentities':
    case 'putTags':
    case 'assignIdentity':
    case 'unassignIdentity':
    case 'setSystemAssigned':
      return call.resource.kind === 'vm' ? 'crp.vm.update' : 'crp.vmss.update';
    case 'putVm':
      return 'crp.vm.update';
    // The published size for creating scale sets is the same as for updating one.
    case 'putScaleSet':
    case 'scaleScaleSet':
      return 'crp.vmss.update';
    case 'deleteInstance':
      return 'crp.vmssVm.update';
    case 'deleteResource':
      return call.resource.kind === 'vm' ? 'crp.vm.update' : 'crp.vmss.delete';
    case 'putIdentity':
    case 'getIdentity':
    case 'deleteIdentity':
    case 'putFederatedCredential':
    case 'deleteFederatedCredential':
    case 'putAgentPool':
    case 'putPodIdentity':
    case 'deletePodIdentity':
    case 'putRoleAssignment':
    case 'deleteRoleAssignment':
    case 'deleteResourceGroup':
    case 'deleteCluster':
      return undefined;
  }
}

/** Throttles of the identity provider's own resources, and of AKS. */
function otherThrottles(turn: Turn, call: ArmCall, about: string): readonly Throttle[] {
  if (call.op === 'putIdentity') {
    return [
      { name: 'mi.create/tenant', size: turn.knob('mi.create.limit.tenantRegion') },
      { name: 'mi.create/sub', size: turn.knob('mi.create.limit.subRegion') },
      ...restThrottles(turn, 'createUpdate', about),
    ];
  }
  if (call.op === 'getIdentity') return restThrottles(turn, 'get', about);
  if (call.op === 'putFederatedCredential') return restThrottles(turn, 'createUpdate', about);
  if (call.op === 'deleteIdentity' || call.op === 'deleteFederatedCredential') return restThrottles(turn, 'delete', about);
  if (call.op === 'putAgentPool') return [{ name: `aks/${call.pool}`, size: turn.knob('aks.rp.putAgentPool') }];
  return [];
}

function restThrottles(turn: Turn, kind: 'createUpdate' | 'get' | 'delete', identity: string): readonly Throttle[] {
  return [
    { name: `mi.rest.${kind}/tenant`, size: turn.knob(`mi.rest.${kind}.limit.tenant` as const) },
    { name: `mi.rest.${kind}/sub`, size: turn.knob(`mi.rest.${kind}.limit.subscription` as const) },
    { name: `mi.rest.${kind}/${identity}`, size: turn.knob(`mi.rest.${kind}.limit.identity` as const) },
  ];
}

/** Of the older windows only those of scale sets are known. */
function legacyThrottles(turn: Turn, family: Family): readonly Throttle[] {
  if (family === 'crp.vmss.get') {
    return [
      { name: `${family}/3min`, window: { requests: turn.knob('crp.legacy.vmssGet.per3Min'), length: minutes(3) } },
      { name: `${family}/30min`, window: { requests: turn.knob('crp.legacy.vmssGet.per30Min'), length: minutes(30) } },
    ];
  }
  if (family === 'crp.vmss.update' || family === 'crp.vmssVm.update') {
    return [
      { name: 'crp.vmss.update/3min', window: { requests: turn.knob('crp.legacy.vmssUpdate.per3Min'), length: minutes(3) } },
      { name: 'crp.vmss.update/30min', window: { requests: turn.knob('crp.legacy.vmssUpdate.per30Min'), length: minutes(30) } },
    ];
  }
  return [];
}

function directionOf(call: ArmCall): 'reads' | 'writes' | 'deletes' {
  if (call.op.startsWith('get') || call.op === 'pollOperation') return 'reads';
  return call.op.startsWith('delete') ? 'deletes' : 'writes';
}
