/**
 * Giving the lock back: a record without a holder, so that the next candidate to look takes it at once.
 *
 * Follows client-go tools/leaderelection (release). MIC sets ReleaseOnCancel off and has no handler that could cancel anything (§3.1,
 * W38); the knob is the what-if of a version that has both.
 */
import type { Turn } from '../../model/vocabulary.ts';
import { callApi } from './api-calls.ts';
import type { MicState } from './state.ts';

/** As leader, and where the knob says so, writes the record without its holder. */
export function releaseLock(state: MicState, turn: Turn): void {
  const isLeader = state.role === 'syncing' || state.role === 'leading';
  if (!isLeader || !turn.knob('mic.lease.releaseOnCancel')) return;
  const row = turn.table('leases').get(turn.knob('mic.lease.lockObject'));
  if (row === undefined) return;
  const object = { ...row, spec: { ...row.spec, holder: '', renewedAt: turn.now } };
  callApi(state, 'core', { verb: 'update', object }, { part: 'lease' }, turn);
}
