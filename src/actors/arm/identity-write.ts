/**
 * What stands against a write of identities, in the order in which the providers look at it.
 *
 * Follows Microsoft.Compute as MIC and `az` meet it: identity PATCHes are deltas, one missing identity refuses the whole write
 * (FailedIdentityOperation, the id in single quotes), and of two writes on one resource the later one wins.
 */
import { inSeconds } from '../../kernel/time.ts';
import type { ComputeResource } from '../../model/azure.ts';
import { changeBetween } from '../../model/resource-identity.ts';
import type { IdentityChange, ResourceIdentity } from '../../model/resource-identity.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { actionRefusal, linkedRefusal } from './authorization.ts';
import { identityRefusal, missingIdentity } from './identity-checks.ts';
import { passIdentityProvider } from './limits.ts';
import { goalOf } from './operation.ts';
import { runningOn } from './state.ts';
import type { ArmState, Caller } from './state.ts';

/** An identity write: what it makes of the present block, what its body says, and the size that goes with it (PUT). */
export interface IdentityWrite {
  readonly goal: (base: ResourceIdentity) => ResourceIdentity;
  /** Ids the body wants on the resource. */
  readonly named: readonly string[];
  /** Entries of the body's map [1]. */
  readonly entries: number;
  readonly form?: 'plain' | 'echoed';
  readonly ifMatch?: number | undefined;
  readonly capacity?: number;
  /** Whether it is a PUT of the whole resource. */
  readonly isWhole?: boolean;
}

/** A write beside what the resource is and is becoming. */
export interface WeighedWrite {
  readonly write: IdentityWrite;
  readonly row: ComputeResource;
  readonly base: ResourceIdentity;
  readonly goal: ResourceIdentity;
  readonly change: IdentityChange;
  readonly capacity: number;
  /** An identity that does not exist: told at once, or by the operation. */
  readonly missing: Answer | undefined;
}

/** Puts a write beside the resource as it is now. */
export function weighed(state: ArmState, turn: Turn, row: ComputeResource, write: IdentityWrite): WeighedWrite {
  const base = goalOf(state, row);
  const goal = write.goal(base);
  const change = changeBetween(base, goal);
  const { named, entries, form = 'plain' } = write;
  const missing = missingIdentity(turn, { named, entries, form, goal, change });
  return { write, row, base, goal, change, capacity: write.capacity ?? row.capacity, missing };
}

/** Why a write is refused, with the throttle of the identity provider taken from; undefined: it is not. */
export function writeRefusal(state: ArmState, turn: Turn, caller: Caller, on: WeighedWrite): Answer | undefined {
  return rightsRefusal(turn, caller, on) ?? identityThrottle(state, turn, on.row, on.change.added) ?? bodyRefusal(state, turn, on);
}

/**
 * The same on arrival: a write that will be refused is told so at once, and only such a one takes from the throttle now; another may
 * still be refused when it is carried out.
 */
export function refusalOnArrival(state: ArmState, turn: Turn, caller: Caller, on: WeighedWrite): Answer | undefined {
  const rights = rightsRefusal(turn, caller, on);
  if (rights !== undefined) return rights;
  const body = bodyRefusal(state, turn, on);
  return body === undefined ? undefined : (identityThrottle(state, turn, on.row, on.change.added) ?? body);
}

function rightsRefusal(turn: Turn, { client }: Caller, { row, write }: WeighedWrite): Answer | undefined {
  const { named, ifMatch } = write;
  return actionRefusal(turn, client, row, 'write') ?? linkedRefusal(turn, client, row, named) ?? staleRefusal(turn, row, ifMatch);
}

function bodyRefusal(state: ArmState, turn: Turn, { write, goal, change, capacity, missing, row }: WeighedWrite): Answer | undefined {
  const { named, entries, form = 'plain' } = write;
  const isLate = turn.knob('mi.assign.checkedAt') === 'operation';
  return (
    identityRefusal(turn, { named, entries, form, goal, change }) ??
    (isLate ? undefined : missing) ??
    sizeRefusal(turn, capacity) ??
    conflict(state, turn, row)
  );
}

/** The identity provider's throttle of one resource. The compute provider wraps its answer: MIC finds no identity to blame in it. */
function identityThrottle(state: ArmState, turn: Turn, row: ComputeResource, added: readonly string[]): Answer | undefined {
  const late = passIdentityProvider(state, turn, { resource: row.id.toLowerCase(), added });
  if (late === undefined) return undefined;
  const text = `FailedIdentityOperation: identity operation for resource failed with status 429, Retry after ${String(inSeconds(late))} seconds`;
  return { ...refusal(429, 'FailedIdentityOperation', text), retryAfter: late };
}

/** Refuses a write that was made from an older state of a scale set than it has, where If-Match is honoured. */
export function staleRefusal(turn: Turn, row: ComputeResource, ifMatch: number | undefined): Answer | undefined {
  if (ifMatch === undefined || ifMatch === row.generation || row.kind === 'vm' || !turn.knob('vmss.etag.enforced')) return undefined;
  return refusal(412, 'PreconditionFailed', `${row.name} has changed since it was read.`);
}

/** Refuses more instances than a scale set has room for. */
export function sizeRefusal(turn: Turn, capacity: number): Answer | undefined {
  const most = turn.knob('vmss.maxInstances');
  if (capacity <= most) return undefined;
  return refusal(400, 'InvalidParameter', `A scale set has at most ${String(most)} instances, not ${String(capacity)}.`);
}

/** A write that meets another: refused by rule, or while the resource is being made or deleted; otherwise it preempts. */
export function conflict(state: ArmState, turn: Turn, row: ComputeResource): Answer | undefined {
  const running = runningOn(state, row.id.toLowerCase());
  if (running === undefined) return undefined;
  const isFirm = running.kind === 'create' || running.kind === 'delete';
  if (!isFirm && turn.knob('vmss.concurrentWrite.outcome') === 'preempt') return undefined;
  const text = `Operation ${running.id} on ${row.name} is in progress.`;
  return { ...refusal(409, 'OperationNotAllowed', text), retryAfter: turn.knob('vmss.conflict.retryAfter') };
}
