/**
 * The worker of one VM or scale set (§4.8): creating → assigning → confirming → deleting; after a failed cloud call checking →
 * settling; `removing` for a node that is gone.
 *
 * Follows pkg/mic/mic.go:updateUserMSI and cleanUpAllAssignedIdentitiesOnNode. Each phase ends before the next begins; within a phase
 * up to createDeleteBatch items are under way at once, after a failure one.
 */
import { between } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { WorkItem } from '../../model/mic-rows.ts';
import { spelling } from '../../model/mic/identity-delta.ts';
import { withoutFinalizer } from '../../model/mic/assigned-identity.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { callApi } from './api-calls.ts';
import type { ItemStep, ReturnAddress } from './api-calls.ts';
import { beginTask } from './cloud.ts';
import type { CloudOutcome } from './cloud.ts';
import { pushAssigned } from './lookup.ts';
import { firstPhase, phaseAfter } from './phases.ts';
import type { States } from './phases.ts';
import { recordAboutBinding, recordStatusError } from './recorder.ts';
import type { MicState, Worker } from './state.ts';
import { workItem } from './work.ts';

/** Whether a worker is done with its part of the cycle. */
export type WorkerOutcome = 'done' | 'working';

/** What each call other than the first write is part of. */
const OPERATION = { confirm: 'status', unassign: 'status', delete: 'deletion', finalize: 'deletion' } as const;

type ItemAddress = Extract<ReturnAddress, { readonly part: 'item' }>;

/** Begins a worker's first phase. */
export function beginWorker(state: MicState, name: string, turn: Turn): WorkerOutcome {
  const worker = state.workers[name];
  if (worker?.phase !== 'starting') return 'working';
  return enter(state, worker, firstPhase(worker, statesOf(turn)), turn);
}

/** The cloud call of a worker ended. */
export function onCloudOutcome(state: MicState, name: string, outcome: CloudOutcome, turn: Turn): WorkerOutcome {
  const worker = state.workers[name];
  if (worker === undefined) return 'working';
  if (worker.phase === 'assigning') {
    if (outcome.ok) return proceed(state, worker, turn);
    worker.error = outcome.error;
    if (statesOf(turn) === 'states') return enter(state, worker, 'checking', turn);
    reportFailure(state, worker, turn);
    return 'done';
  }
  // Faithful: when the second GET fails too the worker stops here: nothing written, no event (W9).
  if (!outcome.ok) return 'done';
  worker.present = outcome.ids.map(spellingOf(turn));
  return enter(state, worker, 'settling', turn);
}

/** The API server answered the call of one item. */
export function onItemAnswer(state: MicState, address: ItemAddress, message: MessageOf<'ApiResponse'>, turn: Turn): WorkerOutcome {
  const worker = state.workers[address.worker];
  const item = workItem(address.worker, address.item, turn);
  if (worker === undefined || item === undefined) return 'working';
  if (advance(state, { address, item, message }, turn) === 'underWay') return 'working';
  worker.inFlight -= 1;
  return pump(state, worker, turn);
}

function enter(state: MicState, worker: Worker, phase: Worker['phase'], turn: Turn): WorkerOutcome {
  worker.phase = phase;
  worker.next = phase === 'deleting' || phase === 'removing' ? worker.changes : 0;
  worker.inFlight = 0;
  if (phase !== 'assigning' && phase !== 'checking') return pump(state, worker, turn);
  const outcome = beginTask(
    state,
    worker.name,
    {
      resource: { kind: worker.kind === 'vmss' ? 'vmss' : 'vm', name: worker.resource },
      goal: phase === 'assigning' ? 'update' : 'read',
      add: [...worker.add],
      remove: [...worker.remove],
    },
    turn,
  );
  return outcome === undefined ? 'working' : onCloudOutcome(state, worker.name, outcome, turn);
}

/** Starts items while there is room; moves on when the phase is through. */
function pump(state: MicState, worker: Worker, turn: Turn): WorkerOutcome {
  const isSequential = worker.phase === 'settling' || worker.phase === 'removing';
  const room = isSequential ? 1 : turn.knob('mic.createDeleteBatch');
  const end = worker.phase === 'creating' || worker.phase === 'confirming' ? worker.changes : worker.changes + worker.deletes;
  while (worker.inFlight < room && worker.next < end) {
    const index = worker.next;
    worker.next += 1;
    const item = workItem(worker.name, index, turn);
    if (item === undefined) continue;
    const step = firstStep(state, worker, item, turn);
    if (step === undefined) continue;
    worker.inFlight += 1;
    call(state, { part: 'item', worker: worker.name, item: index, step, since: turn.now }, item, turn);
  }
  // Faithful: a semaphore of no places lets nobody pass, and the cycle never ends (--createDeleteBatch=0).
  if (worker.inFlight > 0 || (room === 0 && worker.next < end)) return 'working';
  return proceed(state, worker, turn);
}

