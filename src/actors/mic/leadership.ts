/**
 * Leader election (§3.1): candidates, standing renewals, take-over, loss.
 *
 * Follows client-go v0.23.17 tools/leaderelection as pkg/mic/mic.go:NewLeaderElector sets it up.
 *
 *   candidate ──GET──► held by another? ──yes, healthy──► standby (no messages) ──holder dies or a fault touches──► candidate
 *       │ own, free, or unchanged for 15 s
 *       └──PUT──► syncing ──► leading ──renewals fail for 7.5 s──► exit 1
 *
 * While holder, API server and the links between them are healthy the renewals every 3.75 s and the candidates' looks at them are a
 * standing exchange without messages: the lock record says when it was last written, and so when every renewal since was. Simplified: no
 * call of them is counted, though they are most of what a MIC at rest asks of the API server (a GET and an update every 3.75 s).
 * The holder is the bare name of its pod, unless the flag leader-election-instance gives one, so a container that is restarted in its pod
 * is the holder already. Simplified: what upstream
 * keeps in an annotation on Endpoints is an object of its own kind here.
 */
import { between } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Lease } from '../../model/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { isOwnRecord, lastRenewal, mayTake, nextRenewal, sight } from '../../model/mic/lease.ts';
import type { Elector } from '../../model/mic/lease.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { callApi, sendAgain } from './api-calls.ts';
import { recordElection } from './recorder.ts';
import type { MicState } from './state.ts';

/** Whether an answer made this process the leader. */
export type ElectionOutcome = 'won' | 'undecided';

const TIMER = 'lease';
const RETRY = 'renew-retry';
const DEADLINE = 'renew-deadline';
const SERVER = 'kube-apiserver';

/** Begins as a candidate: asks for the lock at once. */
export function runForLeader(state: MicState, turn: Turn): void {
  state.role = 'candidate';
  readLock(state, turn);
}

/** Begins beside a leader, or as the leader itself, in a world that has long been quiet. Answers whether this process holds the lock. */
export function settleAtLock(state: MicState, turn: Turn): 'holder' | 'standby' | 'free' {
  const row = lockRow(turn);
  if (row === undefined) return 'free';
  if (isOwnRecord(row.spec.holder, elector(state, turn))) {
    state.lease.lastAt = row.spec.renewedAt;
    standByOwnLock(state, turn);
    return 'holder';
  }
  state.lease.holder = row.spec.holder;
  standBy(state, row, turn);
  return 'standby';
}

/** The lease timer: a candidate's next look, a leader's retry, or a phase point of the standing exchange after something changed. */
export function onLeaseDue(state: MicState, turn: Turn): void {
  switch (state.role) {
    case 'candidate':
      if (state.lease.step === 'none') readLock(state, turn);
      else giveUpCall(state, turn);
      return;
    case 'standby':
      lookUp(state, turn);
      return;
    case 'syncing':
    case 'leading':
      renew(state, turn);
      return;
    case 'ended':
  }
}

/** The API server answered a read or write of the lock. */
export function onLockAnswer(state: MicState, message: MessageOf<'ApiResponse'>, turn: Turn): ElectionOutcome {
  const { step, request } = state.lease;
  if (message.request !== request) return 'undecided';
  state.lease.step = 'none';
  if (step === 'writing' && (message.status === 200 || message.status === 201)) return takeHold(state, turn);
  if (step === 'reading' && message.status === 404) return writeLock(state, 'create', turn);
  const object = message.object;
  if (step === 'reading' && message.status === 200 && object?.kind === 'Endpoints') return judge(state, object, turn);
  tryAgain(state, turn);
  return 'undecided';
}

/** Read the record: take or renew the lock, stand by, or look again later. */
function judge(state: MicState, row: Lease, turn: Turn): ElectionOutcome {
  const { lease } = state;
  const period = turn.knob('mic.lease.retryPeriod');
  const isOwn = isOwnRecord(row.spec.holder, elector(state, turn));
  const standing = isExchangeHealthy(state, row.spec.holder, turn) ? turn.now : lease.lastStanding;
  const known =
    standing < row.spec.renewedAt ? row.spec.renewedAt : lastRenewal({ renewedAt: row.spec.renewedAt, period }, standing as Moment);
  const before = lease.seenAt < 0 ? undefined : { holder: lease.holder, renewedAt: lease.renewedAt, seenAt: lease.seenAt as Moment };
  const seen = sight(before, { holder: row.spec.holder, renewedAt: known }, turn.now);
  lease.holder = seen.holder;
  lease.renewedAt = seen.renewedAt;
  lease.seenAt = seen.seenAt;
  lease.version = row.metadata.resourceVersion;
  lease.transitions = row.spec.transitions;
  if (isLeader(state) ? isOwn : mayTake(seen, { isOwn, duration: turn.knob('mic.lease.duration') }, turn.now))
    return writeLock(state, 'update', turn);
  if (state.role === 'candidate' && isExchangeHealthy(state, row.spec.holder, turn)) standBy(state, row, turn);
  else tryAgain(state, turn);
  return 'undecided';
}

