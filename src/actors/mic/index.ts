/**
 * MIC, the managed identity controller of AAD Pod Identity: it writes AzureAssignedIdentities for pods that match a binding, and puts
 * the identities on their VMs and scale sets.
 *
 * Follows aad-pod-identity v1.8.17 (cmd/mic, pkg/mic, pkg/cloudprovider, pkg/crd, pkg/pod), main path, ordinary failures and known
 * weaknesses (W1 to W49 of the behaviour description in docs/FIDELITY.md).
 *
 *   pod, binding, identity change ─► event ─► cycle ─► one worker per VM or scale set:
 *     POST Created ─► GET, PATCH, poll ─► status Assigned                      (what is new)
 *                     GET, PATCH, poll ─► status Unassigned ─► DELETE, PUT     (what goes)
 *   and beside it: the lock (leadership.ts), the token (arm-token.ts), Events (recorder.ts), reconcile every 3 min (reconcile.ts).
 */
import type { MessageOf } from '../../model/messages/index.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { settleToken } from './arm-token.ts';
import { armResyncs, cachesOf, onResync, watchAll } from './caches.ts';
import { onCloudConfigWritten } from './cloud-clients.ts';
import { DesiredRows } from './desired-rows.ts';
import { clearTables, findDifferences, listAll, skipToNow } from './desired-set.ts';
import { onLeaseDue, runForLeader, settleAtLock } from './leadership.ts';
import { onRenewDeadline } from './lease-loss.ts';
import { onIdentityLookup } from './lookup.ts';
import { armTickers, beginWith, enqueue, onLoopDue, onReconcileTick, onSyncTick } from './loop.ts';
import { onRepeatDue } from './api-calls.ts';
import { begin, endProcess, hasClients, knowsNamespace, onProbe, onSignal, PANIC_EXIT } from './process.ts';
import { routeApiAnswer, routeArmAnswer, routeArmStep, routeTokenAnswer, routeTokenDue, routeWorkerDue } from './routing.ts';
import { beginLists, onListDue } from './startup.ts';
import { newMic } from './state.ts';
import type { MicInbox, MicState } from './state.ts';

import { beginUpgrade } from './type-upgrade.ts';

export type { MicInbox, MicState } from './state.ts';

/** The actor. Id: `mic/<namespace>/<pod>`; first message MicStarted. */
export const mic = defineActor<MicState, MicInbox>({
  kind: 'mic',
  initial: newMic,
  handlers: {
    MicStarted: onStarted,
    LeaseDue: (state, _message, turn) => onLeaseDue(state, turn),
    RenewDeadlineDue: (state, _message, turn) => onRenewDeadline(state, turn),
    MicCrashDue: (state, _message, turn) => endProcess(state, { code: PANIC_EXIT, reason: 'crash' }, turn),
    MicListDue: (state, { kind }, turn) => onListDue(state, kind, turn),
    ApiRepeatDue: (state, { request }, turn) => onRepeatDue(state, request, turn),
    CachesSynced: (state, _message, turn) => lead(state, 'cold', turn),
    LoopDue: (state, _message, turn) => onLoopDue(state, turn),
    PeriodicSyncDue: (state, _message, turn) => onSyncTick(state, turn),
    ReconcileDue: (state, _message, turn) => onReconcileTick(state, turn),
    ResyncDue: (state, message, turn) => enqueue(state, onResync(state, message.table, turn), turn),
    WorkerDue: routeWorkerDue,
    ArmStepDue: routeArmStep,
    MicTokenDue: routeTokenDue,
    CloudConfigWritten: onCloudConfigWritten,
    // While the caches fill, changes are part of the list that ends the filling.
    WatchEvent: (state, _message, turn) => enqueue(state, 1, turn),
    ApiResponse: onApiResponse,
    ArmResponse: routeArmAnswer,
    MetadataResponse: routeTokenAnswer,
    AadTokenResponse: routeTokenAnswer,
    IdentityLookup: onIdentityLookup,
    Probe: onProbe,
    Signal: onSignal,
  },
});

function onStarted(state: MicState, message: MessageOf<'MicStarted'>, turn: Turn): void {
  begin(state, message, turn);
  if (!knowsNamespace(state, turn) || !hasClients(state, turn)) return;
  if (!behaves(turn, 'micElectsLeader')) {
    workAlone(state, message.start, turn);
    return;
  }
  const place = message.start === 'settled' ? settleAtLock(state, turn) : 'free';
  if (place === 'free') runForLeader(state, turn);
  if (place === 'holder') leadSettled(state, turn);
}

/** Nobody is asked: every replica works as if it were the only one. */
function workAlone(state: MicState, start: 'settled' | 'cold', turn: Turn): void {
  if (start === 'settled') {
    leadSettled(state, turn);
    return;
  }
  turn.fact({ type: 'mic-leading', replica: turn.self });
  fillCaches(state, turn);
}

function leadSettled(state: MicState, turn: Turn): void {
  turn.fact({ type: 'mic-leading', replica: turn.self });
  settleToken(state, turn);
  watchAll(turn);
  lead(state, 'settled', turn);
}

function onApiResponse(state: MicState, message: MessageOf<'ApiResponse'>, turn: Turn): void {
  if (routeApiAnswer(state, message, turn) !== 'won') return;
  // Informers start only now: a standby has cold caches (W38).
  fillCaches(state, turn);
}

function fillCaches(state: MicState, turn: Turn): void {
  state.role = 'syncing';
  state.startup.wonAt = turn.now;
  if (beginUpgrade(state, turn) === 'done') beginLists(state, turn);
}

/** The caches are full: the loop begins. After a start every pod, identity and binding found is an event; a settled world is past that. */
function lead(state: MicState, start: 'settled' | 'cold', turn: Turn): void {
  state.role = 'leading';
  turn.fact({ type: 'mic-caches-synced', replica: turn.self });
  const caches = cachesOf(turn);
  const rows = new DesiredRows(turn);
  clearTables(turn);
  listAll(rows, caches, turn);
  armTickers(start, turn);
  armResyncs(start, turn);
  if (start === 'settled') {
    state.isReconciled = true;
    // What does not match is not acted upon before the next event, as in the real one.
    findDifferences(rows, caches, turn);
    rows.commit();
    return;
  }
  rows.commit();
  skipToNow(turn);
  beginWith(state, caches.pods.all().length + caches.identities.all().length + caches.bindings.all().length, turn);
}
