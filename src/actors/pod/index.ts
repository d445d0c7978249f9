/**
 * An application process with its token client, in a pod or straight on a VM.
 *
 * It asks for a token when its container starts, uses it at its service, and does so again each `every`. After a failed getToken or a
 * denial (401, 403) of the service it asks again after `retryAfterDenial`, as an application must, because no client retries a 403.
 *
 *   use ─► token kept? ─yes─► service ─► every ─► use …
 *            │ no, or to be refreshed
 *            └─► client (client.ts) ─answered─► service
 *                      └─failed─► retryAfterDenial, else every
 *
 * Simplified: a use that finds its kept token good states one fact and no asking; an application never throws a token away; it asks for
 * its token before each use, also where its pool has a connection open and does not look at it.
 */
import type { MessageOf } from '../../model/messages/index.ts';
import { judge } from '../../model/token-client/keeping.ts';
import type { Verdict } from '../../model/token-client/keeping.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { ask, onAadTokenResponse, onMetadataResponse, onRetryDue, onTryTimeout } from './client.ts';
import type { Ended } from './client.ts';
import { clientOf, requestedBy, workloadOf } from './credential.ts';
import { pauseOf } from './habit.ts';
import { callService, hasConnection, isChallengeDue, meetChallenge, onServiceAnswer, onThrottleOver } from './service.ts';
import { askingId, initialState, nameOf } from './state.ts';
import type { PodState } from './state.ts';

type Inbox = MessageOf<
  | 'WorkloadStarted'
  | 'UseDue'
  | 'RetryDue'
  | 'TryTimeoutDue'
  | 'MetadataResponse'
  | 'AadTokenResponse'
  | 'ServiceResponse'
  | 'Signal'
  | 'Probe'
>;

/** An application process. */
export const pod = defineActor<PodState, Inbox>({
  kind: 'pod',
  initial: initialState,
  handlers: {
    WorkloadStarted: (state, { place, workload }, turn) => {
      state.place = { ...place };
      state.workload = workload;
      use(state, turn);
    },
    UseDue: (state, _message, turn) => {
      use(state, turn);
    },
    RetryDue: (state, message, turn) => {
      if (message.request === state.serviceCall) onThrottleOver(state, turn);
      else goOn(state, onRetryDue(state, message, turn), turn);
    },
    MetadataResponse: (state, message, turn) => {
      goOn(state, onMetadataResponse(state, message, turn), turn);
    },
    AadTokenResponse: (state, message, turn) => {
      goOn(state, onAadTokenResponse(state, message, turn), turn);
    },
    TryTimeoutDue: (state, message, turn) => {
      if (message.request === state.serviceCall) leaveService(state, 0, turn);
      else goOn(state, onTryTimeout(state, message, turn), turn);
    },
    ServiceResponse: (state, { request, status }, turn) => {
      if (request === state.serviceCall) leaveService(state, status, turn);
    },
    // The kubelet ends the process when its grace is over; until then it goes on, as a program without a handler would under a shell.
    Signal: () => undefined,
    Probe: (state, { request }, turn) => {
      const isAlive = state.first === 'got' || turn.knob('app.answersProbes') === 'always';
      turn.reply({ type: 'ProbeAnswer', request, status: isAlive ? 200 : 0, body: '' });
    },
  },
});

/** One use begins; at a vault it has never called, without a token. */
function use(state: PodState, turn: Turn): void {
  if (state.use !== 'none') return;
  if (isChallengeDue(state, turn)) meetChallenge(state, turn);
  else useWithToken(state, turn);
}

/** Goes on with the kept token, after a refresh, or after a token was got. */
function useWithToken(state: PodState, turn: Turn): void {
  const verdict = verdictOf(state, turn);
  if (verdict === 'fresh') {
    useKept(state, turn);
    return;
  }
  const workload = workloadOf(state, turn);
  if (workload === undefined) return;
  if (verdict === 'refresh' && clientOf(state, workload, turn).keeping.refresh === 'background') {
    useKept(state, turn);
    if (state.asking === undefined) goOn(state, ask(state, 'background', turn), turn);
    return;
  }
  state.use = 'token';
  // A refresh in the background that is still under way is awaited: clients ask once for all who wait.
  if (state.asking === undefined) goOn(state, ask(state, verdict === 'refresh' ? 'inline' : 'needed', turn), turn);
}