/** A candidate's call got no answer: its connection was dead. */
function giveUpCall(state: MicState, turn: Turn): void {
  state.lease.step = 'none';
  tryAgain(state, turn);
}

function takeHold(state: MicState, turn: Turn): ElectionOutcome {
  state.lease.renewal = 'standing';
  turn.cancelTimer(DEADLINE);
  turn.cancelTimer(RETRY);
  standByOwnLock(state, turn);
  if (isLeader(state)) return 'undecided';
  turn.fact({ type: 'mic-leading', replica: turn.self });
  recordElection(state, { regarding: `Endpoints/${turn.knob('mic.lease.lockObject')}`, what: 'became leader' }, turn);
  return 'won';
}

/**
 * As leader: renews for real when something touches the exchange; else the renewal is understood. A call without an answer is sent again
 * after a period, as TCP would; a slow answer still counts, for client-go makes one try at a time, however long it takes.
 */
function renew(state: MicState, turn: Turn): void {
  if (state.lease.renewal === 'standing') {
    const row = lockRow(turn);
    if (row !== undefined && isOwnRecord(row.spec.holder, elector(state, turn)) && turn.isAlive(SERVER) && !isTouched(turn, turn.self))
      return;
    state.lease.renewal = 'real';
    // From here on each try arms the next; the lock taken anew is the standing exchange again.
    turn.cancelTimer(TIMER);
    turn.setTimer(DEADLINE, turn.knob('mic.lease.renewDeadline'), { type: 'RenewDeadlineDue' }, { label: 'other' });
  }
  if (state.lease.step === 'none') {
    readLock(state, turn);
    return;
  }
  armRetry(turn);
  sendAgain(state, state.lease.request, turn);
}

/** As standby: goes on waiting while the exchange is healthy, else works out what its own looks would have seen, and becomes a candidate. */
function lookUp(state: MicState, turn: Turn): void {
  const { lease } = state;
  const row = lockRow(turn);
  if (row !== undefined && isExchangeHealthy(state, row.spec.holder, turn)) {
    // Somebody wrote the record: its renewals have another phase now, perhaps another holder.
    if (row.spec.renewedAt !== lease.renewedAt || row.spec.holder !== lease.holder) standBy(state, row, turn);
    return;
  }
  const period = turn.knob('mic.lease.retryPeriod');
  // This is the first phase point after the change: the renewal before it was the last.
  const last = Math.max(turn.now - period, lease.renewedAt) as Moment;
  const renewedAt = lastRenewal({ renewedAt: lease.renewedAt, period }, last);
  let poll = lease.lastAt;
  let seenAt = lease.lastAt;
  let seen = lastRenewal({ renewedAt: lease.renewedAt, period }, poll);
  for (; poll <= turn.now; poll = (poll + turn.draw('mic.lease.candidateWait', turn.self)) as Moment) {
    const shown = lastRenewal({ renewedAt: lease.renewedAt, period }, Math.min(poll, last) as Moment);
    if (shown === seen) continue;
    seen = shown;
    seenAt = poll;
  }
  state.role = 'candidate';
  lease.lastStanding = renewedAt;
  lease.renewedAt = seen;
  lease.seenAt = seenAt;
  turn.setTimer(TIMER, between(turn.now, poll), { type: 'LeaseDue' }, { label: 'other' });
}

