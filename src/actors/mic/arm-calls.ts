/**
 * One call of ARM as the SDK makes it (§5.3): local throttle, token, repeats of 5xx and 409, and what a refusal leaves behind.
 *
 * Follows pkg/cloudprovider/vm.go and vmss.go (Get, UpdateIdentities) and go-autorest v0.11.28.
 */
import { after, ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { isRepeated, repeatWait, throttleKey } from '../../model/mic/sdk-retry.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest } from './api-calls.ts';
import { ensureToken } from './arm-token.ts';
import { clientOf } from './cloud-clients.ts';
import type { ArmTask, MicState } from './state.ts';

/** How one call ended. `undefined` elsewhere: it has not. */
export type CallOutcome = { readonly ok: true; readonly answer: MessageOf<'ArmResponse'> } | { readonly ok: false; readonly error: string };

/** Begins the task's present call; the SDK counts afresh. */
export function beginCall(state: MicState, key: string, turn: Turn): CallOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  task.client = state.client;
  task.lastRetryAfter = ZERO;
  task.tries = 0;
  task.conflicts = 0;
  return submit(state, key, task, turn);
}

/** The token is there, or a wait of the SDK is over: sends. */
export function resumeCall(state: MicState, key: string, turn: Turn): CallOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  if (ensureToken(state, key, turn) === 'waiting') {
    task.waits = 'token';
    return undefined;
  }
  send(state, key, task, turn);
  return undefined;
}

/** The token could not be had: the call fails without having reached ARM. Faithful: not repeated. */
export function failForToken(error: string): CallOutcome {
  return { ok: false, error };
}

/** ARM answered: repeat, remember a refusal, or hand on. Polls are not repeated here. */
export function onCallAnswer(state: MicState, key: string, answer: MessageOf<'ArmResponse'>, turn: Turn): CallOutcome | undefined {
  const task = state.tasks[key];
  if (task?.waits !== 'answer' || task.request !== answer.request) return undefined;
  task.lastRetryAfter = ZERO;
  if (answer.status >= 200 && answer.status < 300) return { ok: true, answer };
  if (task.step === 'poll') return { ok: true, answer };
  task.lastRetryAfter = answer.retryAfter ?? ZERO;
  if (isRepeated(answer.status)) {
    // Faithful: the SDK waits after its last call as well, and only then fails.
    task.waits = task.tries >= turn.knob('arm.sdk.retries') ? 'giveUp' : 'repeat';
    task.lastError = errorText(answer);
    const wait = repeatWait(task.tries, { base: turn.knob('arm.sdk.retryBase'), retryAfter: answer.retryAfter });
    task.tries += 1;
    setStep(key, wait, turn);
    return undefined;
  }
  if (answer.status === 409) {
    task.conflicts += 1;
    task.tries = 0;
    if (task.conflicts < turn.knob('arm.sdk.conflictTries')) return resumeCall(state, key, turn);
  }
  // Faithful: a 409's Retry-After is ignored.
  remember(state, task, answer.status === 409 ? ZERO : (answer.retryAfter ?? ZERO), turn);
  return { ok: false, error: errorText(answer) };
}

/** A wait of the SDK is over. */
export function onRepeatDue(state: MicState, key: string, turn: Turn): CallOutcome | undefined {
  const task = state.tasks[key];
  if (task === undefined) return undefined;
  if (task.waits === 'repeat') return resumeCall(state, key, turn);
  remember(state, task, task.lastRetryAfter, turn);
  return { ok: false, error: task.lastError };
}

/** Arms the task's one timer. */
export function setStep(key: string, wait: Duration, turn: Turn, label: 'arm' | 'patchPoll' = 'arm'): void {
  turn.setTimer(`arm/${key}`, wait, { type: 'ArmStepDue', task: key }, { label });
}

/** Error as the SDK words it: code and message; a bare message where no code came with it. */
export function errorText(answer: MessageOf<'ArmResponse'>): string {
  const { status, error } = answer;
  if (error === undefined) return `status ${String(status)}`;
  return error.code === '' ? error.message : `StatusCode=${String(status)} Code="${error.code}" Message="${error.message}"`;
}

function submit(state: MicState, key: string, task: ArmTask, turn: Turn): CallOutcome | undefined {
  const isHeld = task.step !== 'poll' && behaves(turn, 'micHonoursRetryAfter');
  if (isHeld && (clientOf(state, task.client).throttledUntil[memoryKey(task, turn)] ?? 0) > turn.now) {
    return { ok: false, error: `client throttled: ${task.step} of ${task.resource.kind} before Retry-After` };
  }
  return resumeCall(state, key, turn);
}

/**
 * What a call that reached ARM and failed leaves behind. Faithful: the last writer wins, so a failure without Retry-After ends a
 * throttle that is in force (W27), and one refusal holds back all VMs, or all scale sets, of the process.
 */
function remember(state: MicState, task: ArmTask, retryAfter: Duration, turn: Turn): void {
  clientOf(state, task.client).throttledUntil[memoryKey(task, turn)] = after(turn.now, retryAfter);
}

function memoryKey(task: ArmTask, turn: Turn): string {
  const { kind, name } = task.resource;
  return throttleKey({ scope: turn.knob('mic.throttle.scope'), kind, name, direction: task.step === 'get' ? 'read' : 'write' });
}

function send(state: MicState, key: string, task: ArmTask, turn: Turn): void {
  const request = nextRequest(state, turn, `arm~${key}`);
  task.waits = 'answer';
  task.request = request;
  const nothing = { type: 'ArmResponse', request, status: 0 } as const;
  // Faithful: no call has a deadline of its own, so one whose connection died waits until the kernel of its machine gives up.
  const ifDropped = { message: nothing, after: turn.knob('net.deadConnection') };
  turn.send('arm', { type: 'ArmRequest', request, call: callOf(task) }, { ifAbsent: nothing, ifDropped });
}

function callOf(task: ArmTask): ArmCall {
  const resource = { kind: task.resource.kind, name: task.resource.name };
  switch (task.step) {
    case 'get':
      return { op: 'get', resource };
    case 'poll':
      return { op: 'pollOperation', operation: task.operation };
    case 'patch': {
      const { identityType } = task;
      if (task.form === 'list') {
        return { op: 'putIdentities', resource, identityType, identities: [...task.model.ids], capacity: task.model.capacity };
      }
      if (task.form === 'clear') return { op: 'patchIdentity', resource, identityType };
      return { op: 'patchIdentity', resource, identityType, delta: task.delta.map(({ id, action }) => ({ id, action })) };
    }
  }
}
