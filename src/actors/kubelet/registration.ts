/**
 * The node itself: registers at the API server, and is Ready after `node.readyLag`.
 *
 * Follows `pkg/kubelet/kubelet_node_status.go`. Heartbeats are a standing exchange (see the node controller): they cost nothing.
 */
import { ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { nodeObject } from '../../model/node-object.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest } from './state.ts';
import type { KubeletState } from './state.ts';

/** Steps of a node, as its timers and requests name them. */
export type NodeStep = 'register' | 'ready';

/** Creates the Node object. */
export function register(state: KubeletState, turn: Turn): void {
  const { node: name, pool, providerID, maxPods, taints } = state;
  ask(
    state,
    'register',
    {
      verb: 'create',
      object: nodeObject({ name, pool, providerID, maxPods, isReady: false, taints: taints.map((taint) => ({ ...taint })) }),
    },
    turn,
  );
}

/** The node can run pods. */
export function becomeReady(state: KubeletState, turn: Turn): void {
  if (state.readyAt < 0) {
    state.readyAt = turn.now;
    turn.fact({ type: 'node-ready', node: state.node, pool: state.pool });
  }
  ask(state, 'ready', { verb: 'nodeStatus', key: state.node, ready: true }, turn);
}

/** The server answered one of the two. */
export function onRegistered(state: KubeletState, step: NodeStep, { status, retryAfter }: MessageOf<'ApiResponse'>, turn: Turn): void {
  if (status === 429 || status >= 500) return again(state, step, retryAfter ?? turn.knob('watch.backoff.first'), turn);
  turn.cancelTimer(timerOf(step));
  // 409: a node of that name is known already, and this is it.
  if (step === 'register') again(state, 'ready', state.readyAt < 0 ? turn.draw('node.readyLag', state.node) : ZERO, turn);
}

function ask(state: KubeletState, step: NodeStep, call: ApiCall, turn: Turn): void {
  turn.send('kube-apiserver', { type: 'ApiRequest', request: `${turn.self}#${String(nextRequest(state))} ${step} node`, call });
  again(state, step, turn.knob('watch.idleDetect'), turn);
}

function again(state: KubeletState, step: NodeStep, delay: Duration, turn: Turn): void {
  turn.setTimer(timerOf(step), delay, { type: 'NodeStepDue', node: state.node, step }, { label: 'podStart' });
}

function timerOf(step: NodeStep): string {
  return `node-${step}`;
}
