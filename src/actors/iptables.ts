/**
 * A node's netfilter: the nat rules for the metadata address, the port NMI listens on, and connection tracking.
 *
 * Follows the Linux nat table as aad-pod-identity v1.8.17 uses it (`pkg/nmi/iptables`): nat is asked once per connection, so what was
 * decided then holds for the connection's life, whatever becomes of the rules.
 *
 *   pod ─MetadataRequest─► rules in? ─yes─► port open? ─yes─► nmi/<node>
 *                            │ no                │ no
 *                            ▼                   ▼
 *                         imds/<vm>        refused (status 0)
 *
 * Simplified: a connection is forgotten 60 s after its last request (10 min, if that went to NMI); a reset connection is followed by a
 * new one at once, as clients do.
 */
import { minutes, seconds } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import {
  destinationOf,
  flushed,
  isAccepted,
  isChainAccepted,
  noRules,
  redirects,
  removed,
  reversed,
  written,
} from '../model/iptables-rules.ts';
import type { Destination } from '../model/iptables-rules.ts';
import type { MessageOf } from '../model/messages/index.ts';
import type { NodeRules } from '../model/tables.ts';
import { defineActor } from '../model/vocabulary.ts';
import type { Turn } from '../model/vocabulary.ts';

/** Slice of a node's netfilter. */
interface IptablesState {
  /** Established connections by id -- changes. */
  flows: Record<string, { to: 'nmi' | 'imds'; usedAt: Moment }>;
  /** Requests handed to NMI, perhaps answered since: who is told if the process dies -- changes. */
  open: Record<string, { replyTo: string; since: Moment }>;
  /** When flows and open requests were last looked through -- changes. */
  sweptAt: Moment;
  /** Who waits for the chain to be written -- changes. */
  writing?: { request: string; by: string };
}

type Inbox = MessageOf<
  | 'Start'
  | 'MetadataRequest'
  | 'ConnectionClosed'
  | 'ConnectionRefused'
  | 'RulesCommand'
  | 'RulesWritten'
  | 'ListenerChanged'
  | 'FlowCheckDue'
>;

const FLOW_IDLE = seconds(60);
/** Longer than any request stays open in NMI: 1.2 + 100 + 262 s. */
const OPEN_LONGEST = minutes(10);
/** Simplified: connections to a killed NMI are reset within this time, not at once. */
const FLOW_CHECK_PERIOD = seconds(1);

/** A node's netfilter. */
export const iptables = defineActor<IptablesState, Inbox>({
  kind: 'iptables',
  initial: () => ({ flows: {}, open: {}, sweptAt: 0 as Moment }),
  handlers: {
    Start: (_state, _message, turn) => {
      const node = nodeOf(turn);
      if (turn.table('nodeRules').get(node) === undefined) turn.table('nodeRules').put(node, noRules(node));
      turn.park(
        'flows',
        { type: 'FlowCheckDue' },
        { period: FLOW_CHECK_PERIOD, inputs: [{ actor: nmiOf(turn) }], label: 'net', start: 'quiet' },
      );
    },
    MetadataRequest: onMetadataRequest,
    ConnectionClosed: (state, { request }, turn) => {
      const isWithNmi = Object.hasOwn(state.open, request);
      delete state.open[request];
      turn.send(isWithNmi ? nmiOf(turn) : imdsOf(turn), { type: 'ConnectionClosed', request });
    },
    ConnectionRefused: (state, { request, replyTo }, turn) => {
      delete state.open[request];
      refuse({ request, replyTo }, turn);
    },
    RulesCommand: onRulesCommand,
    RulesWritten: onRulesWritten,
    ListenerChanged: onListenerChanged,
    FlowCheckDue: (state, _message, turn) => {
      const rules = rulesOf(turn);
      if (rules.listener === 'down' || turn.isAlive(nmiOf(turn))) return;
      resetNmiFlows(state, turn);
      turn.table('nodeRules').put(rules.node, { ...rules, listener: 'down' });
    },
  },
});

function onListenerChanged(state: IptablesState, change: MessageOf<'ListenerChanged'>, turn: Turn): void {
  const rules = rulesOf(turn);
  if (change.state === 'settled') {
    if (!isAccepted(rules) || rules.listener === 'down') turn.table('nodeRules').put(rules.node, { ...written(rules), listener: 'up' });
    return;
  }
  if (change.state === 'closed') state.open = {};
  if (change.state !== 'up') resetNmiFlows(state, turn);
  const listener = change.state === 'up' ? 'up' : 'down';
  if (rules.listener !== listener) turn.table('nodeRules').put(rules.node, { ...rules, listener });
}

function onMetadataRequest(state: IptablesState, message: MessageOf<'MetadataRequest'>, turn: Turn): void {
  sweep(state, turn.now);
  const to = establishedTo(state, message.connection, turn) ?? decide(message, turn);
  if (to === 'refused') {
    refuse(message, turn);
    return;
  }
  if (message.connection !== '') state.flows[message.connection] = { to, usedAt: turn.now };
  if (to === 'imds') {
    turn.send(imdsOf(turn), message, { ifAbsent: { type: 'ConnectionRefused', request: message.request, replyTo: message.replyTo } });
    return;
  }
  state.open[message.request] = { replyTo: message.replyTo, since: turn.now };
  turn.send(nmiOf(turn), message, { ifAbsent: { type: 'ConnectionRefused', request: message.request, replyTo: message.replyTo } });
}

