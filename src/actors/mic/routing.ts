/** Brings answers and timers to the part of the process that waits for them, and what that ends to whoever comes next. */
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { addressOf, isOwnRequest, settleCall } from './api-calls.ts';
import { onTokenAnswer, onTokenDue } from './arm-token.ts';
import type { TokenOutcome } from './arm-token.ts';
import { onArmAnswer, onTaskDue, onTokenForTask } from './cloud.ts';
import type { CloudOutcome } from './cloud.ts';
import { endWorker, introduceWorker } from './cycle.ts';
import { onLockAnswer } from './leadership.ts';
import type { ElectionOutcome } from './leadership.ts';
import { endReconcile, sleepAfterCycle } from './loop.ts';
import { RECONCILE_TASK, onPassOutcome } from './reconcile.ts';
import { onEventWritten } from './recorder.ts';
import { beginLists, onListAnswer } from './startup.ts';
import type { MicState } from './state.ts';
import { noteStatistics } from './statistics.ts';
import { onUpgradeAnswer } from './type-upgrade.ts';
import { beginWorker, onCloudOutcome, onItemAnswer } from './worker.ts';
import type { WorkerOutcome } from './worker.ts';

/** The API server answered. Answers to an earlier process of this pod are not ours. */
export function routeApiAnswer(state: MicState, message: MessageOf<'ApiResponse'>, turn: Turn): ElectionOutcome {
  const address = isOwnRequest(state, turn, message.request) ? addressOf(message.request) : undefined;
  if (address === undefined || settleCall(state, message, turn) === 'repeated') return 'undecided';
  switch (address.part) {
    case 'lease':
      return onLockAnswer(state, message, turn);
    case 'recorder':
      onEventWritten(state, turn);
      return 'undecided';
    case 'item':
      if (noteStatistics(state, address.worker, turn) === 'killed') return 'undecided';
      afterWorker(state, address.worker, onItemAnswer(state, address, message, turn), turn);
      return 'undecided';
    case 'upgrade':
      if (onUpgradeAnswer(state, message, turn) === 'done') beginLists(state, turn);
      return 'undecided';
    case 'list':
      onListAnswer(state, address.kind, message, turn);
      return 'undecided';
  }
}

/** ARM answered. */
export function routeArmAnswer(state: MicState, message: MessageOf<'ArmResponse'>, turn: Turn): void {
  const key = message.request.split('~')[2];
  if (key === undefined || !isOwnRequest(state, turn, message.request)) return;
  afterTask(state, key, onArmAnswer(state, key, message, turn), turn);
}

/** A task's timer came due. */
export function routeArmStep(state: MicState, message: MessageOf<'ArmStepDue'>, turn: Turn): void {
  afterTask(state, message.task, onTaskDue(state, message.task, turn), turn);
}

/** The metadata address or Entra answered. */
export function routeTokenAnswer(state: MicState, message: MessageOf<'MetadataResponse' | 'AadTokenResponse'>, turn: Turn): void {
  afterToken(state, onTokenAnswer(state, message, turn), turn);
}

/** A wait for the token is over. */
export function routeTokenDue(state: MicState, { client }: MessageOf<'MicTokenDue'>, turn: Turn): void {
  afterToken(state, onTokenDue(state, client, turn), turn);
}

/** A worker's time to begin. */
export function routeWorkerDue(state: MicState, message: MessageOf<'WorkerDue'>, turn: Turn): void {
  introduceWorker(state, message.resource, turn);
  afterWorker(state, message.resource, beginWorker(state, message.resource, turn), turn);
}

function afterToken(state: MicState, outcome: TokenOutcome | undefined, turn: Turn): void {
  if (outcome === undefined) return;
  for (const key of outcome.waiters) afterTask(state, key, onTokenForTask(state, key, outcome.error, turn), turn);
}

function afterTask(state: MicState, key: string, outcome: CloudOutcome | undefined, turn: Turn): void {
  if (outcome === undefined) return;
  if (key !== RECONCILE_TASK) {
    if (noteStatistics(state, key, turn) === 'killed') return;
    afterWorker(state, key, onCloudOutcome(state, key, outcome, turn), turn);
    return;
  }
  if (onPassOutcome(state, outcome, turn) === 'over') endReconcile(state, turn);
}

function afterWorker(state: MicState, name: string, outcome: WorkerOutcome, turn: Turn): void {
  if (outcome === 'done' && endWorker(state, name, turn) === 'over' && state.loop.phase === 'cycle') sleepAfterCycle(state, turn);
}
