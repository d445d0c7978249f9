/**
 * cluster-autoscaler: as many nodes as the pods need, within the bounds of each pool.
 *
 *   scan (each ca.scanInterval, while something is to be done) ─► scale sets read, if their copy is old (ca.vmssCacheTtl)
 *     pods that fit nowhere ─(ca.decision.*)─► ARM: more instances ─► nodes register, or the pool is left alone (ca.poolBackoff)
 *     nodes unneeded for ca.scaleDown.unneeded ─► emptied ─► ARM: instance deleted
 *
 * Follows kubernetes/autoscaler `cluster-autoscaler/core` and its Azure provider. It looks only where a pod or node changed, or while it
 * waits for something; a look costs what the pools it keeps have in nodes, as upstream.
 */
import { ORIGIN, between } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { ComputeResource } from '../../model/azure.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { forgetGone, lookForWaste } from './scale-down.ts';
import { lookForNeed, onDecided, onRefused, watchGrowth } from './scale-up.ts';
import { blankState, nextRequest } from './state.ts';
import type { AutoscalerState, PoolMemory } from './state.ts';

/** What it can be told. */
export type AutoscalerInbox = MessageOf<'Start' | 'ScanDue' | 'ScaleDue' | 'ArmResponse' | 'ApiResponse'>;

/** The actor `cluster-autoscaler`. */
export const clusterAutoscaler = defineActor<AutoscalerState, AutoscalerInbox>({
  kind: 'cluster-autoscaler',
  initial: blankState,
  handlers: {
    Start: onStart,
    ScanDue: onScanDue,
    ScaleDue: (state, { resource, capacity }, turn) => {
      onDecided(state, resource, capacity, turn);
    },
    ArmResponse: onArmResponse,
    // What became of a cordon or an eviction shows in the cluster at the next look.
    ApiResponse: () => undefined,
  },
});

function onStart(state: AutoscalerState, _message: MessageOf<'Start'>, turn: Turn): void {
  for (const row of turn.table('computeResources').all()) {
    const resource = row.id.toLowerCase();
    const pool = turn.table('nodePools').get(resource);
    if (row.kind !== 'vmss' || pool?.autoscaler === undefined) continue;
    const { min, max } = pool.autoscaler;
    const memory = { pool: pool.pool, scaleSet: row.name, min, max, capacity: row.capacity } as const;
    state.pools[resource] = { ...memory, ...copyOf(row), readAt: turn.now, asking: 'nothing', backoffUntil: ORIGIN };
  }
  const period = turn.knob('ca.scanInterval');
  const first = Math.round(turn.uniform('scan', turn.self) * period) as Duration;
  turn.park('scan', { type: 'ScanDue' }, { period, first, inputs: [{ table: 'pods' }, { table: 'nodes' }], label: 'other', start: 'due' });
}

function onScanDue(state: AutoscalerState, _message: MessageOf<'ScanDue'>, turn: Turn): void {
  let isBusy = lookForReads(state, turn) === 'reading';
  if (!isBusy) {
    forgetGone(state, turn);
    for (const resource of Object.keys(state.pools).sort()) if (watchGrowth(state, resource, turn) === 'awaited') isBusy = true;
    if (lookForNeed(state, turn) === 'need') isBusy = true;
    else for (const resource of Object.keys(state.pools).sort()) if (lookForWaste(state, resource, turn) === 'waiting') isBusy = true;
  }
  // Something is waited for that no change of a pod or node announces.
  if (isBusy) turn.worked();
}

/** Asks ARM for the scale sets whose copy is too old; nothing is decided before the answers. */
function lookForReads(state: AutoscalerState, turn: Turn): 'reading' | 'none' {
  let found: 'reading' | 'none' = 'none';
  for (const resource of Object.keys(state.pools).sort()) {
    const pool = state.pools[resource];
    if (pool === undefined || between(pool.readAt, turn.now) < turn.knob('ca.vmssCacheTtl')) continue;
    if (pool.asking !== 'nothing') continue;
    pool.asking = 'read';
    const call = { op: 'get', resource: { kind: 'vmss', name: pool.scaleSet } } as const;
    turn.send('arm', { type: 'ArmRequest', request: nextRequest(state, turn, `read ${resource}`), call });
    found = 'reading';
  }
  return found;
}

function onArmResponse(state: AutoscalerState, message: MessageOf<'ArmResponse'>, turn: Turn): void {
  const [, what = '', resource = ''] = message.request.split(' ');
  const pool = state.pools[resource];
  if (pool === undefined) return;
  if (what === 'delete') {
    pool.readAt = ORIGIN;
    return;
  }
  pool.asking = 'nothing';
  if (what === 'size' && message.status >= 400) {
    onRefused(state, resource, turn);
    return;
  }
  // A write that went through is not waited for: the nodes show.
  pool.readAt = what === 'read' ? turn.now : (Math.max(ORIGIN, pool.readAt) as Moment);
  if (what !== 'read' || message.resource === undefined) return;
  pool.capacity = message.resource.capacity;
  Object.assign(pool, copyOf(message.resource));
}

/** What the autoscaler keeps of a scale set as it reads it. */
function copyOf(resource: ComputeResource): Pick<PoolMemory, 'state' | 'identities' | 'systemAssigned'> {
  return {
    state: resource.provisioningState === 'Updating' ? 'Updating' : 'Succeeded',
    identities: [...resource.userAssigned],
    systemAssigned: resource.systemAssigned === undefined ? 'disabled' : 'enabled',
  };
}
