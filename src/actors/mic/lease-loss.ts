/**
 * A leader whose renewals did not succeed in time (§3.1): the real one exits at once, calls under way and all.
 *
 * Follows pkg/mic/mic.go:NewLeaderElector (OnStoppedLeading).
 */
import type { Turn } from '../../model/vocabulary.ts';
import { runForLeader } from './leadership.ts';
import { endProcess } from './process.ts';
import { recordElection } from './recorder.ts';
import { newMic } from './state.ts';
import type { MicState } from './state.ts';

/** The renewals did not succeed in time: the process stops leading and exits at once. */
export function onRenewDeadline(state: MicState, turn: Turn): void {
  if (!turn.knob('mic.lease.exitOnLoss')) {
    standDown(state, turn);
    return;
  }
  // The Event "stopped leading" is lost with the process: it exits before its recorder comes to write.
  endProcess(state, { code: 1, reason: 'leader election lost' }, turn);
}

/** What-if of a process that survives its loss: its loop ends, what was under way is forgotten, and it asks for the lock again. */
function standDown(state: MicState, turn: Turn): void {
  const fresh = newMic();
  state.workers = fresh.workers;
  state.tasks = fresh.tasks;
  state.pass = undefined;
  state.loop = fresh.loop;
  state.lease = fresh.lease;
  for (const id of ['sync', 'reconcile', 'loop', 'synced', 'renew-retry', 'resync/azureIdentities', 'resync/azureIdentityBindings'])
    turn.cancelTimer(id);
  turn.fact({ type: 'mic-stopped', replica: turn.self, reason: 'leader election lost' });
  recordElection(state, { regarding: `Endpoints/${turn.knob('mic.lease.lockObject')}`, what: 'stopped leading' }, turn);
  runForLeader(state, turn);
}
