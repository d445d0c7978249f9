/**
 * Kubernetes Events (§5.6): one writer, one call at a time, on the core client's rate limit.
 *
 * Follows client-go tools/record: a queue of 1,000, per object 25 at once and one more every 5 minutes. Simplified: similar Events are
 * not merged into counts; each is a write of its own.
 */
import { keyOf } from '../../model/kubernetes.ts';
import type { AzureAssignedIdentity, KubernetesEvent } from '../../model/kubernetes.ts';
import { isFull, take, tokenBucket } from '../../model/token-bucket.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { inSeconds } from '../../kernel/time.ts';
import { callApi } from './api-calls.ts';
import type { MicState, RecordedEvent } from './state.ts';

/** Objects whose Event limits are remembered before idle ones are let go. */
const REMEMBERED = 256;

/** An Event about the binding of an AzureAssignedIdentity. */
export function recordAboutBinding(
  state: MicState,
  about: { readonly level: 'Normal' | 'Warning'; readonly reason: string; readonly assigned: AzureAssignedIdentity },
  turn: Turn,
): void {
  const regarding = `AzureIdentityBinding/${keyOf(about.assigned.spec.azureBindingRef)}`;
  record(state, { level: about.level, reason: about.reason, regarding }, turn);
}

/**
 * A status that could not be written. Faithful: an object MIC has built itself carries no kind, so the recorder cannot refer to it and
 * drops the Event; one out of the cache does.
 */
export function recordStatusError(state: MicState, assigned: AzureAssignedIdentity, origin: 'built' | 'cached', turn: Turn): void {
  const event = { level: 'Warning', reason: 'status update error', regarding: `AzureAssignedIdentity/${keyOf(assigned)}` } as const;
  if (origin === 'built') stateFact(event, 'dropped', turn);
  else record(state, event, turn);
}

/** The write of an Event was answered: the next one. Faithful: what failed is lost. */
export function onEventWritten(state: MicState, turn: Turn): void {
  state.recorder.state = 'idle';
  writeNext(state, turn);
}

function record(state: MicState, event: RecordedEvent, turn: Turn): void {
  const { recorder } = state;
  const isTaken =
    turn.knob('kubeEvents.enabled') && recorder.queue.length < turn.knob('kubeEvents.queue') && isLetThrough(state, event, turn);
  stateFact(event, isTaken ? 'yes' : 'dropped', turn);
  if (!isTaken) return;
  recorder.queue.push({ ...event });
  writeNext(state, turn);
}

function stateFact(event: RecordedEvent, delivered: 'yes' | 'dropped', turn: Turn): void {
  const { level, reason, regarding } = event;
  turn.fact({ type: 'mic-event', replica: turn.self, level, reason, regarding, delivered });
}

function isLetThrough(state: MicState, event: RecordedEvent, turn: Turn): boolean {
  const { spam } = state.recorder;
  const size = { capacity: turn.knob('kubeEvents.burstPerObject'), refillPerSecond: 1 / inSeconds(turn.knob('kubeEvents.refill')) };
  const taking = take(spam[event.regarding] ?? tokenBucket(size), turn.now);
  const keys = Object.keys(spam);
  if (keys.length > REMEMBERED) {
    for (const key of keys) {
      const bucket = spam[key];
      if (bucket !== undefined && isFull(bucket, turn.now)) delete spam[key];
    }
  }
  spam[event.regarding] = taking.bucket;
  return taking.outcome === 'taken';
}

function writeNext(state: MicState, turn: Turn): void {
  const { recorder } = state;
  const next = recorder.queue[0];
  if (recorder.state === 'sending' || next === undefined) return;
  recorder.state = 'sending';
  recorder.queue.splice(0, 1);
  callApi(state, 'core', { verb: 'create', object: eventObject(state, next) }, { part: 'recorder' }, turn);
}

function eventObject(state: MicState, { level, reason, regarding }: RecordedEvent): KubernetesEvent {
  const [, namespace = '', name = ''] = regarding.split('/');
  return {
    kind: 'Event',
    metadata: {
      name: `${name}.${(state.boot + 1).toString(16)}.${state.serial.toString(16)}`,
      namespace,
      uid: '',
      resourceVersion: '',
      labels: {},
      annotations: {},
      finalizers: [],
      ownerReferences: [],
    },
    type: level,
    reason,
    regarding,
    message: `${reason}: ${regarding}`,
  };
}
