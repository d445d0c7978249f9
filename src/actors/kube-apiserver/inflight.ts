/**
 * In-flight limits: so many reads and so many writes at once; beyond, 429 with Retry-After.
 *
 * Follows `apiserver/pkg/server/filters/maxinflight.go`. Faithful: whoever is in the group system:masters, as the operator of a scenario
 * is with the admin's credentials, is served even beyond. Simplified: one limit for all other callers; priority and fairness, which lets
 * some of them wait in queues instead, is left out. Watches do not count, as upstream.
 */
import type { Moment } from '../../kernel/time.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { KubeApiserverState, Verdict } from './objects.ts';

/** 429 if the server has its hands full; undefined when there is room. */
export function overload(state: KubeApiserverState, call: ApiCall, turn: Turn): Verdict | undefined {
  const lane = laneOf(call);
  const limit = lane === 'reads' ? turn.knob('api.inflight.read') : turn.knob('api.inflight.mutating');
  if (ADMIN.test(turn.from) || state.inflight[lane].length < limit) return undefined;
  state.inflight[lane] = state.inflight[lane].filter((end) => end > turn.now);
  if (state.inflight[lane].length < limit) return undefined;
  return { status: 429, reason: 'TooManyRequests', retryAfter: turn.knob('api.inflight.retryAfter') };
}

/** Notes a call that is served until then. The admin's take nobody's place. */
export function occupy(state: KubeApiserverState, call: ApiCall, client: string, until: Moment): void {
  if (ADMIN.test(client)) return;
  state.inflight[laneOf(call)].push(until);
}

/** Actors that call with the credentials of the cluster's admin. */
const ADMIN = /^operator(?:\/|$)/u;

function laneOf(call: ApiCall): 'reads' | 'writes' {
  return call.verb === 'get' || call.verb === 'list' ? 'reads' : 'writes';
}
