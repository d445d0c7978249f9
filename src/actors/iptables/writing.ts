/**
 * Writing in a node's nat table: what NMI and third parties do to it, one after the other, for all of them want the lock of xtables.
 *
 * Follows aad-pod-identity v1.8.17 `pkg/nmi/iptables`, whose every call waits for the lock; older releases failed at once, and NMI with
 * them (`nmi.iptables.onLock`).
 */
import { ZERO, after, micros } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { flushed, isAccepted, isChainAccepted, redirects, removed, reversed, written } from '../../model/iptables-rules.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { RulesOperation } from '../../model/messages/token.ts';
import type { NodeRules } from '../../model/node-rules.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { nmiOf, nodeOf, rulesOf } from './state.ts';
import type { IptablesState } from './state.ts';

/** A command about the rules. Each waits until nobody else holds the lock of xtables. */
export function onRulesCommand(state: IptablesState, { request, op, hold = ZERO }: MessageOf<'RulesCommand'>, turn: Turn): void {
  if (op === 'lock') {
    lock(state, hold, turn);
    return;
  }
  const others = heldByOthers(nodeOf(turn), turn);
  if (others > 0) lock(state, others, turn);
  if (turn.now < state.lockedUntil && op !== 'forgetFlows') {
    if (turn.knob('nmi.iptables.onLock') === 'fail' && turn.from === nmiOf(turn))
      turn.reply({ type: 'RulesDone', request, changed: false, error: 'locked' });
    else state.queue.push({ request, op, by: turn.from });
    return;
  }
  obey(state, { request, op, by: turn.from }, turn);
}

/**
 * How long others, such as kube-proxy and the agent of a network plug-in, still hold the lock: in each period once, at a time of its own.
 *
 * Simplified: a hold that would reach into the next period ends with its own.
 */
function heldByOthers(node: string, turn: Turn): Duration {
  const period = turn.knob('xtables.lock.period');
  const n = Math.floor(turn.now / period);
  const hold = Math.min(period, turn.drawAt('xtables.lock.hold', node, n));
  if (hold === 0) return ZERO;
  const begin = n * period + Math.floor(turn.drawAt('xtables.lock.at', node, n) * (period - hold));
  return micros(turn.now < begin ? 0 : Math.max(0, begin + hold - turn.now));
}

/** Somebody else's iptables holds the lock for so long. */
function lock(state: IptablesState, hold: Duration, turn: Turn): void {
  const until = after(turn.now, hold);
  if (until <= state.lockedUntil) return;
  state.lockedUntil = until;
  turn.setTimer('lock', hold, { type: 'LockFreeDue' }, { label: 'nmiStart' });
}

/** The lock is free: those who waited for it go on, in the order in which they came. */
export function onLockFree(state: IptablesState, _message: MessageOf<'LockFreeDue'>, turn: Turn): void {
  const waited = state.queue.map(({ request, op, by }) => ({ request, op, by }));
  state.queue = [];
  // Whoever was killed while he waited does nothing any more; third parties are no actors.
  for (const command of waited) if (command.by !== nmiOf(turn) || turn.isAlive(command.by)) obey(state, command, turn);
}

interface Command {
  readonly request: string;
  readonly op: RulesOperation;
  readonly by: string;
}

function obey(state: IptablesState, { request, op, by }: Command, turn: Turn): void {
  const rules = rulesOf(turn);
  switch (op) {
    case 'ensure':
    case 'rewrite':
      ensure(state, { request, op, by }, turn);
      return;
    case 'remove':
      abandonWriting(state, turn);
      replace(removed(rules), by, turn);
      break;
    case 'flush':
      replace(flushed(rules), by, turn);
      break;
    case 'reverse':
      replace(reversed(rules), by, turn);
      break;
    case 'precede':
      replace({ ...rules, before: 'foreign' }, by, turn);
      break;
    case 'withdraw':
      replace({ ...rules, before: 'nothing' }, by, turn);
      break;
    case 'block':
      replace({ ...rules, policy: 'dropsListener' }, by, turn);
      break;
    case 'unblock':
      replace({ ...rules, policy: 'open' }, by, turn);
      break;
    case 'lock':
      return;
    case 'forgetFlows':
      // The next packet of such a connection is redirected to a socket that does not know it: reset, and a new connection.
      state.flows = {};
  }
  done(by, { request, changed: op !== 'forgetFlows' }, turn);
}

/** Tells whoever gave a command, if it is an NMI: nobody else waits. */
function done(by: string, news: { readonly request: string; readonly changed: boolean }, turn: Turn): void {
  if (by.startsWith('nmi/')) turn.send(by, { type: 'RulesDone', ...news });
}

/** NMI's check: the chain is flushed and written again if its members are not as expected, then the jump is made sure of. */
function ensure(state: IptablesState, { request, op, by }: Command, turn: Turn): void {
  const rules = rulesOf(turn);
  if (isChainAccepted(rules) && op === 'ensure') {
    if (!isAccepted(rules)) replace(written(rules), by, turn);
    done(by, { request, changed: !isAccepted(rules) }, turn);
    return;
  }
  abandonWriting(state, turn);
  replace({ ...rules, chain: 'empty' }, by, turn);
  state.writing = { request, by };
  turn.setTimer('write', turn.draw('nmi.iptables.flushWindow', nodeOf(turn)), { type: 'RulesWritten' }, { label: 'nmiStart' });
}

/** The chain is written: the last of NMI's calls for it is through. */
export function onRulesWritten(state: IptablesState, _message: MessageOf<'RulesWritten'>, turn: Turn): void {
  const { writing } = state;
  if (writing === undefined) return;
  const { request, by } = writing;
  delete state.writing;
  // Killed between two of its iptables calls, NMI leaves the chain half written.
  if (!turn.isAlive(by)) return;
  replace(written(rulesOf(turn)), by, turn);
  turn.send(by, { type: 'RulesDone', request, changed: true });
}

function abandonWriting(state: IptablesState, turn: Turn): void {
  if (state.writing === undefined) return;
  delete state.writing;
  turn.cancelTimer('write');
}

function replace(rules: NodeRules, by: string, turn: Turn): void {
  const before = rulesOf(turn);
  const isSame = before.chain === rules.chain && before.jump === rules.jump;
  if (isSame && before.policy === rules.policy && before.before === rules.before) return;
  turn.table('nodeRules').put(rules.node, rules);
  if (redirects(before) === redirects(rules)) return;
  turn.fact({ type: 'rules-changed', node: rules.node, redirect: redirects(rules) ? 'on' : 'off', by });
}
