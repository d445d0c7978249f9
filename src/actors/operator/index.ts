/**
 * The scripted human: acts out the story, step by step, through the same doors as any operator (kubectl, az, ssh).
 *
 *   StoryDue ─► ApiRequest ─► kube-apiserver        a refused ARM call (409, 429, 5xx) is tried again, as the az client does
 *            ├► ArmRequest ─► arm ──► ArmResponse ──┘
 *            └► signals, faults, stalls
 *
 * Simplified: kubectl and az answer what the servers know at that instant (no cache of their own).
 */
import type { Duration } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { isOwnRecord } from '../../model/mic/lease.ts';
import { principalIdOf } from '../../model/principal-ref.ts';
import { CLOUD_CONFIG_KEY } from '../../model/settings.ts';
import type { OperatorAction } from '../../model/story.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { askApi, askToDelete, onApiAnswer, sendAgain } from './api-calls.ts';
import { askArm, onArmResponse } from './arm-calls.ts';
import { drain, lookForPods, onPodsListed } from './drain.ts';
import { freeze, thaw } from './freezing.ts';
import { actOnNode, onSpotEviction } from './nodes.ts';
import { lookAfterSecrets, onSecretCareDue, onSecretRefused } from './secrets.ts';
import { nextRequest, plain } from './state.ts';
import type { OperatorState } from './state.ts';

type External = Extract<OperatorAction, { kind: 'external' }>;
type Inbox = MessageOf<
  | 'Start'
  | 'StoryDue'
  | 'DrainDue'
  | 'ApiResponse'
  | 'ArmResponse'
  | 'FederatedCredentialDone'
  | 'RetryDue'
  | 'StallOver'
  | 'SpotEvictionDue'
  | 'SecretRefused'
  | 'SecretCareDue'
>;

/** The scripted human. */
export const operator = defineActor<OperatorState, Inbox>({
  kind: 'operator',
  initial: () => ({ requests: 0, calls: {}, asks: {}, stalls: {}, frozen: {}, drains: {}, rotating: {} }),
  handlers: {
    Start: onStart,
    StoryDue: onStoryDue,
    DrainDue: (state, { node }, turn) => {
      lookForPods(state, node, turn);
    },
    ApiResponse: (state, message, turn) => {
      const listed = onApiAnswer(state, message, turn);
      if (listed !== '') onPodsListed(state, listed, message.objects ?? [], turn);
    },
    ArmResponse: onArmResponse,
    // What Microsoft Graph says to an application's federated credential is read by nobody: a refused one is not there.
    FederatedCredentialDone: () => undefined,
    StallOver: (state, { id }, turn) => {
      restore(state, id, turn);
    },
    SpotEvictionDue: (state, { node }, turn) => {
      onSpotEviction(state, node, turn);
    },
    SecretRefused: onSecretRefused,
    SecretCareDue: onSecretCareDue,
    RetryDue: (state, { request }, turn) => {
      const call = state.calls[request];
      if (call === undefined) sendAgain(state, request, turn);
      else turn.send('arm', { type: 'ArmRequest', request, call: plain(call) });
    },
  },
});

/** One timer for all steps of one time: they are acted out in the order in which they are written. */
function onStart(_state: OperatorState, _message: MessageOf<'Start'>, turn: Turn): void {
  const times = new Set<Duration>();
  for (const step of turn.table('story').all()) {
    if (times.has(step.at)) continue;
    times.add(step.at);
    turn.setTimer(step.id, step.at, { type: 'StoryDue', step: step.id }, { label: 'idle' });
  }
  lookAfterSecrets(turn);
}

function onStoryDue(state: OperatorState, { step }: MessageOf<'StoryDue'>, turn: Turn): void {
  const first = turn.table('story').get(step);
  if (first === undefined) throw new Error(`no step ${step} in the story`);
  for (const row of turn.table('story').by('time', String(first.at))) {
    turn.fact({ type: 'story-step', step: row.id, text: row.text });
    for (const [n, action] of row.actions.entries()) {
      if (action.kind === 'external') spawnClient(action, `${row.id}/${String(n)}`, turn);
      else act(state, action, turn);
    }
  }
}

/** Sets another client of ARM to work; it finds its job again by its id. */
function spawnClient({ writer, job }: External, place: string, turn: Turn): void {
  turn.spawn({ id: `${writer}/${place}`, kind: 'arm-client' }, { type: 'ExternalJobGiven', job });
}