function proceed(state: MicState, worker: Worker, turn: Turn): WorkerOutcome {
  const next = phaseAfter(worker.phase, worker, statesOf(turn));
  return next === undefined ? 'done' : enter(state, worker, next, turn);
}

function spellingOf(turn: Turn): (id: string) => string {
  return spelling({ letterCase: behaves(turn, 'micComparesIdsWithoutCase') ? 'ignored' : 'significant' });
}

function statesOf(turn: Turn): States {
  return behaves(turn, 'micStatesOfAssigned') ? 'states' : 'noStates';
}

/** Without states nobody looks again: what came is not written, what went is gone already and stays on the resource. */
function reportFailure(state: MicState, worker: Worker, turn: Turn): void {
  for (let index = 0; index < worker.changes + worker.deletes; index += 1) {
    const item = workItem(worker.name, index, turn);
    const reason = item?.kind === 'delete' ? 'binding remove error' : 'binding apply error';
    if (item !== undefined) recordAboutBinding(state, { reason, assigned: item.object, error: worker.error }, turn);
  }
}

/** First call of an item in the worker's phase; undefined when the phase leaves it alone. */
function firstStep(state: MicState, worker: Worker, item: WorkItem, turn: Turn): ItemStep | undefined {
  switch (worker.phase) {
    case 'creating':
      return item.kind === 'retry' ? undefined : 'write';
    case 'confirming':
      return 'confirm';
    case 'deleting':
      return statesOf(turn) === 'states' ? 'unassign' : 'delete';
    case 'removing':
      return 'delete';
    case 'settling':
      return settle(state, worker, item, turn);
    case 'starting':
    case 'assigning':
    case 'checking':
      return undefined;
  }
}

/** After a failed cloud call the GET decides, item by item. Deletions skip the status Unassigned. */
function settle(state: MicState, worker: Worker, item: WorkItem, turn: Turn): ItemStep | undefined {
  const { type, resourceID } = item.object.spec.azureIdentityRef.spec;
  const isPresent = worker.present.includes(spellingOf(turn)(resourceID));
  if (item.kind === 'delete') {
    // Faithful: what is still on the resource and used by nobody is kept, an immutable identity's assignment included.
    return type === 0 && !item.isInUse && isPresent ? undefined : 'delete';
  }
  if (type === 0 && !isPresent) {
    recordAboutBinding(state, { reason: 'binding apply error', assigned: item.object, error: worker.error }, turn);
    return undefined;
  }
  recordAboutBinding(state, { reason: 'binding applied', assigned: item.object, error: '' }, turn);
  return 'confirm';
}

function call(state: MicState, address: ItemAddress, item: WorkItem, turn: Turn): void {
  switch (address.step) {
    case 'write':
      callApi(state, 'crd', { verb: item.kind === 'update' ? 'update' : 'create', object: item.object }, address, turn);
      return;
    case 'confirm':
      callApi(state, 'crd', { verb: 'patchStatus', kind: 'AzureAssignedIdentity', key: item.key, status: 'Assigned' }, address, turn);
      return;
    case 'unassign':
      callApi(state, 'crd', { verb: 'patchStatus', kind: 'AzureAssignedIdentity', key: item.key, status: 'Unassigned' }, address, turn);
      return;
    case 'delete':
      callApi(state, 'crd', { verb: 'delete', kind: 'AzureAssignedIdentity', key: item.key }, address, turn);
      return;
    case 'finalize':
      // Sent with the object that the DELETE answered, see `finalize`.
      return;
  }
}

interface Answered {
  readonly address: ItemAddress;
  readonly item: WorkItem;
  readonly message: MessageOf<'ApiResponse'>;
}

