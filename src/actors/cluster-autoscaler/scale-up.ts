/**
 * Growing: pods that fit nowhere want nodes.
 *
 * Follows `core/static_autoscaler.go` and the Azure provider's scale sets. Simplified: the expander picks a pool by chance (AKS's default),
 * and all pods are of one size.
 */
import { after, between, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { hasLabels } from '../../model/selectors.ts';
import { isAdmittedBy } from '../../model/taints.ts';
import type { Pod } from '../../model/kubernetes.ts';
import type { ArmCall } from '../../model/messages/arm.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { daemonPods, pendingPods, readyNodes, stayingNodes } from './cluster-view.ts';
import { nextRequest } from './state.ts';
import type { AutoscalerState, PoolMemory } from './state.ts';

/** Looks for pods in need; answers whether any are. */
export function lookForNeed(state: AutoscalerState, turn: Turn): 'need' | 'none' {
  const pending = pendingPods(turn);
  if (pending.length === 0) return 'none';
  const chances = Object.keys(state.pools)
    .sort()
    .filter((resource) => canGrow(state, resource, turn))
    .map((resource) => ({ resource, pods: pending.filter((pod) => isFit(resource, pod, turn)).length }))
    .filter(({ pods }) => pods > 0);
  if (chances.length === 0) return 'need';
  const chosen = chances[Math.floor(turn.uniform('expander', turn.self) * chances.length)];
  if (chosen !== undefined) decide(state, chosen.resource, chosen.pods, turn);
  return 'need';
}

/** The time of thinking is over: asks ARM. */
export function onDecided(state: AutoscalerState, resource: string, capacity: number, turn: Turn): void {
  const pool = state.pools[resource];
  if (pool === undefined) return;
  turn.fact({ type: 'pool-scaled', pool: pool.pool, from: pool.capacity, to: capacity, why: 'pendingPods' });
  pool.growing = { from: pool.capacity, to: capacity, at: turn.now };
  pool.capacity = capacity;
  pool.asking = 'write';
  state.quietUntil = after(turn.now, turn.knob('ca.scaleDown.delayAfterAdd'));
  askForSize(state, resource, turn);
}

/** Sends the wanted size of a pool. */
function askForSize(state: AutoscalerState, resource: string, turn: Turn): void {
  const pool = state.pools[resource];
  if (pool === undefined) return;
  turn.send('arm', { type: 'ArmRequest', request: nextRequest(state, turn, `size ${resource}`), call: sizeCall(pool, turn) });
}

/** Faithful: version 1.13.1 writes back the whole model of its copy, the read-only fields of identities included. */
function sizeCall(pool: PoolMemory, turn: Turn): ArmCall {
  const { scaleSet: name, capacity } = pool;
  if (turn.knob('ca.write') === 'capacity') return { op: 'scaleScaleSet', name, capacity };
  const systemAssigned = pool.systemAssigned === 'enabled';
  return { op: 'putScaleSet', name, instances: capacity, systemAssigned, identities: [...pool.identities], entries: 'echoed' };
}

/** A write was refused: the pool keeps its size and is left alone for a while. */
export function onRefused(state: AutoscalerState, resource: string, turn: Turn): void {
  const pool = state.pools[resource];
  if (pool === undefined) return;
  const { from = pool.capacity, to = pool.capacity } = pool.growing ?? {};
  turn.fact({ type: 'pool-scaled', pool: pool.pool, from: to, to: from, why: 'refused' });
  pool.capacity = from;
  delete pool.growing;
  giveUp(state, pool, turn);
}

/** Nodes that did not come in time count as failed: the pool goes back to what it has and is left alone. Answers whether some are awaited. */
export function watchGrowth(state: AutoscalerState, resource: string, turn: Turn): 'awaited' | 'none' {
  const pool = state.pools[resource];
  if (pool?.growing === undefined) return 'none';
  const here = readyNodes(state, pool.pool, turn);
  if (here >= pool.capacity) {
    delete pool.growing;
    return 'none';
  }
  if (between(pool.growing.at, turn.now) < turn.knob('ca.maxNodeProvisionTime')) return 'awaited';
  const left = stayingNodes(state, pool.pool, turn).length;
  turn.fact({ type: 'pool-scaled', pool: pool.pool, from: pool.capacity, to: left, why: 'notProvisioned' });
  pool.capacity = left;
  delete pool.growing;
  giveUp(state, pool, turn);
  pool.asking = 'write';
  askForSize(state, resource, turn);
  return 'none';
}

function giveUp(state: AutoscalerState, pool: PoolMemory, turn: Turn): void {
  pool.backoffUntil = after(turn.now, turn.draw('ca.poolBackoff', pool.pool));
  state.quietUntil = after(turn.now, turn.knob('ca.scaleDown.delayAfterFailure'));
}

function canGrow(state: AutoscalerState, resource: string, turn: Turn): boolean {
  const pool = state.pools[resource];
  if (pool?.asking !== 'nothing' || turn.now < pool.backoffUntil) return false;
  if (pool.state === 'Updating' && turn.knob('ca.blockedWhileVmssUpdating')) return false;
  return pool.capacity < mostOf(state, pool, turn);
}

/** Nodes the pool may have: what its owner allows, and what AKS does. */
function mostOf(state: AutoscalerState, pool: PoolMemory, turn: Turn): number {
  const isKubenet = turn.table('settings').all()[0]?.network === 'kubenet';
  const cluster = turn.knob(isKubenet ? 'limits.nodesPerCluster.kubenet' : 'limits.nodesPerCluster');
  const others = turn.table('nodes').size - stayingNodes(state, pool.pool, turn).length;
  return Math.min(pool.max, turn.knob('limits.nodesPerCluster.perPool'), Math.max(0, cluster - others));
}

/** Whether a new node of a pool would take a pod. Its labels are those its kubelet registers with. */
function isFit(resource: string, pod: Pod, turn: Turn): boolean {
  const row = turn.table('nodePools').get(resource);
  if (row === undefined) return false;
  return hasLabels({ agentpool: row.pool, 'kubernetes.io/os': 'linux' }, pod.spec.nodeSelector) && isAdmittedBy(row.taints, pod.spec);
}

function decide(state: AutoscalerState, resource: string, pods: number, turn: Turn): void {
  const pool = state.pools[resource];
  if (pool === undefined) return;
  const maxPods = turn.table('nodePools').get(resource)?.maxPods ?? 1;
  const room = Math.max(1, maxPods - daemonPods(turn));
  const upcoming = Math.max(0, pool.capacity - readyNodes(state, pool.pool, turn));
  const wanted = Math.ceil(pods / room) - upcoming;
  if (wanted <= 0) return;
  pool.asking = 'decision';
  const capacity = Math.min(mostOf(state, pool, turn), pool.capacity + wanted);
  turn.setTimer(`scale|${resource}`, thinkTime(pool, turn), { type: 'ScaleDue', resource, capacity }, { label: 'other' });
}

/** Time to decide. The wait for the look has passed already: at most half a period on average, which the cap leaves room for. */
function thinkTime(pool: PoolMemory, turn: Turn): Duration {
  const isSmall = turn.table('nodes').size < LARGE;
  const took = turn.draw(isSmall ? 'ca.decision.small.think' : 'ca.decision.large.think', pool.pool);
  const waited = scaled(turn.knob('ca.scanInterval'), 0.5);
  const cap = turn.knob(isSmall ? 'ca.decision.small.cap' : 'ca.decision.large.cap');
  return Math.max(0, Math.min(took, cap - waited)) as Duration;
}

/** From here on the FAQ gives the figures of a large cluster [nodes]. */
const LARGE = 100;
