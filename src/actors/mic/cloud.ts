/**
 * UpdateUserMSI and the plain GET (§5.1, §5.2, §5.4) as a state machine:
 *
 *   get ─► plan ─► patch ─(202)─► poll … ─► next 150 ─► done
 *                    └─ names bad identities ─ 1 s ─► patch without them (at most twice; the first error stays the answer)
 *
 * Follows pkg/cloudprovider/cloudprovider.go:UpdateUserMSI, vm.go, vmss.go, truncate.go, pkg/retry/retry.go. No ETag anywhere: what
 * others write between GET and PATCH is lost where the set becomes empty (W19, W20).
 */
import { after, between, ORIGIN, ZERO } from '../../kernel/time.ts';
import type { ComputeResource } from '../../model/azure.ts';
import type { ResourceRef } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { withoutBlamed } from '../../model/mic/bad-identity.ts';
import { repeatWait } from '../../model/mic/sdk-retry.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { beginCall, errorText, failForToken, onCallAnswer, onRepeatDue, resumeCall, setStep } from './arm-calls.ts';
import type { CallOutcome } from './arm-calls.ts';
import { endProcess, PANIC_EXIT } from './process.ts';
import type { ArmTask, MicState } from './state.ts';
import { planWrite, takeChunk } from './write-plan.ts';

/** How a task ended; `ids` are those a `read` showed, as ARM spells them; `sent` is how many entries an `update` had to PATCH. */
export type CloudOutcome =
  { readonly ok: true; readonly ids: readonly string[]; readonly sent: number } | { readonly ok: false; readonly error: string };

/** What a task is to do. */
export interface CloudOrder {
  readonly resource: ResourceRef;
  readonly goal: 'update' | 'read';
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

const DONE: CloudOutcome = { ok: true, ids: [], sent: 0 };

/** Begins a task; answers at once where there is nothing to ask ARM, or where its own throttle refuses. */
export function beginTask(state: MicState, key: string, order: CloudOrder, turn: Turn): CloudOutcome | undefined {
  if (order.goal === 'update' && order.add.length === 0 && order.remove.length === 0 && isEmptySkipped(turn)) return DONE;
  state.tasks[key] = {
    ...order,
    client: state.client,
    step: 'get',
    waits: 'answer',
    request: '',
    tries: 0,
    conflicts: 0,
    identityType: '',
    delta: [],
    rest: [],
    sent: 0,
    form: 'delta',
    model: { ids: [], capacity: 0 },
    attempt: 0,
    firstError: '',
    operation: '',
    pollUntil: ORIGIN,
    pollErrors: 0,
    since: turn.now,
    lastError: '',
    lastRetryAfter: ZERO,
  };
  return settle(state, key, beginCall(state, key, turn), turn);
}

/** Work on one assigned identity alone never asks for nothing; of work on a whole node only later releases leave that out. */
function isEmptySkipped(turn: Turn): boolean {
  return behaves(turn, 'micSkipsEmptyUpdates') || !behaves(turn, 'micBatchesByNode');
}

/** ARM answered a task's call. */
export function onArmAnswer(state: MicState, key: string, answer: MessageOf<'ArmResponse'>, turn: Turn): CloudOutcome | undefined {
  return settle(state, key, onCallAnswer(state, key, answer, turn), turn);
}

/** The process's token came, or did not. */
export function onTokenForTask(state: MicState, key: string, error: string, turn: Turn): CloudOutcome | undefined {
  if (state.tasks[key]?.waits !== 'token') return undefined;
  return settle(state, key, error === '' ? resumeCall(state, key, turn) : failForToken(error), turn);
}

/** A task's timer. */
export function onTaskDue(state: MicState, key: string, turn: Turn): CloudOutcome | undefined {
  const task = state.tasks[key];
  switch (task?.waits) {
    case 'repeat':
    case 'giveUp':
      return settle(state, key, onRepeatDue(state, key, turn), turn);
    case 'poll':
      return settle(state, key, resumeCall(state, key, turn), turn);
    case 'pollLimit':
      return fail(state, key, 'context deadline exceeded while polling', turn);
    case 'retry':
      task.since = turn.now;
      return settle(state, key, beginCall(state, key, turn), turn);
    case 'token':
    case 'answer':
    case undefined:
      return undefined;
  }
}

function settle(state: MicState, key: string, outcome: CallOutcome | undefined, turn: Turn): CloudOutcome | undefined {
  const task = state.tasks[key];
  if (outcome === undefined || task === undefined) return undefined;
  if (!outcome.ok) {
    const isMasked = task.step === 'get' && task.resource.kind === 'vmss' && behaves(turn, 'micMasksScaleSetReads');
    return isMasked ? onRead(state, key, { resource: undefined, masked: outcome.error }, turn) : fail(state, key, outcome.error, turn);
  }
  switch (task.step) {
    case 'get':
      return onRead(state, key, { resource: outcome.answer.resource, masked: '' }, turn);
    case 'patch':
      return onPatched(state, key, outcome.answer, turn);
    case 'poll':
      return onPolled(state, key, outcome.answer, turn);
  }
}

/** The resource is read, or counts as read: then as one without identities, and only the metrics hear of the `masked` error. */
function onRead(
  state: MicState,
  key: string,
  { resource, masked }: { readonly resource: ComputeResource | undefined; readonly masked: string },
  turn: Turn,
): CloudOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  stateOperation(task, masked, turn);
  if (task.goal === 'read') return end(state, key, { ok: true, ids: [...(resource?.userAssigned ?? [])], sent: 0 });
  const plan = planWrite(task, resource, turn);
  if (plan.kind === 'nothing') return end(state, key, DONE);
  if (plan.kind === 'refused') return end(state, key, { ok: false, error: plan.error });
  if (resource === undefined && behaves(turn, 'micNeedsProvisioningState')) {
    endProcess(state, { code: PANIC_EXIT, reason: 'panic: nil pointer dereference' }, turn);
    return undefined;
  }
  // Faithful: the metrics do not see this refusal.
  if (resource?.provisioningState === 'Deleting' && behaves(turn, 'micSparesDeleting'))
    return end(state, key, { ok: false, error: `${task.resource.name} is being deleted` });
  task.step = 'patch';
  task.since = turn.now;
  return settle(state, key, beginCall(state, key, turn), turn);
}

