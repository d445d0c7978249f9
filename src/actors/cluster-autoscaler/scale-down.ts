/**
 * Shrinking: nodes that are little used, or not Ready, for long enough go; empty ones several at once, others one by one, emptied first.
 *
 * Follows `core/scaledown`. Simplified: whether its pods find room elsewhere is counted, not tried out; pods without a controller keep
 * their node, as upstream; disruption budgets are the API server's affair.
 */
import { after, between } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { Node } from '../../model/kubernetes.ts';
import { controllerOf } from '../../model/pod-template.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { movingPods, roomElsewhere, stayingNodes } from './cluster-view.ts';
import { nextRequest } from './state.ts';
import type { AutoscalerState, PoolMemory } from './state.ts';

/** Looks at the nodes of a pool; answers whether there is something to come back for. */
export function lookForWaste(state: AutoscalerState, resource: string, turn: Turn): 'waiting' | 'none' {
  const pool = state.pools[resource];
  if (pool === undefined) return 'none';
  const nodes = stayingNodes(state, pool.pool, turn);
  for (const node of nodes) judge(state, node, turn);
  const spare = Math.min(nodes.length, pool.capacity) - pool.min;
  const ripe = nodes.filter((node) => isRipe(state, node.metadata.name, turn)).slice(0, Math.max(0, spare));
  if (turn.now >= state.quietUntil && pool.asking === 'nothing' && pool.growing === undefined) removeSome(state, resource, ripe, turn);
  const isDraining = nodes.some(({ metadata }) => state.draining[metadata.name] !== undefined);
  const isTimed = spare > 0 && nodes.some(({ metadata }) => (state.unneeded[metadata.name] ?? state.unready[metadata.name]) !== undefined);
  return isDraining || isTimed ? 'waiting' : 'none';
}

/** Forgets nodes that are gone. */
export function forgetGone(state: AutoscalerState, turn: Turn): void {
  for (const memory of [state.unneeded, state.unready, state.draining, state.leaving]) {
    for (const node of Object.keys(memory)) if (turn.informer('nodes').get(node) === undefined) drop(memory, node);
  }
}

function judge(state: AutoscalerState, node: Node, turn: Turn): void {
  const { name } = node.metadata;
  note(state.unready, name, !node.status.ready ? 'yes' : 'no', turn);
  note(state.unneeded, name, node.status.ready && isUnneeded(name, node.status.maxPods, turn) ? 'yes' : 'no', turn);
}

function note(memory: Record<string, Moment>, name: string, holds: 'yes' | 'no', turn: Turn): void {
  if (holds === 'no') drop(memory, name);
  else memory[name] ??= turn.now;
}

function isUnneeded(name: string, maxPods: number, turn: Turn): boolean {
  const moving = movingPods(name, turn);
  if (moving.length / Math.max(1, maxPods) >= turn.knob('ca.scaleDown.utilThreshold')) return false;
  return moving.every((pod) => controllerOf(pod) !== '') && moving.length <= (moving.length === 0 ? 0 : roomElsewhere(name, turn));
}

function isRipe(state: AutoscalerState, name: string, turn: Turn): boolean {
  const unneeded = state.unneeded[name];
  const unready = state.unready[name];
  if (unneeded !== undefined && between(unneeded, turn.now) >= turn.knob('ca.scaleDown.unneeded')) return true;
  return unready !== undefined && between(unready, turn.now) >= turn.knob('ca.scaleDown.unreadyTime');
}

function removeSome(state: AutoscalerState, resource: string, ripe: readonly Node[], turn: Turn): void {
  const names = ripe.map(({ metadata }) => metadata.name);
  const isEmpty = (name: string): boolean => state.unready[name] !== undefined || movingPods(name, turn).length === 0;
  const empty = names.filter(isEmpty).slice(0, turn.knob('ca.maxEmptyBulkDelete'));
  for (const name of empty) remove(state, resource, name, turn);
  if (empty.length > 0) return;
  const [next] = names.filter((name) => state.draining[name] !== undefined).concat(names);
  if (next !== undefined) drain(state, resource, next, turn);
}

/** Cordons and evicts; the node goes when it is empty, or when its pods have had their time. */
function drain(state: AutoscalerState, resource: string, name: string, turn: Turn): void {
  const begun = state.draining[name];
  if (begun !== undefined) {
    if (between(begun, turn.now) >= turn.knob('ca.maxGracefulTermination')) remove(state, resource, name, turn);
    return;
  }
  state.draining[name] = turn.now;
  const cordon = { verb: 'nodeStatus', key: name, unschedulable: true } as const;
  turn.send('kube-apiserver', { type: 'ApiRequest', request: nextRequest(state, turn, 'cordon'), call: cordon });
  for (const pod of movingPods(name, turn))
    turn.send('kube-apiserver', {
      type: 'ApiRequest',
      request: nextRequest(state, turn, 'evict'),
      call: { verb: 'evict', key: keyOf(pod) },
    });
}

function remove(state: AutoscalerState, resource: string, name: string, turn: Turn): void {
  const pool: PoolMemory | undefined = state.pools[resource];
  if (pool === undefined) return;
  turn.fact({ type: 'pool-scaled', pool: pool.pool, from: pool.capacity, to: pool.capacity - 1, why: 'unneeded' });
  pool.capacity -= 1;
  state.quietUntil = after(turn.now, turn.knob('ca.scanInterval'));
  for (const memory of [state.unneeded, state.unready, state.draining]) drop(memory, name);
  state.leaving[name] = turn.now;
  const call = { op: 'deleteInstance', scaleSet: pool.scaleSet, instance: name } as const;
  turn.send('arm', { type: 'ArmRequest', request: nextRequest(state, turn, `delete ${resource}`), call });
}

function drop(memory: Record<string, Moment>, name: string): void {
  Reflect.deleteProperty(memory, name);
}
