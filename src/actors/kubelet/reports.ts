/**
 * What the kubelet tells the API server about its pods.
 *
 * Follows `pkg/kubelet/status/status_manager.go`: the whole status each time, and again until the server has taken it. A call that is lost
 * on its way is noticed as a dead connection is (`watch.idleDetect`).
 */
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest, setStep, stepTimer } from './state.ts';
import type { KubeletState } from './state.ts';

const KEY_AT = 1;

/** Sends the present status of a pod, or that it is gone. */
export function report(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run === undefined) return;
  run.asked = nextRequest(state);
  const request = `${turn.self}#${String(run.asked)} ${key}`;
  if (run.phase === 'ended') {
    turn.send('kube-apiserver', { type: 'ApiRequest', request, call: { verb: 'delete', kind: 'Pod', key, grace: 'now' } });
  } else {
    const { phase, ready, podIP } = run.report;
    const inits = run.initEnds.length === 0 ? {} : { initContainers: run.initEnds.map((end) => ({ ...end })) };
    const status = { phase, ready, podIP, startedAt: run.startedAt, restarts: run.restarts, ...inits };
    turn.send('kube-apiserver', { type: 'ApiRequest', request, call: { verb: 'podStatus', key, uid: run.uid, status } });
  }
  setStep(turn, { key, uid: run.uid, step: 'sync', delay: turn.knob('watch.idleDetect'), label: 'api' });
}

/** The server answered a report: refused for a passing reason, it is said again. */
export function onReported(state: KubeletState, { request, status, retryAfter }: MessageOf<'ApiResponse'>, turn: Turn): void {
  const key = request.split(' ')[KEY_AT] ?? '';
  const run = state.pods[key];
  if (run === undefined || request !== `${turn.self}#${String(run.asked)} ${key}`) return;
  if (status === 429 || status >= 500) {
    setStep(turn, { key, uid: run.uid, step: 'sync', delay: retryAfter ?? turn.knob('watch.backoff.first'), label: 'api' });
    return;
  }
  turn.cancelTimer(stepTimer('sync', key));
  // 404 and 409: the name is free or another pod's; the watch tells.
  if (run.phase === 'ended') delete state.pods[key];
}
