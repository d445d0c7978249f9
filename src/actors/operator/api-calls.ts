/**
 * kubectl's calls of the API server.
 *
 * kubectl prints the answer, and the story goes on whatever it says, as a script without `set -e` does. Like every client of client-go it
 * repeats a call that was answered with Retry-After, `api.retryOnRetryAfter` times.
 */
import { keyOf } from '../../model/kubernetes.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import { TABLE_OF_KIND } from '../../model/tables.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest, plain } from './state.ts';
import type { OperatorState } from './state.ts';

/** Calls the API server. `drain`: the node whose drain it belongs to. */
export function askApi(state: OperatorState, call: ApiCall, turn: Turn, drain = ''): void {
  const request = nextRequest(state, turn);
  state.asks[request] = { call, sent: 1, drain };
  turn.send('kube-apiserver', { type: 'ApiRequest', request, call });
}

/** Deletes all objects whose keys match a pattern now, one call for each; a key without `*` is one object. */
export function askToDelete(state: OperatorState, call: ApiCall & { readonly verb: 'delete' }, turn: Turn): void {
  if (!call.key.includes('*')) {
    askApi(state, call, turn);
    return;
  }
  const rows = turn.table(TABLE_OF_KIND[call.kind]) as unknown as { all: () => readonly KubernetesObject[] };
  const keys = rows.all().map(keyOf).filter(matcherOf(call.key));
  for (const key of keys.toSorted()) askApi(state, { ...call, key }, turn);
}

/** Whether a key is `pattern`, in which `*` stands for any text without a slash. Names hold letters, digits, `-` and `.` only. */
function matcherOf(pattern: string): (key: string) => boolean {
  const whole = new RegExp(`^${pattern.replaceAll('.', String.raw`\.`).replaceAll('*', '[^/]*')}$`, 'u');
  return (key) => whole.test(key);
}

/** An answer: repeated where the server asks for that. Answers the node whose pods it lists, `''` if it is no such list. */
export function onApiAnswer(state: OperatorState, message: MessageOf<'ApiResponse'>, turn: Turn): string {
  const { request, retryAfter, objects } = message;
  const ask = state.asks[request];
  if (ask === undefined) return '';
  if (retryAfter !== undefined && ask.sent <= turn.knob('api.retryOnRetryAfter')) {
    turn.setTimer(request, retryAfter, { type: 'RetryDue', request }, { label: 'api' });
    return '';
  }
  delete state.asks[request];
  return objects === undefined ? '' : ask.drain;
}

/** The wait that the server asked for is over. */
export function sendAgain(state: OperatorState, request: string, turn: Turn): void {
  const ask = state.asks[request];
  if (ask === undefined) return;
  ask.sent += 1;
  turn.send('kube-apiserver', { type: 'ApiRequest', request, call: plain(ask.call) });
}