function onPatched(state: MicState, key: string, answer: MessageOf<'ArmResponse'>, turn: Turn): CloudOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  if (answer.status !== 202) return nextChunk(state, key, turn);
  task.step = 'poll';
  task.operation = answer.operation ?? '';
  task.pollUntil = after(turn.now, turn.knob('arm.poll.maxDuration.mic'));
  task.pollErrors = 0;
  if (answer.retryAfter === undefined) return settle(state, key, resumeCall(state, key, turn), turn);
  waitForPoll(key, task, answer.retryAfter, turn);
  return undefined;
}

function onPolled(state: MicState, key: string, answer: MessageOf<'ArmResponse'>, turn: Turn): CloudOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  if (answer.status === 0 || answer.status >= 400) {
    if (task.pollErrors >= turn.knob('arm.poll.errorRetries.mic')) return fail(state, key, errorText(answer), turn);
    waitForPoll(key, task, repeatWait(task.pollErrors, { base: turn.knob('arm.sdk.retryBase'), retryAfter: undefined }), turn);
    task.pollErrors += 1;
    return undefined;
  }
  const { operationStatus } = answer;
  if (operationStatus === 'Succeeded') return nextChunk(state, key, turn);
  if (operationStatus === 'Failed' || operationStatus === 'Canceled') return fail(state, key, errorText(answer), turn);
  waitForPoll(key, task, answer.retryAfter ?? turn.knob('arm.poll.interval.mic'), turn);
  return undefined;
}

/** Waits for the next poll, or for the end of all patience: ARM may still be working then. */
function waitForPoll(key: string, task: ArmTask, wait: ReturnType<typeof between>, turn: Turn): void {
  const left = between(turn.now, task.pollUntil);
  task.waits = wait < left ? 'poll' : 'pollLimit';
  setStep(key, wait < left ? wait : left, turn, 'patchPoll');
}

function nextChunk(state: MicState, key: string, turn: Turn): CloudOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  // Faithful: after a try without bad identities the first error stays the answer, and later chunks are lost for this cycle (W28).
  if (task.firstError !== '' || task.rest.length === 0) stateOperation(task, '', turn);
  if (task.firstError !== '') return end(state, key, { ok: false, error: task.firstError });
  if (task.rest.length === 0) return end(state, key, { ok: true, ids: [], sent: task.sent });
  takeChunk(task, task.rest, turn);
  task.step = 'patch';
  return settle(state, key, beginCall(state, key, turn), turn);
}

/** A call failed: another try without the identities it blames, or the end. */
function fail(state: MicState, key: string, error: string, turn: Turn): CloudOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  stateOperation(task, error, turn);
  const kept = task.step === 'get' || task.form !== 'delta' ? undefined : retryDelta(task, error, turn);
  const firstError = task.firstError === '' ? error : task.firstError;
  if (kept === undefined) return end(state, key, { ok: false, error: firstError });
  task.firstError = firstError;
  task.attempt += 1;
  task.delta = [...kept];
  task.step = 'patch';
  task.waits = 'retry';
  setStep(key, turn.knob('mic.updateMsi.retryInterval'), turn);
  return undefined;
}

function retryDelta(task: ArmTask, text: string, turn: Turn): readonly ArmTask['delta'][number][] | undefined {
  if (!behaves(turn, 'micDropsBadIdentities') || task.attempt >= turn.knob('mic.updateMsi.maxRetry')) return undefined;
  const delta = task.delta.map(({ id, action }) => ({ id, action }));
  return withoutBlamed(delta, { text, words: turn.knob('mic.updateMsi.retriableErrors') });
}

/** States an operation that is over, as MIC's metrics count it. */
function stateOperation({ resource, step, since, lastRetryAfter }: ArmTask, error: string, turn: Turn): void {
  turn.fact({
    type: 'mic-cloud-operation-ended',
    replica: turn.self,
    operation: `${resource.kind}_${step === 'get' ? 'get' : 'update'}` as const,
    resource: resource.name,
    error,
    took: between(since, turn.now),
    retryAfter: error === '' ? ZERO : lastRetryAfter,
  });
}

function end(state: MicState, key: string, outcome: CloudOutcome): CloudOutcome {
  delete state.tasks[key];
  return outcome;
}
