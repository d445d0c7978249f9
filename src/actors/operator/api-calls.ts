/**
 * kubectl's calls of the API server.
 *
 * kubectl prints the answer, and the story goes on whatever it says, as a script without `set -e` does. Like every client of client-go it
 * repeats a call that was answered with Retry-After, `api.retryOnRetryAfter` times.
 */
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