function verdictOf(state: PodState, turn: Turn): Verdict {
  const workload = workloadOf(state, turn);
  const { held } = state;
  if (held === undefined || workload === undefined) return 'unusable';
  const rule = {
    state: turn.knob('client.token.refreshAtHalf') ? 'on' : 'off',
    minimumLife: turn.knob('client.token.refreshAtHalf.minimumLife'),
  } as const;
  const kept = { receivedAt: held.receivedAt, expiresAt: held.token.expiresAt };
  return judge(clientOf(state, workload, turn).keeping, kept, { now: turn.now, lastTry: state.refreshedAt, rule });
}

/** The client had news. */
function goOn(state: PodState, ended: Ended, turn: Turn): void {
  if (ended === 'going' || state.use !== 'token') return;
  if (state.place.until === 'firstToken') {
    exit(state, ended === 'answered' ? 0 : 1, turn);
    return;
  }
  if (ended === 'answered') atService(state, turn);
  else if (isOldTokenGood(state, ended.failed, turn)) useKept(state, turn);
  // A pool with an open connection needs no token.
  else if (hasConnection(state, turn)) atService(state, turn);
  else endUse(state, 'failed', turn);
}

/** The program of an init container is done: whoever started it looks at its exit code. */
function exit(state: PodState, code: number, turn: Turn): void {
  state.use = 'none';
  const { node, pod: key } = state.place;
  turn.send(`kubelet/${node}`, { type: 'ProcessExited', pod: key, code, reason: code === 0 ? 'Completed' : 'Error' });
}

/** Whether the application gets the old token although its refresh failed. */
function isOldTokenGood(state: PodState, status: number, turn: Turn): boolean {
  const workload = workloadOf(state, turn);
  if (workload === undefined || verdictOf(state, turn) === 'unusable') return false;
  const { thrown } = clientOf(state, workload, turn).keeping;
  return thrown === 'none' || (thrown === 'connection' && status > 0);
}

function useKept(state: PodState, turn: Turn): void {
  const { held } = state;
  if (held === undefined) return;
  state.ordinal += 1;
  turn.fact({
    type: 'token-answered',
    pod: nameOf(turn),
    request: askingId(state, turn),
    ordinal: state.ordinal,
    isFirst: false,
    since: turn.now,
    uti: held.token.uti,
    objectId: held.token.objectId,
    appId: held.token.appId,
    requestedClientId: requestedBy(state, turn),
    servedBy: 'clientCache',
    isCachedAtImds: false,
  });
  atService(state, turn);
}

function atService(state: PodState, turn: Turn): void {
  if (callService(state, turn) === 'nothingToDo') endUse(state, 'done', turn);
}

/** The service answered, or did not in time (status 0). */
function leaveService(state: PodState, status: number, turn: Turn): void {
  const next = onServiceAnswer(state, status, turn);
  if (next === 'challenged') useWithToken(state, turn);
  else if (next === 'over') endUse(state, status === 401 || status === 403 ? 'failed' : 'done', turn);
}

/** The use is over: when is the next? */
function endUse(state: PodState, how: 'done' | 'failed', turn: Turn): void {
  state.use = 'none';
  const workload = workloadOf(state, turn);
  if (workload === undefined) return;
  const { retryAfterDenial } = workload;
  if (how === 'failed' && retryAfterDenial !== undefined) {
    turn.setTimer('use', retryAfterDenial, { type: 'UseDue' }, { label: 'appRetry' });
  } else if (workload.every > 0) {
    turn.setTimer('use', pauseOf(workload, turn), { type: 'UseDue' }, { label: 'idle' });
  }
}