function act(state: OperatorState, action: Exclude<OperatorAction, External>, turn: Turn): void {
  switch (action.kind) {
    case 'api':
      if (action.call.verb === 'delete') askToDelete(state, action.call, turn);
      else askApi(state, action.call, turn);
      return;
    case 'arm':
      askArm(state, action.call, turn);
      return;
    case 'signal':
      for (const pod of podsOf(action, turn)) signal(pod, action.signal, turn);
      return;
    case 'roll':
      for (const principal of turn.table('servicePrincipals').by('resource', action.resourceId.toLowerCase())) {
        if (principal.deletedAt === undefined) turn.send('aad', { type: 'CredentialRollDue', objectId: principal.objectId });
      }
      return;
    case 'credential':
      turn.send('aad', action.change);
      return;
    case 'rotateSigningKeys':
      turn.send('oidc-issuer', { type: 'SigningKeyRotationWanted' });
      return;
    case 'claim':
      turn.send('aad', { type: 'ClaimChange', objectId: principalIdOf(turn, action.of) ?? '', change: { ...action.change } });
      return;
    case 'principal':
      turn.send('aad', { type: 'PrincipalChange', objectId: principalIdOf(turn, action.of) ?? '', change: action.change });
      return;
    case 'cloudConfig':
      turn.table('cloudConfigs').put(CLOUD_CONFIG_KEY, { ...action.config });
      for (const pod of podsOf({ component: 'mic', which: 'all' }, turn))
        if (turn.isAlive(`mic/${pod}`)) turn.send(`mic/${pod}`, { type: 'CloudConfigWritten', how: action.how });
      return;
    case 'inject':
      turn.inject(action.rule);
      return;
    case 'restore':
      restore(state, action.id, turn);
      return;
    case 'stall':
      stall(state, action, turn);
      return;
    case 'freeze':
      freeze(state, { ...action, pods: podsOf(action, turn) }, turn);
      return;
    case 'drain':
      drain(state, action.node, turn);
      return;
    case 'disturbRules':
      disturbRules(state, action, turn);
      return;
    case 'taint':
    case 'machine':
    case 'removeNode':
      actOnNode(state, action, turn);
  }
}

function disturbRules(state: OperatorState, action: Extract<OperatorAction, { kind: 'disturbRules' }>, turn: Turn): void {
  const everyNode = turn.table('nodes').all();
  const nodes = action.node === 'all' ? everyNode.map(({ metadata }) => metadata.name) : [action.node];
  for (const node of nodes)
    turn.send(`iptables/${node}`, { type: 'RulesCommand', request: nextRequest(state, turn), op: action.op, hold: action.hold });
}

function podsOf(action: Pick<Extract<OperatorAction, { kind: 'signal' }>, 'component' | 'which'>, turn: Turn): readonly string[] {
  if (action.component === 'mic') {
    const all = turn
      .table('pods')
      .all()
      .filter((pod) => pod.spec.containers.some((container) => container.image.includes('/mic:')))
      .map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`);
    const leader = lockHolder(turn);
    return action.which === 'leader' ? all.filter((pod) => isOwnRecord(leader, { pod, instance: turn.knob('mic.lease.instance') })) : all;
  }
  const nodes =
    action.which === 'all'
      ? turn
          .table('nodes')
          .all()
          .map((node) => node.metadata.name)
      : [action.which];
  return nodes.flatMap((node) =>
    turn
      .table('pods')
      .by('node', node)
      .filter((pod) => pod.spec.containers.some((container) => container.image.includes('/nmi:')))
      .map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`),
  );
}

/** Name of whoever holds MIC's lock, `''` if nobody does. */
function lockHolder(turn: Turn): string {
  return turn.table('leases').get(turn.knob('mic.lease.lockObject'))?.spec.holder ?? '';
}

function signal(pod: string, kind: 'SIGTERM' | 'SIGKILL', turn: Turn): void {
  const node = turn.table('pods').get(pod)?.spec.nodeName;
  if (node !== undefined) turn.send(`kubelet/${node}`, { type: 'KillContainer', pod, signal: kind });
}

function stall(state: OperatorState, action: Extract<OperatorAction, { kind: 'stall' }>, turn: Turn): void {
  const [leader = ''] = action.watcher === 'mic' ? podsOf({ component: 'mic', which: 'leader' }, turn) : [];
  const watcher = action.watcher === 'mic' ? `mic/${leader}` : action.watcher;
  state.stalls[action.id] = { watcher, table: action.table };
  turn.stall(watcher, action.table as 'pods', 'frozen');
  if (action.ends === 'timeout')
    turn.setTimer(`stall/${action.id}`, turn.draw('watch.timeout', watcher), { type: 'StallOver', id: action.id }, { label: 'watch' });
}

function restore(state: OperatorState, id: string, turn: Turn): void {
  const frozen = state.stalls[id];
  if (frozen === undefined) {
    if (thaw(state, id, turn) === 'unknown') turn.restore(id);
    return;
  }
  turn.cancelTimer(`stall/${id}`);
  turn.stall(frozen.watcher, frozen.table as 'pods', 'flowing');
  delete state.stalls[id];
}
