/**
 * Life of NMI's process: guard, first lists, port and rules, check of the rules, and its two deaths.
 *
 *   starting ─► syncing ─► serving ─SIGTERM─► draining (10 s, rules gone) ─► dead        SIGKILL, crash: dead at once, rules stay
 *
 * Follows aad-pod-identity v1.8.17 `cmd/nmi/main.go` and `pkg/nmi/server/server.go` (Run, updateIPTableRules, handleTermination).
 * Simplified: all caches are filled by one successful call of the API server.
 */
import { after, between, micros, millis, scaled, seconds } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { isAccepted, noRules } from '../../model/iptables-rules.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { HEALTH } from '../../model/nmi/answers.ts';
import { nmiFlags } from '../../model/nmi/flags.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { RulesOperation } from '../../model/messages/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { newId } from './state.ts';
import type { NmiPhase, NmiState } from './state.ts';

/** Reflector back-off of client-go: 0.8 s, doubled up to 30 s; a list without an answer ends like one that failed. */
const LIST_BACKOFF_FIRST = millis(800);
const LIST_BACKOFF_CAP = seconds(30);
const EXIT_FATAL = 255;
const EXIT_KILLED = 137;
/** Exit code of a Go program that panics. */
const EXIT_CRASH = 2;

/** The process begins. */
export function onNmiStarted(state: NmiState, { pod, node, start, own }: MessageOf<'NmiStarted'>, turn: Turn): void {
  state.pod = pod;
  state.node = node;
  if (own !== undefined) state.own = { ...own };
  state.listenAt = turn.now;
  turn.setTimer('crash', turn.draw('nmi.crash.interarrival', turn.self), { type: 'NmiStepDue', step: 'crash' }, { label: 'other' });
  if (start === 'settled' && !nmiFlags(turn, state.own).isRefusedByGuard) {
    beginSettled(state, turn);
    return;
  }
  enter(state, 'starting', turn);
  // Whatever listened here before is gone.
  turn.send(`iptables/${node}`, { type: 'ListenerChanged', state: 'down' });
  if (nmiFlags(turn, state.own).isRefusedByGuard) {
    exit(state, { code: EXIT_FATAL, reason: 'kubenet' }, turn);
    return;
  }
  const whole = turn.draw('nmi.init', node);
  const gap = Math.min(turn.draw('nmi.init.listenToRules', node), whole);
  state.listenAt = after(turn.now, micros(whole - gap));
  state.rulesAt = after(turn.now, whole);
  enter(state, 'syncing', turn);
  list(state, turn);
}

/** The world began long after this process did: it serves, its rules are in, and its next check lies anywhere in its period. */
function beginSettled(state: NmiState, turn: Turn): void {
  state.rules = 'installed';
  enter(state, 'serving', turn);
  turn.send(`iptables/${state.node}`, { type: 'ListenerChanged', state: 'settled' });
  const period = turn.knob('nmi.iptables.interval');
  parkCheck(state, scaled(period, turn.uniform('nmi.rulesCheck', state.node)), turn);
}

/** Fills the caches. Faithful: there is no time-out; without an API server NMI stays here, its port closed. */
function list(state: NmiState, turn: Turn): void {
  const request = newId(state, turn);
  turn.setTimer('step', LIST_BACKOFF_CAP, { type: 'NmiStepDue', step: 'list' }, { label: 'nmiStart' });
  turn.send(
    'kube-apiserver',
    { type: 'ApiRequest', request, call: { verb: 'get', kind: 'Pod', key: state.pod } },
    { ifAbsent: { type: 'ApiResponse', request, status: 503 } },
  );
}

/** The API server answered the first list. */
export function onListed(state: NmiState, { status }: MessageOf<'ApiResponse'>, turn: Turn): void {
  if (state.phase !== 'syncing') return;
  if (status >= 200 && status < 500 && status !== 429) {
    turn.setTimer('step', until(state.listenAt, turn), { type: 'NmiStepDue', step: 'synced' }, { label: 'nmiStart' });
    return;
  }
  const wait = Math.min(LIST_BACKOFF_CAP, LIST_BACKOFF_FIRST * (1 << Math.min(state.listFailures, 10)));
  state.listFailures += 1;
  turn.setTimer('step', micros(wait), { type: 'NmiStepDue', step: 'list' }, { label: 'nmiStart' });
}

/** A step of the start or the end is due. */
export function onStepDue(state: NmiState, { step }: MessageOf<'NmiStepDue'>, turn: Turn): void {
  switch (step) {
    case 'list':
      if (state.phase === 'syncing') list(state, turn);
      return;
    case 'synced':
      enter(state, 'serving', turn);
      turn.send(`iptables/${state.node}`, {
        type: 'ListenerChanged',
        state: 'up',
        ...(state.own.listenAddress === undefined ? {} : { address: state.own.listenAddress }),
      });
      // Simplified: the flush window is taken at its centre, so that the rules are in when they were measured to be.
      turn.setTimer(
        'step',
        until(state.rulesAt, turn, turn.knob('nmi.iptables.flushWindow')),
        { type: 'NmiStepDue', step: 'rules' },
        { label: 'nmiStart' },
      );
      return;
    case 'rules':
      command(state, 'ensure', turn);
      return;
    case 'crash':
      turn.cancelTimer('step');
      turn.cancelTimer('rules');
      exit(state, { code: EXIT_CRASH, reason: 'crash' }, turn);
      return;
    case 'drained':
      exit(state, { code: areRulesAccepted(state, turn) ? 1 : 0, reason: 'SIGTERM' }, turn);
  }
}

