/**
 * Liveness probes: of MIC and NMI GET /healthz every `pod.liveness.period`; of an application as its manifest says.
 *
 * Those of an application tick from when the kubelet first saw the pod, as the worker of `pkg/kubelet/prober` does: the first counts that is
 * `initialDelay` or more after the start of the container. Simplified: an application that has answered once goes on answering.
 *
 * While process and links are healthy every answer is 200, so the exchange stands still and keeps only its phase. A change in the faults on
 * the process's links makes it real: probes flow at their phase points until as many in a row succeeded as would have to fail for a restart.
 * Simplified: a fault that spares those probes is taken to spare the later ones too. A process that is gone needs no probe: its exit shows.
 */
import { ZERO, after, between, micros, scaled } from '../../kernel/time.ts';
import type { LivenessProbe } from '../../model/liveness-probe.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest, setStep, stepTimer } from './state.ts';
import type { KubeletState, PodRun } from './state.ts';

const KEY_AT = 1;

/** Lets the probes of a process that just started stand ready. */
export function startProbes(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.probe = { asked: 0, successes: 0, failures: 0 };
  if (run.component !== 'workload') standBy(state, key, turn.knob('pod.liveness.initialDelay'), turn);
  else if (run.liveness !== undefined)
    tick(key, run, { liveness: run.liveness, from: after(run.startedAt, run.liveness.initialDelay) }, turn);
}

/** Ends the probes of a process that stopped. */
export function stopProbes(key: string, turn: Turn): void {
  turn.cancelTimer(stepTimer('probe', key));
  turn.cancelTimer(stepTimer('probeTimeout', key));
}

/** A phase point: one real probe. */
export function probe(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run?.phase !== 'running') return;
  run.probe.asked = nextRequest(state);
  turn.send(run.process, { type: 'Probe', request: requestOf(turn, run.probe.asked, key) });
  setStep(turn, {
    key,
    uid: run.uid,
    step: 'probeTimeout',
    delay: run.liveness?.timeout ?? turn.knob('pod.liveness.timeout'),
    label: 'other',
  });
}

/** An answer in time. Anything but 200 counts as a failure; answers whether the container is to be restarted. */
export function onProbeAnswer(state: KubeletState, message: MessageOf<'ProbeAnswer'>, turn: Turn): string | undefined {
  const key = message.request.split(' ')[KEY_AT] ?? '';
  const run = state.pods[key];
  if (run?.phase !== 'running' || message.request !== requestOf(turn, run.probe.asked, key)) return undefined;
  turn.cancelTimer(stepTimer('probeTimeout', key));
  if (message.status !== 200) return onProbeFailed(state, key, turn);
  run.probe = { asked: 0, successes: run.probe.successes + 1, failures: 0 };
  if (run.component === 'workload' || run.probe.successes < turn.knob('pod.liveness.failureThreshold')) return undefined;
  run.probe.successes = 0;
  const period = turn.knob('pod.liveness.period');
  const phase = turn.lastPhase(stepTimer('probe', key)) ?? turn.now;
  standBy(state, key, (period - (between(phase, turn.now) % period)) as Duration, turn);
  return undefined;
}

/** A probe without answer; answers the pod whose container is to be restarted, if it was one too many. */
export function onProbeFailed(state: KubeletState, key: string, turn: Turn): string | undefined {
  const run = state.pods[key];
  if (run?.phase !== 'running') return undefined;
  const failures = run.probe.failures + 1;
  run.probe = { asked: 0, successes: 0, failures };
  turn.fact({ type: 'probe-failed', pod: key, failures });
  const { liveness } = run;
  if (failures >= (liveness?.failureThreshold ?? turn.knob('pod.liveness.failureThreshold'))) return key;
  if (liveness !== undefined) tick(key, run, { liveness, from: after(turn.now, micros(1)) }, turn);
  return undefined;
}

/** Arms the next tick from a moment on. */
function tick(key: string, run: PodRun, { liveness, from }: { readonly liveness: LivenessProbe; readonly from: Moment }, turn: Turn): void {
  const ticks = Math.ceil(Math.max(0, between(run.seenAt, from)) / liveness.period);
  const delay = between(turn.now, after(run.seenAt, scaled(liveness.period, ticks)));
  setStep(turn, { key, uid: run.uid, step: 'probe', delay, label: 'other' });
}

function standBy(state: KubeletState, key: string, first: Duration, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  turn.park(
    stepTimer('probe', key),
    { type: 'PodStepDue', pod: key, uid: run.uid, step: 'probe' },
    {
      period: turn.knob('pod.liveness.period'),
      first: first > 0 ? first : ZERO,
      inputs: [{ links: run.process }],
      label: 'other',
      start: 'quiet',
    },
  );
}

function requestOf(turn: Turn, n: number, key: string): string {
  return `${turn.self}#${String(n)} ${key}`;
}
