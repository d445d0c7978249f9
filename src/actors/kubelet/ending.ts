/**
 * From a container's end, however it came, to its next start, or to the end of its pod.
 *
 * Follows `pkg/kubelet`: SIGTERM, then up to the grace period, then SIGKILL; a crashed container starts again after a wait that doubles
 * from `pod.crashBackoff.first` up to its cap (the first time at once), and is forgotten after twice the cap of good running.
 *
 *   SIGTERM ─► ProcessExited, or pod.terminationActual (MIC and NMI end by themselves: the whole grace) ─► ended
 */
import { between } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { releaseAddress } from './addresses.ts';
import { goOnInInit, nextInit, noteInitEnd } from './init-containers.ts';
import { initProcessOf, stopProcess } from './process.ts';
import { report } from './reports.ts';
import { admitWaiting, goOnAfterInit } from './starting.ts';
import { stopTokenProxy } from './token-proxy.ts';
import { setStep, stepTimer } from './state.ts';
import type { KubeletState, PodRun, StepName } from './state.ts';
import { cancelVolumes } from './volumes.ts';

const RUNNING_STEPS: readonly StepName[] = ['start', 'restart', 'publishIp', 'complete', 'kill', 'sync'];

/** The API wants the pod gone. */
export function terminate(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined || run.phase === 'ending' || run.phase === 'ended') return;
  if (hasProcess(run)) {
    const isNew = run.phase !== 'stopping';
    run.phase = 'ending';
    if (isNew) askToEnd(key, run, turn);
    return;
  }
  finish(state, key, turn);
}

/** A signal to a container's process from outside. The pod stays. */
export function onKillContainer(state: KubeletState, { pod: key, signal }: MessageOf<'KillContainer'>, turn: Turn): void {
  const run = state.pods[key];
  if (run?.phase !== 'running') return;
  if (signal === 'SIGKILL') exit(state, key, { code: 137, reason: 'SIGKILL' }, turn);
  else restartGracefully(state, key, turn);
}

/** SIGTERM, and a new container when the process has ended (failed probes, or a signal by hand). */
export function restartGracefully(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run?.phase !== 'running') return;
  run.phase = 'stopping';
  askToEnd(key, run, turn);
}

/** The process ended by itself, or because it was told to. */
export function onProcessExited(state: KubeletState, message: MessageOf<'ProcessExited'>, turn: Turn): void {
  const run = state.pods[message.pod];
  // Of a process that was ended here already, or of a former one of the same pod.
  if (run === undefined || (run.phase === 'initializing' ? initProcessOf(message.pod) : run.process) !== turn.from) return;
  exit(state, message.pod, { code: message.code, reason: message.reason }, turn);
}

/** Time is up: SIGKILL. */
export function kill(state: KubeletState, key: string, turn: Turn): void {
  exit(state, key, { code: 137, reason: 'grace period over' }, turn);
}

/** The container of a Job has done its work. */
export function complete(state: KubeletState, key: string, turn: Turn): void {
  const phase = state.pods[key]?.phase;
  if (phase === 'running' || phase === 'initializing') exit(state, key, { code: 0, reason: 'completed' }, turn);
}

/** Nothing of the pod is left in the API: whatever still runs is killed and forgotten. */
export function drop(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  if (hasProcess(run)) endContainer(state, key, 'deleted', turn);
  else cancelSteps(key, turn);
  cancelVolumes(run, key, turn);
  stopTokenProxy(run, key, turn);
  giveBack(state, key, turn);
  delete state.pods[key];
}

/** The machine is gone, or down: every process on it ends without a word to anyone. */
export function dropAll(state: KubeletState, reason: 'nodeLost' | 'nodeDown', turn: Turn): void {
  for (const key of Object.keys(state.pods).sort()) {
    const run = state.pods[key];
    if (run === undefined) continue;
    if (hasProcess(run)) endContainer(state, key, reason, turn);
    stopTokenProxy(run, key, turn);
  }
}

