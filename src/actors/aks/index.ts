/**
 * The resource provider of AKS (Microsoft.ContainerService), as far as it owns the pod identities of a cluster with the add-on.
 *
 *   PodIdentityChange ─► checking: is every identity of the list there? ─no─► 400, and all of the list show Failed
 *                           │yes
 *                           └─► writing the machines of the pools ─► applying AzureIdentity and binding ─► 200, and all show Assigned
 *
 * Follows `az aks pod-identity add` and `delete` (azure-cli-extensions, aks-preview custom.py: each reads the cluster and writes it back
 * whole, with one pod identity more or less) and the answers that users had (Azure/AKS#2203, #2943, #3833): each write has the identities
 * of the list looked at, and one that is gone refuses the whole. NMI runs in managed mode, as the add-on has it.
 *
 * Simplified: the cluster identity may assign each identity that there is (`az` gives it the right when a pod identity is added), so only a
 * missing one is refused. An addition that is refused leaves nothing in the list. Nobody polls the writes of the machines.
 */
import { seconds } from '../../kernel/time.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { objectsOf, podIdentityKey } from '../../model/pod-identity-profile.ts';
import type { PodIdentityState } from '../../model/pod-identity-profile.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { initialAks } from './state.ts';
import type { AksState, Asked } from './state.ts';

type Inbox = MessageOf<'Start' | 'PodIdentityChange' | 'ArmResponse' | 'ApiResponse' | 'RetryDue'>;

/** Wait before a refused call is tried again where ARM names none. */
const RETRY_WAIT = seconds(5);

/** The actor `aks`. */
export const aks = defineActor<AksState, Inbox>({
  kind: 'aks',
  initial: initialAks,
  handlers: {
    // Its list stands in its table.
    Start: () => undefined,
    PodIdentityChange: onChange,
    ArmResponse: onArmResponse,
    ApiResponse: (state, { request }, turn) => {
      if (state.asked[request] === undefined) return;
      delete state.asked[request];
      if (isDone(state)) succeed(state, turn);
    },
    RetryDue: (state, { request }, turn) => {
      const asked = state.asked[request];
      if (asked !== undefined) turn.send('arm', { type: 'ArmRequest', request, call: callOf(state, asked) });
    },
  },
});

function onChange(state: AksState, { operation, action, subject, pools }: MessageOf<'PodIdentityChange'>, turn: Turn): void {
  const refuse = (status: number, code: string, message: string): void => {
    turn.send('arm', { type: 'PodIdentityDone', operation, status, error: { code, message } });
  };
  if (state.phase !== 'idle') {
    refuse(409, 'OperationNotAllowed', 'Another operation on the managed cluster is in progress.');
    return;
  }
  const list = turn.table('podIdentities');
  const same = list.get(podIdentityKey(subject));
  if (action === 'add' && same !== undefined && same.identity.toLowerCase() !== subject.identity.toLowerCase()) {
    refuse(
      400,
      'InvalidParameter',
      `Found pod identities use different identities with the same name '${subject.name}' in namespace '${subject.namespace}'.`,
    );
    return;
  }
  const most = turn.knob('aksAddon.podIdentities.max');
  if (action === 'add' && same === undefined && list.all().length >= most) {
    refuse(400, 'InvalidParameter', `A cluster has at most ${String(most)} pod identities.`);
    return;
  }
  state.operation = operation;
  state.action = action;
  state.subject = { ...subject, identity: action === 'add' ? subject.identity : (same?.identity ?? ''), clientId: same?.clientId ?? '' };
  state.pools = pools.map((pool) => ({ ...pool }));
  state.phase = 'checking';
  check(state, turn);
}

/** Looks at each identity of the list that is to be written; of what is on its way out as well, unless a knob says not. */
function check(state: AksState, turn: Turn): void {
  const key = podIdentityKey(state.subject);
  const isLeavingToo = turn.knob('aksAddon.podIdentities.checked') === 'all';
  const listed = turn
    .table('podIdentities')
    .all()
    .filter((one) => state.action === 'add' || isLeavingToo || podIdentityKey(one) !== key);
  const ids = new Map(listed.map(({ identity }) => [identity.toLowerCase(), identity]));
  if (state.action === 'add') ids.set(state.subject.identity.toLowerCase(), state.subject.identity);
  mark(state, turn, 'Updating');
  for (const id of ids.values()) ask(state, turn, { what: 'identity', of: id, kind: 'vmss' });
  if (ids.size === 0) write(state, turn);
}

