/** The process itself (§2.2, §3.1): what it says when it begins, is asked, is signalled, and ends. */
import type { MessageOf } from '../../model/messages/index.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { readCloudConfig } from './cloud-clients.ts';
import { releaseLock } from './lease-return.ts';
import type { MicState } from './state.ts';

/** Exit code of a Go panic. */
export const PANIC_EXIT = 2;

/** Exit code of a process a signal killed. */
const SIGNAL_EXIT = { SIGTERM: 143, SIGKILL: 137 } as const;

/** Exit code after a fatal error that is logged (klog). */
const FATAL_EXIT = 255;

/** Notes who the process is. Everything else about a start depends on whether it leads. */
export function begin(state: MicState, message: MessageOf<'MicStarted'>, turn: Turn): void {
  state.pod = message.pod;
  state.node = message.node;
  state.boot = turn.event;
  state.startup.startedAt = turn.now;
  readCloudConfig(state, turn);
  // What an earlier process of this pod remembered died with it.
  for (const row of turn.table('micEvents').by('replica', turn.self)) turn.table('micEvents').delete(`${turn.self}|${row.regarding}`);
  turn.setTimer('crash', turn.draw('mic.crash.interarrival', turn.self), { type: 'MicCrashDue' }, { label: 'other' });
  turn.fact({ type: 'mic-started', replica: turn.self });
}

/**
 * Whether the clients of the API server can be made; else the process ends. Faithful: the burst is the integer part of the QPS, and
 * client-go makes no client with a rate and no burst (`kubernetes.NewForConfigAndClient`), which is fatal to MIC.
 */
export function hasClients(state: MicState, turn: Turn): boolean {
  if (turn.knob('mic.clientBurst') > 0) return true;
  endProcess(state, { code: FATAL_EXIT, reason: 'no client without a burst' }, turn);
  return false;
}

/**
 * Whether the pod's environment names its namespace (MIC_POD_NAMESPACE); else the process ends. Follows cmd/mic/main.go, which calls its
 * absence fatal before anything else. Releases that keep nothing in that namespace do not ask.
 */
export function knowsNamespace(state: MicState, turn: Turn): boolean {
  const containers = turn.table('pods').get(state.pod)?.spec.containers ?? [];
  const isNamed = containers.length === 0 || containers.some(({ env }) => (env['MIC_POD_NAMESPACE'] ?? '') !== '');
  if (isNamed || !behaves(turn, 'micNeedsOwnNamespace')) return true;
  endProcess(state, { code: FATAL_EXIT, reason: 'MIC_POD_NAMESPACE is not set' }, turn);
  return false;
}

/** Liveness probe. Faithful: always 200 once the process listens, so a hung loop is never restarted (W47). */
export function onProbe(state: MicState, message: MessageOf<'Probe'>, turn: Turn): void {
  const body = state.role === 'leading' ? 'Active' : 'Not Active';
  turn.reply({ type: 'ProbeAnswer', request: message.request, status: 200, body });
}

/**
 * Faithful: no handler for SIGTERM; the process dies at once, its lease unreleased and its cycle unfinished (W38). A knob gives it time
 * to go on, as a version with a handler would.
 */
export function onSignal(state: MicState, message: MessageOf<'Signal'>, turn: Turn): void {
  const { signal } = message;
  const grace = turn.knob('mic.sigtermGrace');
  if (signal === 'SIGTERM') releaseLock(state, turn);
  if (signal === 'SIGTERM' && grace > 0) turn.setTimer('grace', grace, { type: 'Signal', signal: 'SIGKILL' }, { label: 'other' });
  else endProcess(state, { code: SIGNAL_EXIT[signal], reason: signal }, turn);
}

/** Ends the process: calls under way are abandoned, its kubelet is told. */
export function endProcess(state: MicState, exit: { readonly code: number; readonly reason: string }, turn: Turn): void {
  if (state.role === 'ended') return;
  state.role = 'ended';
  turn.fact({ type: 'mic-stopped', replica: turn.self, reason: exit.reason });
  turn.send(`kubelet/${state.node}`, { type: 'ProcessExited', pod: state.pod, code: exit.code, reason: exit.reason });
  turn.stop(turn.self);
}
