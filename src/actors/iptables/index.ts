/**
 * A node's netfilter: the nat rules for the metadata address, the port NMI listens on, and connection tracking.
 *
 * Follows the Linux nat table as aad-pod-identity v1.8.17 uses it (`pkg/nmi/iptables`): nat is asked once per connection, so what was
 * decided then holds for the connection's life, whatever becomes of the rules.
 *
 *   pod ─MetadataRequest─► rules in? ─yes─► port open? ─yes─► nmi/<node>
 *                            │ no                │ no
 *                            ▼                   ▼
 *                         imds/<vm>        refused (status 0)          a policy against the port: dropped (status 0, later)
 *
 * Simplified: a connection is forgotten 60 s after its last request (10 min, if that went to NMI); a reset connection is followed by a
 * new one at once, as clients do.
 */
import { minutes, seconds } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { METADATA_ENDPOINT, allowsEgress, redirectTarget } from '../../model/egress.ts';
import { destinationOf, isAccepted, noRules, written } from '../../model/iptables-rules.ts';
import type { Destination } from '../../model/iptables-rules.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { imdsOf, initialState, nmiOf, nodeOf, rulesOf } from './state.ts';
import type { IptablesState } from './state.ts';
import { onLockFree, onRulesCommand, onRulesWritten } from './writing.ts';

type Inbox = MessageOf<
  | 'Start'
  | 'MetadataRequest'
  | 'ConnectionClosed'
  | 'ConnectionRefused'
  | 'ProcessGone'
  | 'RulesCommand'
  | 'RulesWritten'
  | 'LockFreeDue'
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
  initial: initialState,
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
    ProcessGone: onProcessGone,
    RulesCommand: onRulesCommand,
    RulesWritten: onRulesWritten,
    LockFreeDue: onLockFree,
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
  if (listener === 'up') state.upSince = { event: turn.event, at: turn.now };
  else delete state.upSince;
  if (rules.listener === listener && (listener === 'down' || rules.target === change.address)) return;
  const { target: before, ...bare } = rules;
  const target = listener === 'up' ? change.address : before;
  turn.table('nodeRules').put(rules.node, { ...bare, listener, ...(target === undefined ? {} : { target }) });
}

function onMetadataRequest(state: IptablesState, message: MessageOf<'MetadataRequest'>, turn: Turn): void {
  sweep(state, turn.now);
  // What a process of the host sends to NMI's own port meets no rule.
  const to = message.to === 'nmi' ? toPort(turn) : (establishedTo(state, message.connection, turn) ?? decide(message, turn));
  if (to === 'refused') {
    refuse(message, turn);
    return;
  }
  if (to === 'dropped') {
    const { request, replyTo, connectTimeout } = message;
    const wait = connectTimeout ?? turn.knob('net.connectTimeout');
    turn.send(replyTo, { type: 'MetadataResponse', request, status: 0, servedBy: 'kernel' }, { after: wait, label: 'clientTimeout' });
    return;
  }
  if (message.connection !== '') state.flows[message.connection] = { to, usedAt: turn.now };
  if (to === 'imds') {
    turn.send(imdsOf(turn), message, { ifAbsent: { type: 'ConnectionRefused', request: message.request, replyTo: message.replyTo } });
    return;
  }
  state.open[message.request] = { replyTo: message.replyTo, since: turn.now };
  citeListener(state, turn);
  turn.send(nmiOf(turn), message, { ifAbsent: { type: 'ConnectionRefused', request: message.request, replyTo: message.replyTo } });
}

/** Whoever tried before NMI listened was refused. */
function citeListener({ upSince }: IptablesState, turn: Turn): void {
  if (upSince === undefined) return;
  turn.cite({ event: upSince.event, arrivedAt: upSince.at, label: 'nmiStart', mode: 'condition', polls: ['clientBackoff', 'appRetry'] });
}

/** Where an established connection goes on to; a connection whose NMI is gone was closed, so the client's next packet opens a new one. */
function establishedTo(state: IptablesState, connection: string, turn: Turn): 'nmi' | 'imds' | undefined {
  const flow = connection === '' ? undefined : state.flows[connection];
  if (flow === undefined || isForgotten(flow, turn.now)) return undefined;
  return flow.to === 'nmi' && !isListening(turn) ? undefined : flow.to;
}

function decide(message: MessageOf<'MetadataRequest'>, turn: Turn): Destination {
  const { network, sourceIP } = message;
  const open = destinationOf({ ...rulesOf(turn), listener: isListening(turn) ? 'up' : 'down' }, { network, sourceIP });
  const to = isLetOut(message, open, turn) ? open : 'dropped';
  turn.fact({ type: 'connection-routed', node: nodeOf(turn), pod: message.sender, to, network, request: message.request });
  return to;
}

/** Whether a network policy lets a pod's packet go where the nat table sent it. */
function isLetOut({ network, sender }: MessageOf<'MetadataRequest'>, to: Destination, turn: Turn): boolean {
  if (network === 'host') return true;
  const policy = turn.table('egressPolicies').get(sender.slice(0, sender.indexOf('/')));
  return allowsEgress(policy, to === 'imds' ? METADATA_ENDPOINT : redirectTarget(rulesOf(turn).target ?? turn.knob('nmi.listenAddress')));
}

function toPort(turn: Turn): 'nmi' | 'refused' {
  return isListening(turn) ? 'nmi' : 'refused';
}

/** The port is open while the process lives that opened it. */
function isListening(turn: Turn): boolean {
  return rulesOf(turn).listener === 'up' && turn.isAlive(nmiOf(turn));
}

function refuse(request: { readonly request: string; readonly replyTo: string }, turn: Turn): void {
  turn.send(request.replyTo, { type: 'MetadataResponse', request: request.request, status: 0, servedBy: 'kernel' });
}

/** NMI hears that the clients of its open requests are gone; those it has answered it knows no more. */
function onProcessGone(state: IptablesState, { process }: MessageOf<'ProcessGone'>, turn: Turn): void {
  for (const request of Object.keys(state.open).sort()) {
    if (state.open[request]?.replyTo !== process) continue;
    delete state.open[request];
    turn.send(nmiOf(turn), { type: 'ConnectionClosed', request });
  }
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