function onArmResponse(state: AksState, { request, status, retryAfter, identity }: MessageOf<'ArmResponse'>, turn: Turn): void {
  const asked = state.asked[request];
  if (asked === undefined) return;
  if (status === 409 || status === 429 || status >= 500) {
    turn.setTimer(request, retryAfter ?? RETRY_WAIT, { type: 'RetryDue', request }, { label: 'arm' });
    return;
  }
  const { what, of } = asked;
  delete state.asked[request];
  if (what === 'identity') {
    if (status >= 400) {
      fail(state, turn, of);
      return;
    }
    if (of.toLowerCase() === state.subject.identity.toLowerCase() && identity !== undefined) state.subject.clientId = identity.clientId;
    if (isDone(state)) write(state, turn);
    return;
  }
  // A machine that is gone, or refuses, does not stop the rest: the list is what counts.
  if (isDone(state)) apply(state, turn);
}

/** Puts the identity on the machines of all pools, or takes it off them where no other pod identity has it. */
function write(state: AksState, turn: Turn): void {
  state.phase = 'writing';
  const { identity } = state.subject;
  const key = podIdentityKey(state.subject);
  const others = turn
    .table('podIdentities')
    .all()
    .filter((one) => podIdentityKey(one) !== key);
  const isShared = others.some((one) => one.identity.toLowerCase() === identity.toLowerCase());
  if (identity !== '' && !isShared) for (const { kind, name } of state.pools) ask(state, turn, { what: 'machine', of: name, kind });
  if (isDone(state)) apply(state, turn);
}

/** Makes the objects of the pod identity in the cluster, or deletes them. */
function apply(state: AksState, turn: Turn): void {
  state.phase = 'applying';
  const { namespace, name, identity, clientId } = state.subject;
  for (const object of objectsOf({ namespace, name, identity, clientId, state: 'Assigned' })) {
    const key = podIdentityKey({ namespace, name: object.metadata.name });
    const request = note(state, turn, { what: 'object', of: key, kind: 'vmss' });
    const call = state.action === 'add' ? ({ verb: 'apply', object } as const) : ({ verb: 'delete', kind: object.kind, key } as const);
    turn.send('kube-apiserver', { type: 'ApiRequest', request, call });
  }
}

function succeed(state: AksState, turn: Turn): void {
  const { operation, subject, action } = state;
  const key = podIdentityKey(subject);
  if (action === 'delete') turn.table('podIdentities').delete(key);
  else turn.table('podIdentities').put(key, { ...subject, state: 'Assigned' });
  mark(state, turn, 'Assigned');
  end(state, turn, '');
  turn.send('arm', { type: 'PodIdentityDone', operation, status: 200 });
}

/** Faithful: not the one that is at fault but each pod identity of the cluster shows Failed. */
function fail(state: AksState, turn: Turn, culprit: string): void {
  const { operation } = state;
  mark(state, turn, 'Failed');
  end(state, turn, culprit);
  const message = `Cluster identity has no assignment permission over identity '${culprit}'.`;
  turn.send('arm', {
    type: 'PodIdentityDone',
    operation,
    status: 400,
    error: { code: 'PodIdentityAddonIdentitiesAssignmentError', message },
  });
}

function end(state: AksState, turn: Turn, culprit: string): void {
  const { action, subject } = state;
  const outcome = culprit === '' ? 'Succeeded' : 'Failed';
  turn.fact({ type: 'aks-operation-ended', action, podIdentity: podIdentityKey(subject), outcome, culprit: culprit.toLowerCase() });
  state.phase = 'idle';
  state.operation = '';
  state.asked = {};
}

function mark(state: AksState, turn: Turn, to: PodIdentityState): void {
  const list = turn.table('podIdentities');
  for (const one of list.all()) {
    const isLeaving = to === 'Updating' && state.action === 'delete' && podIdentityKey(one) === podIdentityKey(state.subject);
    const next = isLeaving ? 'Deleting' : to;
    if (one.state !== next) list.put(podIdentityKey(one), { ...one, state: next });
  }
}

function isDone(state: AksState): boolean {
  return Object.keys(state.asked).length === 0;
}

function ask(state: AksState, turn: Turn, asked: Asked): void {
  const request = note(state, turn, asked);
  turn.send('arm', { type: 'ArmRequest', request, call: callOf(state, asked) });
}

function note(state: AksState, turn: Turn, asked: Asked): string {
  state.sent += 1;
  const request = `${turn.self}#${String(state.sent)}`;
  state.asked[request] = { ...asked };
  return request;
}

function callOf({ action, subject }: AksState, { what, of, kind }: Asked): ArmCall {
  if (what === 'identity') return { op: 'getIdentity', id: of };
  const change = { resource: { kind, name: of }, identity: subject.identity };
  return action === 'add' ? { op: 'assignIdentity', ...change } : { op: 'unassignIdentity', ...change };
}