/** Waits beside a healthy leader: due only when its life, the record, or a fault on the way changes. */
function standBy(state: MicState, row: Lease, turn: Turn): void {
  const { lease } = state;
  const period = turn.knob('mic.lease.retryPeriod');
  state.role = 'standby';
  lease.holder = row.spec.holder;
  lease.renewedAt = row.spec.renewedAt;
  lease.lastAt = turn.now;
  const holder = holderActor(state, row.spec.holder);
  turn.park(
    TIMER,
    { type: 'LeaseDue' },
    {
      period,
      first: between(turn.now, nextRenewal({ renewedAt: row.spec.renewedAt, period }, turn.now)),
      inputs: [{ actor: holder }, { actor: SERVER }, { links: holder }, { links: SERVER }, { links: turn.self }, { table: 'leases' }],
      label: 'other',
      start: 'quiet',
    },
  );
}

/** As leader: the renewals run by themselves until something touches them. */
function standByOwnLock(state: MicState, turn: Turn): void {
  const period = turn.knob('mic.lease.retryPeriod');
  turn.park(
    TIMER,
    { type: 'LeaseDue' },
    {
      period,
      first: between(turn.now, nextRenewal({ renewedAt: state.lease.lastAt, period }, turn.now)),
      inputs: [{ actor: SERVER }, { links: turn.self }, { links: SERVER }, { table: 'leases' }],
      label: 'other',
      start: isTouched(turn, turn.self) ? 'due' : 'quiet',
    },
  );
}

/** After a try that got nothing: a leader's retry is armed already, a candidate waits a little longer by chance. */
function tryAgain(state: MicState, turn: Turn): void {
  if (!isLeader(state)) turn.setTimer(TIMER, turn.draw('mic.lease.candidateWait', turn.self), { type: 'LeaseDue' }, { label: 'other' });
}

function readLock(state: MicState, turn: Turn): void {
  // A call that never came back is given up with the next.
  Reflect.deleteProperty(state.calls, state.lease.request);
  state.lease.step = 'reading';
  if (isLeader(state)) armRetry(turn);
  else turn.setTimer(TIMER, turn.knob('watch.idleDetect'), { type: 'LeaseDue' }, { label: 'other' });
  state.lease.request = callApi(
    state,
    'core',
    { verb: 'get', kind: 'Endpoints', key: turn.knob('mic.lease.lockObject') },
    { part: 'lease' },
    turn,
  );
}

function armRetry(turn: Turn): void {
  turn.setTimer(RETRY, turn.knob('mic.lease.retryPeriod'), { type: 'LeaseDue' }, { label: 'other' });
}

function writeLock(state: MicState, verb: 'create' | 'update', turn: Turn): ElectionOutcome {
  const { lease } = state;
  const [namespace = '', name = ''] = turn.knob('mic.lease.lockObject').split('/');
  lease.step = 'writing';
  lease.lastAt = turn.now;
  const isChange = verb === 'update' && !isOwnRecord(lease.holder, elector(state, turn));
  const object: Lease = {
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      uid: '',
      resourceVersion: verb === 'create' ? '' : lease.version,
      labels: {},
      annotations: {},
      finalizers: [],
      ownerReferences: [],
    },
    spec: { holder: nameAt(state, turn), renewedAt: turn.now, transitions: verb === 'create' ? 0 : lease.transitions + (isChange ? 1 : 0) },
  };
  lease.request = callApi(state, 'core', { verb, object }, { part: 'lease' }, turn);
  return 'undecided';
}

function isLeader(state: MicState): boolean {
  return state.role === 'syncing' || state.role === 'leading';
}

/** The record as the standing exchange would read it. */
function lockRow(turn: Turn): Lease | undefined {
  return turn.table('leases').get(turn.knob('mic.lease.lockObject'));
}

function isExchangeHealthy(state: MicState, holder: string, turn: Turn): boolean {
  const actor = holderActor(state, holder);
  return holder !== '' && turn.isAlive(actor) && turn.isAlive(SERVER) && !isTouched(turn, actor) && !isTouched(turn, turn.self);
}

function isTouched(turn: Turn, actor: string): boolean {
  return turn.isTouched(actor) || turn.isTouched(SERVER);
}

/** Replicas share a namespace. */
function holderActor(state: MicState, holder: string): string {
  return `mic/${holder.includes('/') ? holder : `${state.pod.split('/')[0] ?? ''}/${holder}`}`;
}

function elector({ pod }: MicState, turn: Turn): Elector {
  return { pod, instance: turn.knob('mic.lease.instance') };
}

/** The name this process writes into the record. */
function nameAt({ pod }: MicState, turn: Turn): string {
  const instance = turn.knob('mic.lease.instance');
  return instance === '' ? pod.slice(pod.indexOf('/') + 1) : instance;
}