function askToEnd(key: string, run: PodRun, turn: Turn): void {
  if (run.process !== '' && nextInit(run) === undefined) turn.send(run.process, { type: 'Signal', signal: 'SIGTERM' });
  const endsItself = run.component === 'mic' || run.component === 'nmi';
  const longest = endsItself ? run.grace : (Math.min(run.grace, turn.draw('pod.terminationActual', key)) as Duration);
  setStep(turn, { key, uid: run.uid, step: 'kill', delay: longest, label: 'other' });
}

function exit(state: KubeletState, key: string, end: { readonly code: number; readonly reason: string }, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined || !hasProcess(run)) return;
  const { phase } = run;
  if (phase === 'initializing' && end.code === 0 && goOnInInit(state, key, turn) === 'running') return;
  endContainer(state, key, phase === 'ending' ? 'deleted' : end.reason, turn);
  if (phase === 'initializing') noteInitEnd(run, end.code);
  const isWanted = phase === 'stopping';
  if (phase === 'ending') finish(state, key, turn);
  else if (phase === 'initializing' && end.code === 0) goOnAfterInit(state, key, turn);
  else if (phase === 'initializing' && run.restartPolicy !== 'Never') restartLater(state, key, turn);
  else if (isWanted || run.restartPolicy === 'Always' || (run.restartPolicy === 'OnFailure' && end.code !== 0))
    restartLater(state, key, turn);
  else retire(state, key, end.code, turn);
}

function endContainer(state: KubeletState, key: string, reason: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  cancelSteps(key, turn);
  stopProcess(state, key, turn);
  const init = nextInit(run);
  const which = init === undefined ? {} : { init: init.name };
  turn.fact({ type: 'container-ended', pod: key, uid: run.uid, node: state.node, ip: run.ip, reason, ...which });
}

function restartLater(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  const cap = turn.knob('pod.crashBackoff.cap');
  if (between(run.startedAt, turn.now) >= 2 * cap) run.backoff = 0;
  const wait = run.backoff;
  run.backoff = wait === 0 ? turn.knob('pod.crashBackoff.first') : Math.min(cap, Math.round(wait * turn.knob('pod.crashBackoff.factor')));
  run.phase = 'backoff';
  run.restarts += 1;
  run.report = { ...run.report, ready: false };
  // A restart at once reports itself when it has happened; a wait shows as not ready.
  if (wait > 0) report(state, key, turn);
  setStep(turn, { key, uid: run.uid, step: 'restart', delay: (wait + turn.draw('image.pull.cached', key)) as Duration, label: 'podStart' });
}

/** Completed, or failed for good: the pod stays in the API, its address is free. */
export function retire(state: KubeletState, key: string, code: number, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.phase = 'over';
  // Faithful: a sidecar that never ends keeps the pod Running, so that its Job is never done (azure-workload-identity#773).
  if (run.tokenProxy !== undefined) return;
  run.report = { phase: code === 0 ? 'Succeeded' : 'Failed', ready: false, podIP: run.ip };
  report(state, key, turn);
  giveBack(state, key, turn);
}

/** Nothing of a deleted pod runs any more: the API server may forget it. */
function finish(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  cancelSteps(key, turn);
  cancelVolumes(run, key, turn);
  stopTokenProxy(run, key, turn);
  run.phase = 'ended';
  giveBack(state, key, turn);
  report(state, key, turn);
}

function giveBack(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  const at = state.waiting.indexOf(key);
  if (at >= 0) state.waiting.splice(at, 1);
  if (run === undefined || run.network === 'host' || run.ip === '' || state.taken[run.ip] !== key) return;
  if (releaseAddress(state, run.ip, turn) === 'free') admitWaiting(state, turn);
}

function hasProcess(run: PodRun): boolean {
  return run.phase === 'running' || run.phase === 'initializing' || run.phase === 'stopping' || run.phase === 'ending';
}

function cancelSteps(key: string, turn: Turn): void {
  for (const step of RUNNING_STEPS) turn.cancelTimer(stepTimer(step, key));
}