/** What follows the answer of one call: the item's next call, or its end. */
function advance(state: MicState, answered: Answered, turn: Turn): 'underWay' | 'ended' {
  const { address, item, message } = answered;
  const isOk = message.status >= 200 && message.status < 300;
  noteWrite(answered, turn);
  switch (address.step) {
    case 'write':
      // Faithful: an item that could not be written goes through the later phases all the same (W8, W43).
      if (!isOk) recordAboutBinding(state, { reason: 'binding apply error', assigned: item.object, error: apiError(message) }, turn);
      else if (statesOf(turn) === 'noStates') applied(state, item, turn);
      return 'ended';
    case 'confirm':
      return confirmed(state, answered, turn);
    case 'unassign':
      if (isOk) return follow(state, { ...address, step: 'delete', since: turn.now }, item, turn);
      recordStatusError(state, { assigned: item.object, origin: 'cached', error: apiError(message) }, turn);
      return 'ended';
    case 'delete':
      if (message.status === 404) return removed(state, answered, turn);
      return isOk ? finalize(state, answered, turn) : removed(state, answered, turn);
    case 'finalize':
      return removed(state, answered, turn);
  }
}

/** States a write that is over, as MIC's metrics count it: a DELETE that leaves a finalizer is not. */
function noteWrite({ address, item, message }: Answered, turn: Turn): void {
  const { step, since } = address;
  const isOk = message.status >= 200 && message.status < 300;
  if (step === 'delete' && isOk && hasFinalizers(message)) return;
  const isGone = step === 'delete' && message.status === 404;
  turn.fact({
    type: 'mic-assigned-identity-written',
    replica: turn.self,
    operation: step === 'write' ? (item.kind === 'update' ? 'update' : 'addition') : OPERATION[step],
    assigned: item.key,
    error: isOk || isGone ? '' : apiError(message),
    took: between(since, turn.now),
  });
}

function hasFinalizers({ object }: MessageOf<'ApiResponse'>): boolean {
  return object?.kind === 'AzureAssignedIdentity' && object.metadata.finalizers.length > 0;
}

function confirmed(state: MicState, { address, item, message }: Answered, turn: Turn): 'ended' {
  const isOk = message.status >= 200 && message.status < 300;
  const isSettling = state.workers[address.worker]?.phase === 'settling';
  if (isOk) pushAssigned(state, item.object, turn);
  const origin = item.kind === 'retry' ? 'cached' : 'built';
  if (!isOk) recordStatusError(state, { assigned: item.object, origin, error: apiError(message) }, turn);
  else if (!isSettling) recordAboutBinding(state, { reason: 'binding applied', assigned: item.object, error: '' }, turn);
  return 'ended';
}

function applied(state: MicState, item: WorkItem, turn: Turn): void {
  pushAssigned(state, item.object, turn);
  recordAboutBinding(state, { reason: 'binding applied', assigned: item.object, error: '' }, turn);
}

/** The object is terminating: its finalizer comes off, in the version the DELETE answered. */
function finalize(state: MicState, answered: Answered, turn: Turn): 'underWay' | 'ended' {
  const { address, message } = answered;
  const object = message.object;
  if (object?.kind !== 'AzureAssignedIdentity' || object.metadata.finalizers.length === 0) return removed(state, answered, turn);
  callApi(state, 'crd', { verb: 'update', object: withoutFinalizer(object) }, { ...address, step: 'finalize' }, turn);
  return 'underWay';
}

/** A deletion ended. Faithful: only the clean-up of a missing node says how; elsewhere a failure is logged and no more. */
function removed(state: MicState, { address, item, message }: Answered, turn: Turn): 'ended' {
  const worker = state.workers[address.worker];
  const isOk = (message.status >= 200 && message.status < 300) || (address.step === 'delete' && message.status === 404);
  if (worker !== undefined && !isOk && statesOf(turn) === 'noStates') worker.error = `DELETE was answered ${String(message.status)}`;
  const isReported = worker?.phase === 'removing' || statesOf(turn) === 'noStates';
  if (!isReported) return 'ended';
  const reason = isOk ? 'binding removed' : 'binding remove error';
  recordAboutBinding(state, { reason, assigned: item.object, error: isOk ? '' : apiError(message) }, turn);
  return 'ended';
}

function follow(state: MicState, address: ItemAddress, item: WorkItem, turn: Turn): 'underWay' {
  call(state, address, item, turn);
  return 'underWay';
}

/** What the API server said to a call it refused. */
function apiError({ status, reason }: MessageOf<'ApiResponse'>): string {
  return reason ?? `the server answered ${String(status)}`;
}
