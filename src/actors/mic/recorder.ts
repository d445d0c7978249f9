/**
 * Kubernetes Events (§5.6): told apart and counted, then one writer, one call at a time, on the core client's rate limit.
 *
 * Follows client-go v0.23.17 tools/record: a queue of 1,000, similar Events combined, per object 25 at once and one more every 5 minutes.
 */
import { inSeconds } from '../../kernel/time.ts';
import { correlate } from '../../model/event-correlation.ts';
import type { PlainEvent } from '../../model/event-correlation.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { AzureAssignedIdentity, KubernetesEvent } from '../../model/kubernetes.ts';
import { MIC_EVENT_LEVEL, micEventMessage } from '../../model/mic/event-text.ts';
import type { MicEventReason } from '../../model/mic/event-text.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { callApi } from './api-calls.ts';
import type { MicState, RecordedEvent } from './state.ts';

/** What happened to the binding of an AzureAssignedIdentity. `error`: what was answered; `''` where nothing failed. */
export interface BindingEvent {
  readonly reason: Exclude<MicEventReason, 'status update error'>;
  readonly assigned: AzureAssignedIdentity;
  readonly error: string;
}

/** An Event about the binding of an AzureAssignedIdentity. */
export function recordAboutBinding(state: MicState, about: BindingEvent, turn: Turn): void {
  const { reason, assigned, error } = about;
  const regarding = `AzureIdentityBinding/${keyOf(assigned.spec.azureBindingRef)}`;
  record(state, { type: MIC_EVENT_LEVEL[reason], reason, regarding, message: micEventMessage(reason, { assigned, error }) }, turn);
}

/** A status that could not be written. `built`: MIC made the object in this cycle; `cached`: it is out of the cache. */
export interface StatusError {
  readonly assigned: AzureAssignedIdentity;
  readonly origin: 'built' | 'cached';
  readonly error: string;
}

/**
 * Faithful: an object MIC has built itself carries no kind, so the recorder cannot refer to it and drops the Event; one out of the cache
 * does.
 */
export function recordStatusError(state: MicState, { assigned, origin, error }: StatusError, turn: Turn): void {
  const reason = 'status update error';
  const regarding = `AzureAssignedIdentity/${keyOf(assigned)}`;
  const event = { type: MIC_EVENT_LEVEL[reason], reason, regarding, message: micEventMessage(reason, { assigned, error }) };
  if (origin === 'built') stateFact(event, 'dropped', turn);
  else record(state, event, turn);
}

/** The lock changed hands (§5.6), as client-go's resource lock words it. */
export function recordElection(
  state: MicState,
  { regarding, what }: { readonly regarding: string; readonly what: string },
  turn: Turn,
): void {
  const name = state.pod.slice(state.pod.indexOf('/') + 1);
  record(state, { type: 'Normal', reason: 'LeaderElection', regarding, message: `${name} ${what}` }, turn);
}

/** The write of an Event was answered: the next one. Faithful: what failed is lost. */
export function onEventWritten(state: MicState, turn: Turn): void {
  state.recorder.state = 'idle';
  writeNext(state, turn);
}

function record(state: MicState, event: PlainEvent, turn: Turn): void {
  const { recorder } = state;
  if (!turn.knob('kubeEvents.enabled') || recorder.queue.length >= turn.knob('kubeEvents.queue')) {
    stateFact(event, 'dropped', turn);
    return;
  }
  const [, , object = ''] = event.regarding.split('/');
  state.serial += 1;
  const name = `${object}.${(state.boot + 1).toString(16)}.${state.serial.toString(16)}`;
  const key = `${turn.self}|${event.regarding}`;
  const { memory, made } = correlate(turn.table('micEvents').get(key)?.memory, { ...event, name, now: turn.now }, limitsOf(turn));
  turn.table('micEvents').put(key, { replica: turn.self, regarding: event.regarding, memory });
  if (made.outcome === 'dropped') {
    stateFact(event, 'dropped', turn);
    return;
  }
  const queued: RecordedEvent = { ...event, ...made };
  stateFact(queued, 'yes', turn);
  recorder.queue.push(queued);
  writeNext(state, turn);
}

function limitsOf(turn: Turn): Parameters<typeof correlate>[2] {
  return {
    similarEvents: turn.knob('kubeEvents.similar'),
    similarWithin: turn.knob('kubeEvents.similarWithin'),
    perObject: { capacity: turn.knob('kubeEvents.burstPerObject'), refillPerSecond: 1 / inSeconds(turn.knob('kubeEvents.refill')) },
  };
}

function stateFact(event: PlainEvent, delivered: 'yes' | 'dropped', turn: Turn): void {
  const { type: level, reason, regarding, message } = event;
  turn.fact({ type: 'mic-event', replica: turn.self, level, reason, regarding, message, delivered });
}

function writeNext(state: MicState, turn: Turn): void {
  const { recorder } = state;
  const next = recorder.queue[0];
  if (recorder.state === 'sending' || next === undefined) return;
  recorder.state = 'sending';
  recorder.queue.splice(0, 1);
  const verb = next.outcome === 'new' ? 'create' : 'update';
  callApi(state, 'core', { verb, object: eventObject(next) }, { part: 'recorder' }, turn);
}

/** A count is written as a patch of the old Event: without a version, so it never conflicts. */
function eventObject({ type, reason, regarding, message, name, count }: RecordedEvent): KubernetesEvent {
  const [, namespace = ''] = regarding.split('/');
  const metadata = { uid: '', resourceVersion: '', labels: {}, annotations: {}, finalizers: [], ownerReferences: [] };
  return { kind: 'Event', metadata: { name, namespace, ...metadata }, type, reason, regarding, message, count };
}
