/**
 * Throttles of ARM and of the compute provider behind it.
 *
 * Follows the published token buckets of ARM (per principal, and fifteen times that for all principals of the subscription) and of
 * Microsoft.Compute (per resource and per subscription). In the era `legacy` the hourly and windowed limits of 2018 to 2023 hold.
 * Simplified: a window is a bucket of the same size and mean rate; one region, one subscription; the identity provider's own limits on
 * reads and writes of identities are left out, its limit per resource is not.
 */
import { ZERO, hours, inSeconds, micros, minutes, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import { isFull, take, tokenBucket } from '../../model/token-bucket.ts';
import type { BucketSize, TokenBucket } from '../../model/token-bucket.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { SWEEP_FIRST, type ArmState } from './state.ts';

/** One throttle that a call has to pass. */
interface Throttle {
  readonly name: string;
  readonly size: BucketSize;
}

/** Passes a call through ARM's own throttles. Answers how long to stay away, or undefined when it may pass. */
export function passArm(state: ArmState, turn: Turn, call: ArmCall, client: string): Duration | undefined {
  const kind = directionOf(call);
  // MIC's replicas, and pods of one controller, act as one principal.
  const principal = client.split('/')[0] ?? client;
  if (turn.knob('arm.throttling.era') === 'legacy') {
    const perHour = turn.knob(`arm.legacy.${kind}` as const) * turn.knob('arm.legacy.instances');
    return pass(state, turn, [{ name: `arm/${kind}/${principal}`, size: window(perHour, hours(1)) }]);
  }
  const size = turn.knob(`arm.bucket.${kind}` as const);
  const factor = turn.knob('arm.bucket.globalFactor');
  const shared = { capacity: size.capacity * factor, refillPerSecond: size.refillPerSecond * factor };
  return pass(state, turn, [
    { name: `arm/${kind}/${principal}`, size },
    { name: `arm/${kind}`, size: shared },
  ]);
}

/** Passes a call through the compute provider's throttles; `resource` is the key of the VM or scale set, or its wanted name. */
export function passCompute(state: ArmState, turn: Turn, call: ArmCall, resource: string): Duration | undefined {
  const family = familyOf(call);
  if (family === undefined) return undefined;
  if (turn.knob('arm.throttling.era') === 'legacy') {
    const late = pass(state, turn, legacyThrottles(turn, family));
    return late === undefined ? undefined : turn.draw('crp.legacy.retryAfter', resource);
  }
  return pass(state, turn, [
    { name: `${family}/${resource}`, size: turn.knob(`${family}.perResource` as const) },
    { name: family, size: turn.knob(`${family}.perSub` as const) },
  ]);
}

/** Passes an identity change through the identity provider's throttle of one resource. */
export function passIdentityProvider(state: ArmState, turn: Turn, resource: string): Duration | undefined {
  const late = pass(state, turn, [{ name: `mi/${resource}`, size: turn.knob('mi.resource.throttle') }]);
  return late === undefined ? undefined : turn.knob('mi.resource.throttle.retryAfter');
}

type Family =
  'crp.vmss.update' | 'crp.vmss.get' | 'crp.vmss.delete' | 'crp.vmssVm.update' | 'crp.vm.update' | 'crp.vm.get' | 'crp.asyncGet';

function familyOf(call: ArmCall): Family | undefined {
  switch (call.op) {
    case 'get':
      return call.resource.kind === 'vm' ? 'crp.vm.get' : 'crp.vmss.get';
    case 'pollOperation':
      return 'crp.asyncGet';
    case 'patchIdentity':
    case 'putIdentities':
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
    case 'deleteIdentity':
    case 'putRoleAssignment':
    case 'deleteRoleAssignment':
      return undefined;
  }
}

/** Of the older windows only those of scale sets are known. */
function legacyThrottles(turn: Turn, family: Family): readonly Throttle[] {
  if (family === 'crp.vmss.get') {
    return [
      { name: `${family}/3min`, size: window(turn.knob('crp.legacy.vmssGet.per3Min'), minutes(3)) },
      { name: `${family}/30min`, size: window(turn.knob('crp.legacy.vmssGet.per30Min'), minutes(30)) },
    ];
  }
  if (family === 'crp.vmss.update' || family === 'crp.vmssVm.update') {
    return [
      { name: 'crp.vmss.update/3min', size: window(turn.knob('crp.legacy.vmssUpdate.per3Min'), minutes(3)) },
      { name: 'crp.vmss.update/30min', size: window(turn.knob('crp.legacy.vmssUpdate.per30Min'), minutes(30)) },
    ];
  }
  return [];
}

function window(requests: number, length: Duration): BucketSize {
  return { capacity: requests, refillPerSecond: requests / inSeconds(length) };
}

function directionOf(call: ArmCall): 'reads' | 'writes' | 'deletes' {
  if (call.op === 'get' || call.op === 'pollOperation') return 'reads';
  return call.op.startsWith('delete') ? 'deletes' : 'writes';
}

/** Takes a token from each throttle, or from none: what is refused is not counted. */
function pass(state: ArmState, turn: Turn, throttles: readonly Throttle[]): Duration | undefined {
  const taken: [string, TokenBucket][] = [];
  let wait = ZERO;
  for (const { name, size } of throttles) {
    const taking = take(state.buckets[name] ?? tokenBucket(size), turn.now);
    if (taking.ok) taken.push([name, taking.bucket]);
    else if (taking.retryAfter > wait) wait = taking.retryAfter;
  }
  if (wait > 0) return retryAfterOf(turn, wait);
  for (const [name, bucket] of taken) {
    if (state.buckets[name] === undefined) state.bucketCount += 1;
    state.buckets[name] = bucket;
  }
  if (state.bucketCount > state.bucketsSweptAt) sweepBuckets(state, turn);
  return undefined;
}

/** The header carries whole seconds, one at least. */
function retryAfterOf(turn: Turn, wait: Duration): Duration {
  const least = turn.knob('arm.429.retryAfter.minimum');
  const whole = seconds(Math.ceil(inSeconds(wait)));
  return micros(Math.max(least, whole));
}

function sweepBuckets(state: ArmState, turn: Turn): void {
  for (const name of Object.keys(state.buckets)) {
    const bucket = state.buckets[name];
    if (bucket === undefined || !isFull(bucket, turn.now)) continue;
    delete state.buckets[name];
    state.bucketCount -= 1;
  }
  state.bucketsSweptAt = Math.max(SWEEP_FIRST, 2 * state.bucketCount);
}