/** Where an established connection goes on to; a connection whose NMI is gone was closed, so the client's next packet opens a new one. */
function establishedTo(state: IptablesState, connection: string, turn: Turn): 'nmi' | 'imds' | undefined {
  const flow = connection === '' ? undefined : state.flows[connection];
  if (flow === undefined || isForgotten(flow, turn.now)) return undefined;
  return flow.to === 'nmi' && !isListening(turn) ? undefined : flow.to;
}

function decide(message: MessageOf<'MetadataRequest'>, turn: Turn): Destination {
  const { network, sourceIP } = message;
  const to = destinationOf({ ...rulesOf(turn), listener: isListening(turn) ? 'up' : 'down' }, { network, sourceIP });
  turn.fact({ type: 'connection-routed', node: nodeOf(turn), pod: message.sender, to, network, request: message.request });
  return to;
}

/** The port is open while the process lives that opened it. */
function isListening(turn: Turn): boolean {
  return rulesOf(turn).listener === 'up' && turn.isAlive(nmiOf(turn));
}

function refuse(request: { readonly request: string; readonly replyTo: string }, turn: Turn): void {
  turn.send(request.replyTo, { type: 'MetadataResponse', request: request.request, status: 0, servedBy: 'kernel' });
}

function onRulesCommand(state: IptablesState, { request, op }: MessageOf<'RulesCommand'>, turn: Turn): void {
  const rules = rulesOf(turn);
  switch (op) {
    case 'ensure':
      ensure(state, request, turn);
      return;
    case 'remove':
      abandonWriting(state, turn);
      replace(removed(rules), turn.from, turn);
      break;
    case 'flush':
      replace(flushed(rules), turn.from, turn);
      break;
    case 'reverse':
      replace(reversed(rules), turn.from, turn);
      break;
    case 'forgetFlows':
      // The next packet of such a connection is redirected to a socket that does not know it: reset, and a new connection.
      state.flows = {};
  }
  turn.reply({ type: 'RulesDone', request, changed: op !== 'forgetFlows' });
}

/** NMI's check: the chain is flushed and written again if its members are not as expected, then the jump is made sure of. */
function ensure(state: IptablesState, request: string, turn: Turn): void {
  const rules = rulesOf(turn);
  if (isChainAccepted(rules)) {
    if (!isAccepted(rules)) replace(written(rules), turn.from, turn);
    turn.reply({ type: 'RulesDone', request, changed: !isAccepted(rules) });
    return;
  }
  abandonWriting(state, turn);
  replace({ ...rules, chain: 'empty' }, turn.from, turn);
  state.writing = { request, by: turn.from };
  turn.setTimer('write', turn.draw('nmi.iptables.flushWindow', nodeOf(turn)), { type: 'RulesWritten' }, { label: 'nmiStart' });
}

function onRulesWritten(state: IptablesState, _message: MessageOf<'RulesWritten'>, turn: Turn): void {
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
  if (before.chain === rules.chain && before.jump === rules.jump) return;
  turn.table('nodeRules').put(rules.node, rules);
  if (redirects(before) === redirects(rules)) return;
  turn.fact({ type: 'rules-changed', node: rules.node, redirect: redirects(rules) ? 'on' : 'off', by });
}

/** NMI's process is gone: its kernel closes what it had open. Requests answered before are resets nobody waits for. */
function resetNmiFlows(state: IptablesState, turn: Turn): void {
  for (const request of Object.keys(state.open).sort()) {
    const open = state.open[request];
    if (open !== undefined) refuse({ request, replyTo: open.replyTo }, turn);
  }
  if (Object.keys(state.open).length > 0) state.open = {};
  for (const id of Object.keys(state.flows)) if (state.flows[id]?.to === 'nmi') delete state.flows[id];
}

/** Forgets what is idle, at most once a minute. */
function sweep(state: IptablesState, now: Moment): void {
  if (now - state.sweptAt < FLOW_IDLE) return;
  state.sweptAt = now;
  for (const [id, flow] of Object.entries(state.flows)) if (isForgotten(flow, now)) delete state.flows[id];
  for (const [id, open] of Object.entries(state.open)) if (now - open.since > OPEN_LONGEST) delete state.open[id];
}

/** Idleness counts from the last request, as answers do not pass here: one through NMI may be under way for minutes. */
function isForgotten(flow: { readonly to: 'nmi' | 'imds'; readonly usedAt: Moment }, now: Moment): boolean {
  return now - flow.usedAt > (flow.to === 'nmi' ? OPEN_LONGEST : FLOW_IDLE);
}

function rulesOf(turn: Turn): NodeRules {
  const node = nodeOf(turn);
  return turn.table('nodeRules').get(node) ?? noRules(node);
}

function nodeOf(turn: Turn): string {
  return turn.self.slice('iptables/'.length);
}

/** IMDS of the node's VM, which bears the node's name. */
function imdsOf(turn: Turn): string {
  return `imds/${turn.table('virtualMachines').get(nodeOf(turn))?.name ?? nodeOf(turn)}`;
}

function nmiOf(turn: Turn): string {
  return `nmi/${nodeOf(turn)}`;
}
