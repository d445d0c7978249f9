/**
 * The proxy sidecar that the webhook of workload identity injects, beside the main containers of a pod.
 *
 * Follows `pkg/webhook/webhook.go` (injectProxySidecarContainer) and kubelets, which start containers in their order. Since 1.2.0 the
 * sidecar comes first and its postStart hook waits until it serves (`wi.proxy.order`); before, it came last, and applications asked a
 * port that nobody listened on (#1101). Simplified: one start covers its image; it neither crashes nor is ended before its pod.
 */
import { ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { setStep } from './state.ts';
import type { KubeletState, PodRun } from './state.ts';

/** Actor id of the sidecar of a pod. */
function tokenProxyOf(key: string): string {
  return `azwi-proxy/${key}`;
}

/** Where the programs of a pod find the metadata address: at its sidecar, or beyond the netfilter of the node. */
export function gatewayOf(run: PodRun, place: { readonly key: string; readonly node: string }): string {
  return run.tokenProxy === undefined ? `iptables/${place.node}` : tokenProxyOf(place.key);
}

/** Time for which the main containers of a pod wait for its sidecar. */
export function waitForTokenProxy(run: PodRun | undefined, key: string, turn: Turn): Duration {
  if (run?.tokenProxy === undefined || turn.knob('wi.proxy.order') === 'last') return ZERO;
  return turn.draw('wi.proxy.start', key);
}

/** The main containers start: the sidecar serves already, or will after them. */
export function startTokenProxy(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run?.tokenProxy === undefined || turn.isAlive(tokenProxyOf(key))) return;
  if (turn.knob('wi.proxy.order') === 'first') serveTokenProxy(state, key, turn);
  else {
    turn.fact({ type: 'token-proxy-phase', pod: key, node: state.node, phase: 'starting' });
    setStep(turn, { key, uid: run.uid, step: 'proxy', delay: turn.draw('wi.proxy.start', key), label: 'podStart' });
  }
}

/** The sidecar serves from now on. */
export function serveTokenProxy(state: KubeletState, key: string, turn: Turn): void {
  const run = state.pods[key];
  if (run?.federated === undefined || turn.isAlive(tokenProxyOf(key))) return;
  turn.fact({ type: 'token-proxy-phase', pod: key, node: state.node, phase: 'serving' });
  const place = { startedAt: run.startedAt, gateway: `iptables/${state.node}`, federated: { ...run.federated } };
  turn.spawn({ id: tokenProxyOf(key), kind: 'azwi-proxy' }, { type: 'ProxyStarted', place });
}

/** The pod ends, and its sidecar with it. */
export function stopTokenProxy(run: PodRun, key: string, turn: Turn): void {
  if (run.tokenProxy !== undefined && turn.isAlive(tokenProxyOf(key))) turn.stop(tokenProxyOf(key));
}