/**
 * The rules are as wanted. After the first time NMI calls itself active and checks them each minute; once they are gone at its end it
 * serves a little longer. Faithful: any failure of iptables ends it at once, and the rules stay as they are.
 */
export function onRulesDone(state: NmiState, { error }: MessageOf<'RulesDone'>, turn: Turn): void {
  if (state.phase === 'draining') {
    turn.setTimer('step', turn.knob('nmi.sigterm.wait'), { type: 'NmiStepDue', step: 'drained' }, { label: 'other' });
    return;
  }
  if (error !== undefined && state.phase === 'serving') {
    turn.cancelTimer('step');
    turn.cancelTimer('rules');
    exit(state, { code: EXIT_FATAL, reason: `iptables: ${error}` }, turn);
    return;
  }
  if (state.phase !== 'serving' || state.rules === 'installed') return;
  state.rules = 'installed';
  if (turn.knob('nmi.conntrackDeletion')) command(state, 'forgetFlows', turn);
  parkCheck(state, turn.knob('nmi.iptables.interval'), turn);
}

/** The minute is over: are the rules still there? */
export function onRulesCheck(state: NmiState, _message: MessageOf<'RulesCheckDue'>, turn: Turn): void {
  if (state.phase !== 'serving') return;
  const alwaysWrites = behaves(turn, 'nmiMiscountsRules', state.own.release);
  // A check that looks at the rules needs the lock as well; it matters only where NMI does not wait for it.
  if (areRulesAccepted(state, turn) && !alwaysWrites && turn.knob('nmi.iptables.onLock') === 'wait') return;
  turn.worked();
  command(state, alwaysWrites ? 'rewrite' : 'ensure', turn);
}

/** A signal. Before the handler is installed SIGTERM kills like SIGKILL: nothing is cleaned up. */
export function onSignal(state: NmiState, { signal }: MessageOf<'Signal'>, turn: Turn): void {
  if (state.phase === 'dead' || (signal === 'SIGTERM' && state.phase === 'draining')) return;
  if (signal === 'SIGTERM' && state.phase === 'serving' && behaves(turn, 'nmiCleansRulesOnSigterm', state.own.release)) {
    turn.cancelTimer('step');
    turn.cancelTimer('rules');
    enter(state, 'draining', turn);
    command(state, 'remove', turn);
    return;
  }
  turn.cancelTimer('step');
  turn.cancelTimer('rules');
  exit(state, { code: EXIT_KILLED, reason: signal }, turn);
}

/** The health page. Faithful: always 200 once the port is open, whatever the rules and caches are like. */
export function onProbe(state: NmiState, { request }: MessageOf<'Probe'>, turn: Turn): void {
  const isOpen = state.phase === 'serving' || state.phase === 'draining';
  turn.reply({
    type: 'ProbeAnswer',
    request,
    status: isOpen ? HEALTH.status : 0,
    body: isOpen ? HEALTH.bodies[state.rules] : '',
  });
}

function exit(state: NmiState, end: { readonly code: number; readonly reason: string }, turn: Turn): void {
  for (const [request, open] of Object.entries(state.requests)) {
    // The process's end closes its connections.
    if (open.client === 'waiting') turn.send(open.replyTo, { type: 'MetadataResponse', request, status: 0, servedBy: 'kernel' });
    for (const timer of ['pod', 'poll', 'mic', 'dial', 'retry']) turn.cancelTimer(`${timer}:${request}`);
  }
  state.requests = {};
  state.questions = {};
  turn.cancelTimer('crash');
  turn.send(`iptables/${state.node}`, { type: 'ListenerChanged', state: 'closed' });
  enter(state, 'dead', turn);
  turn.send(`kubelet/${state.node}`, { type: 'ProcessExited', pod: state.pod, code: end.code, reason: end.reason });
}

function enter(state: NmiState, phase: NmiPhase, turn: Turn): void {
  state.phase = phase;
  const { node, own } = state;
  turn.fact({ type: 'nmi-phase', node, phase, ...(phase === 'starting' && own.release !== undefined ? { release: own.release } : {}) });
}

function command(state: NmiState, op: RulesOperation, turn: Turn): void {
  turn.send(`iptables/${state.node}`, { type: 'RulesCommand', request: newId(state, turn), op });
}

function areRulesAccepted(state: NmiState, turn: Turn): boolean {
  return isAccepted(turn.table('nodeRules').get(state.node) ?? noRules(state.node));
}

function parkCheck(state: NmiState, first: Duration, turn: Turn): void {
  turn.park(
    'rules',
    { type: 'RulesCheckDue' },
    {
      period: turn.knob('nmi.iptables.interval'),
      first,
      inputs: [{ table: 'nodeRules', partition: { index: 'node', value: state.node } }],
      label: 'nmiStart',
      start: behaves(turn, 'nmiMiscountsRules', state.own.release) || turn.knob('nmi.iptables.onLock') === 'fail' ? 'due' : 'quiet',
    },
  );
}

/** Time until a moment, less `lead`; none if it is past. */
function until(moment: Moment, turn: Turn, lead: Duration = micros(0)): Duration {
  return micros(Math.max(0, between(turn.now, moment) - lead));
}
