/** az's calls of ARM: a refused one is tried again. */
import { seconds } from '../../kernel/time.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nextRequest } from './state.ts';
import type { OperatorState } from './state.ts';

/** Wait before a refused ARM call is tried again where ARM names none: `az` waits like this between its tries. */
const RETRY_WAIT = seconds(5);

/** Calls ARM. */
export function askArm(state: OperatorState, call: ArmCall, turn: Turn): void {
  const request = nextRequest(state, turn);
  state.calls[request] = call;
  turn.send('arm', { type: 'ArmRequest', request, call });
}

/** ARM answered. */
export function onArmResponse(state: OperatorState, message: MessageOf<'ArmResponse'>, turn: Turn): void {
  if (state.calls[message.request] === undefined) return;
  const isRefused =
    message.status === 409 || message.status === 429 || message.status >= 500 || message.error?.code === 'PrincipalNotFound';
  if (isRefused) {
    turn.setTimer(message.request, message.retryAfter ?? RETRY_WAIT, { type: 'RetryDue', request: message.request }, { label: 'arm' });
    return;
  }
  delete state.calls[message.request];
}
