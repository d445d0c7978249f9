/**
 * The documented variant: NMI asks MIC's leader whose identity a pod may use. Real MIC has no such door; this is what the founding
 * document describes (docs/FIDELITY.md).
 *
 *   NMI ─IdentityLookup─► MIC leader ─assigned─► choice        pending: push (MIC answers again) or poll
 *                            └─ denied ─► 404                  silence: rpcTimeout, rpcGap, rpcRetries
 */
import { after } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nmiFlags } from '../../model/nmi/flags.ts';
import { choose, noIdentity } from './choice.ts';
import { newQuestion } from './state.ts';
import type { NmiState, OpenRequest } from './state.ts';

const MIC_LEASE = 'default/aad-pod-identity-mic';

/** Asks MIC's leader, unless a denial is still remembered. */
export function askMic(state: NmiState, request: string, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  const deniedUntil = state.denied[denialKey(open)];
  if (deniedUntil !== undefined && turn.now < deniedUntil) {
    noIdentity(state, request, 'denied', turn);
    return;
  }
  const question = open.micWait === 'push' ? open.question : newQuestion(state, request, turn);
  delete open.micWait;
  const leader = leaderOf(state, turn);
  turn.setTimer(`mic:${request}`, turn.knob('variantS.rpcTimeout'), { type: 'LookupTimeoutDue', request }, { label: 'other' });
  if (leader === '') return;
  const slash = open.pod.indexOf('/');
  turn.send(leader, {
    type: 'IdentityLookup',
    request: question,
    podNamespace: open.pod.slice(0, slash),
    podName: open.pod.slice(slash + 1),
    ...(open.clientId === '' ? {} : { clientId: open.clientId }),
    ...(open.resourceId === '' ? {} : { resourceId: open.resourceId }),
  });
}

/** The leader as NMI knows it: the holder of MIC's lock in its cache, looked up anew after a while. */
function leaderOf(state: NmiState, turn: Turn): string {
  const { pod, seenAt } = state.leader;
  if (pod !== '' && turn.now - seenAt < turn.knob('variantS.leaderLookupTtl')) return `mic/${pod}`;
  const holder = turn.informer('leases').get(MIC_LEASE)?.spec.holder ?? '';
  const key = holder === '' || holder.includes('/') ? holder : `${nmiFlags(turn, state.own).micNamespace}/${holder}`;
  state.leader = { pod: key, seenAt: turn.now };
  return key === '' ? '' : `mic/${key}`;
}

/** MIC's answer. */
export function onLookupResult(
  state: NmiState,
  { request: question, outcome, identities }: MessageOf<'IdentityLookupResult'>,
  turn: Turn,
): void {
  const request = state.questions[question];
  const open = request === undefined ? undefined : state.requests[request];
  if (request === undefined || open === undefined) return;
  turn.cancelTimer(`mic:${request}`);
  delete open.micWait;
  if (open.found === 'notLooked') open.found = outcome === 'assigned' ? 'Assigned' : outcome === 'pending' ? 'Created' : 'none';
  if (outcome === 'assigned') {
    choose(state, request, identities, turn);
  } else if (outcome === 'denied') {
    const remembered = turn.knob('variantS.negativeCacheTtl');
    if (remembered > 0) remember(state, denialKey(open), after(turn.now, remembered), turn.now);
    noIdentity(state, request, 'denied', turn);
  } else {
    waitForAssignment(state, request, open, turn);
  }
}

/**
 * Pending: wait for as long as the wait loop of the real NMI would in all. NMI asks again each interval; where MIC pushes, its word ends the
 * wait before that, and the question stays the same one, so that a leader that died is no loss.
 */
function waitForAssignment(state: NmiState, request: string, open: OpenRequest, turn: Turn): void {
  const interval = turn.knob('nmi.lookup.interval');
  const looks = turn.knob('nmi.lookup.createdAttempts') + turn.knob('nmi.lookup.assignedAttempts');
  if (turn.now - open.arrivedAt >= looks * interval) {
    noIdentity(state, request, 'notAssigned', turn);
    return;
  }
  open.attempt = 0;
  open.micWait = turn.knob('variantS.pendingWait') === 'push' ? 'push' : 'poll';
  turn.setTimer(`mic:${request}`, interval, { type: 'LookupTimeoutDue', request }, { label: 'nmiPoll' });
}

/** No answer in time, or the gap before the next question is over, or a pending one is to be asked again. */
export function onLookupTimeout(state: NmiState, { request }: MessageOf<'LookupTimeoutDue'>, turn: Turn): void {
  const open = state.requests[request];
  if (open === undefined) return;
  if (open.micWait !== undefined) {
    askMic(state, request, turn);
  } else if (open.attempt >= turn.knob('variantS.rpcRetries')) {
    noIdentity(state, request, 'micSilent', turn);
  } else {
    open.attempt += 1;
    open.micWait = 'gap';
    // Whoever was asked may no longer lead.
    state.leader.pod = '';
    turn.setTimer(`mic:${request}`, turn.knob('variantS.rpcGap'), { type: 'LookupTimeoutDue', request }, { label: 'nmiBackoff' });
  }
}

/** Remembers a denial, and lets go of those that are over. */
function remember(state: NmiState, key: string, until: Moment, now: Moment): void {
  for (const [other, end] of Object.entries(state.denied)) if (end <= now) delete state.denied[other];
  state.denied[key] = until;
}

function denialKey(open: OpenRequest): string {
  return `${open.pod}|${open.clientId}|${open.resourceId}`;
}
