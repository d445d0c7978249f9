/**
 * Volumes that a plug-in has to fill before anything of a pod starts: tried until it succeeds, with a back-off.
 *
 *   pod bound ─► try ─► done ─► all done: address, containers
 *                 ▲      │ error, or volume.csi.timeout
 *                 └──────┴─ volume.backoff.first, doubled up to volume.backoff.cap; the next look of the volume manager
 *
 *   meanwhile  wait ─(volume.wait.timeout)─► FailedMount, timed out ─(volume.wait.backoff, next tick)─► wait
 *
 * Follows `pkg/kubelet/volumemanager` and `pkg/util/goroutinemap/exponentialbackoff`: the back-off counts from the end of a failed try, and
 * is forgotten only with success. The volumes of a pod are set up side by side. Beside that the worker of the pod (`pkg/kubelet/pod_workers.go`)
 * waits for all of them, complains when that takes too long, and waits again; that changes nothing about the volumes.
 */
import { ORIGIN, ZERO, between, micros, plus, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { VaultVolume } from '../../model/vault-volume.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest } from './state.ts';
import type { KubeletState, PodRun, VolumeRun } from './state.ts';

type VolumeStep = MessageOf<'VolumeStepDue'>['step'];

/** Volumes of a pod as the kubelet begins with them. */
export function volumeRuns(volumes: readonly VaultVolume[]): Record<string, VolumeRun> {
  return Object.fromEntries(
    volumes.map((volume) => [
      volume.name,
      { volume: copyOf(volume), state: 'due', attempts: 0, request: '', triedAt: ORIGIN, waited: ZERO, backoff: ZERO },
    ]),
  );
}

/** Whether a volume of the pod is not there yet. */
export function isMounting(run: PodRun): boolean {
  return Object.values(run.volumes).some(({ state }) => state !== 'mounted');
}

/** Begins with all volumes of a pod. */
export function setUpVolumes(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.phase = 'mounting';
  const plugin = pluginOf(state);
  if (!turn.isAlive(plugin)) turn.spawn({ id: plugin, kind: 'volume-plugin' }, { type: 'Start' });
  arm(key, run, { name: '', step: 'expire', wait: turn.knob('volume.wait.timeout') }, turn);
  for (const name of Object.keys(run.volumes).sort()) setUp(state, key, name, turn);
}

/** A timer of a volume is due. */
export function onVolumeStep(state: KubeletState, { pod: key, uid, volume: name, step }: MessageOf<'VolumeStepDue'>, turn: Turn): void {
  const run = state.pods[key];
  if (run?.uid !== uid) return;
  if (step === 'try') {
    setUp(state, key, name, turn);
    return;
  }
  if (step === 'sync') {
    arm(key, run, { name: '', step: 'expire', wait: turn.knob('volume.wait.timeout') }, turn);
    return;
  }
  if (step === 'expire') {
    onWaitExpired(state, key, turn);
    return;
  }
  turn.send(pluginOf(state), { type: 'VolumeSetUpGivenUp', request: run.volumes[name]?.request ?? '' });
  ended(state, key, name, 'the driver did not answer in time', turn);
}

/** The plug-in has answered; says whether that was the last volume the pod waited for. An answer nobody waits for changes nothing. */
export function onVolumeSetUp(state: KubeletState, { request, error }: MessageOf<'VolumeSetUpDone'>, turn: Turn): string | undefined {
  const [, key = '', name = ''] = request.split(' ');
  const run = state.pods[key];
  if (run?.volumes[name]?.request !== request) return undefined;
  ended(state, key, name, error, turn);
  if (isMounting(run)) return undefined;
  cancelWait(key, turn);
  return key;
}

/** The worker of the pod complains, and waits again at its next sync. */
function onWaitExpired(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.mountWaits += 1;
  const took = turn.knob('volume.wait.timeout');
  turn.fact({ type: 'volume-wait-expired', pod: key, node: state.node, count: run.mountWaits, took });
  const look = scaled(turn.knob('volume.wait.tick'), turn.uniform('volume.sync', key));
  arm(key, run, { name: '', step: 'sync', wait: plus(turn.draw('volume.wait.backoff', key), look) }, turn);
}

function cancelWait(key: string, turn: Turn): void {
  turn.cancelTimer(timerOf('expire', key, ''));
  turn.cancelTimer(timerOf('sync', key, ''));
}

/** Waits for nothing any more; the plug-in goes on to its end. */
export function cancelVolumes(run: PodRun, key: string, turn: Turn): void {
  cancelWait(key, turn);
  for (const [name, volume] of Object.entries(run.volumes)) {
    volume.request = '';
    turn.cancelTimer(timerOf('try', key, name));
    turn.cancelTimer(timerOf('timeout', key, name));
  }
}

function setUp(state: KubeletState, key: string, name: string, turn: Turn): void {
  const run = state.pods[key];
  const volume = run?.volumes[name];
  if (run === undefined || volume === undefined) return;
  volume.state = 'setUp';
  volume.attempts += 1;
  volume.triedAt = turn.now;
  volume.request = `${turn.self}#${String(nextRequest(state))} ${key} ${name}`;
  const { request } = volume;
  if (volume.volume.driver === 'secrets-store.csi.k8s.io')
    arm(key, run, { name, step: 'timeout', wait: turn.knob('volume.csi.timeout') }, turn);
  turn.send(pluginOf(state), { type: 'VolumeSetUp', request, pod: key, volume: copyOf(volume.volume) });
}

function ended(state: KubeletState, key: string, name: string, error: string, turn: Turn): void {
  const run = state.pods[key];
  const volume = run?.volumes[name];
  if (run === undefined || volume === undefined) return;
  turn.cancelTimer(timerOf('timeout', key, name));
  volume.request = '';
  const { attempts: attempt, waited, triedAt } = volume;
  const took = between(triedAt, turn.now);
  turn.fact({ type: 'volume-setup-ended', pod: key, node: state.node, volume: name, attempt, error, waited, took });
  if (error === '') {
    volume.state = 'mounted';
    return;
  }
  volume.state = 'waiting';
  volume.backoff = volume.backoff === 0 ? turn.knob('volume.backoff.first') : grown(volume.backoff, turn);
  volume.waited = volume.backoff;
  const look = scaled(turn.knob('volume.reconcilePeriod'), turn.uniform('volume.look', key));
  arm(key, run, { name, step: 'try', wait: plus(volume.backoff, look) }, turn);
}

function grown(wait: Duration, turn: Turn): Duration {
  return micros(Math.min(turn.knob('volume.backoff.cap'), Math.round(wait * turn.knob('volume.backoff.factor'))));
}

function arm(
  key: string,
  { uid }: PodRun,
  { name, step, wait }: { readonly name: string; readonly step: VolumeStep; readonly wait: Duration },
  turn: Turn,
): void {
  turn.setTimer(timerOf(step, key, name), wait, { type: 'VolumeStepDue', pod: key, uid, volume: name, step }, { label: 'podStart' });
}

function timerOf(step: VolumeStep, key: string, name: string): string {
  return `volume-${step}|${key}|${name}`;
}

function pluginOf({ node }: KubeletState): string {
  return `volume-plugin/${node}`;
}

/** A slice holds nothing of a table, and a message nothing of a slice. */
function copyOf(volume: VaultVolume): VaultVolume {
  return volume.driver === 'azure/kv' ? { ...volume, options: { ...volume.options } } : { ...volume };
}
