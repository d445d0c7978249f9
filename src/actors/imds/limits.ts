/** What keeps an IMDS from looking at a request at all: its upgrades and its limits per VM. */
import { after, between } from '../../kernel/time.ts';
import { take, tokenBucket } from '../../model/token-bucket.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ImdsState } from './state.ts';

/** Whether the VM may send one more identity request: by rate, and by how many are being answered. */
export function admitIdentity(state: ImdsState, turn: Turn): boolean {
  const taking = take(state.identityBucket ?? tokenBucket(turn.knob('imds.rate.identity')), turn.now);
  if (!taking.ok) return false;
  state.busyUntil = state.busyUntil.filter((until) => until > turn.now);
  let waiting = 0;
  for (const id of Object.keys(state.fetches)) waiting += state.fetches[id]?.waiting.length ?? 0;
  if (state.busyUntil.length + waiting >= turn.knob('imds.concurrency.identity')) return false;
  state.identityBucket = taking.bucket;
  return true;
}

/** Whether the VM may send one more request of another kind. */
export function admitGeneral(state: ImdsState, turn: Turn): boolean {
  const taking = take(state.generalBucket ?? tokenBucket(turn.knob('imds.rate.general')), turn.now);
  if (taking.ok) state.generalBucket = taking.bucket;
  return taking.ok;
}

/**
 * What IMDS answers because it is being upgraded now: 404 while its endpoint is being updated, then 410; undefined while it is not.
 * Upgrades are drawn one after another, only as far as someone asks: they cost no event.
 */
export function updateStatus(state: ImdsState, turn: Turn): 404 | 410 | undefined {
  while (state.updateUntil <= turn.now) {
    const pause = turn.drawAt('imds.update410.interarrival', turn.self, state.updates);
    const length = turn.drawAt('imds.update410.duration', turn.self, state.updates);
    if (pause + length === 0) return undefined;
    state.updateFrom = after(state.updateUntil, pause);
    state.updateUntil = after(state.updateFrom, length);
    state.updates += 1;
  }
  if (turn.now < state.updateFrom) return undefined;
  const share = turn.drawAt('imds.update404.fraction', turn.self, state.updates);
  return between(state.updateFrom, turn.now) < share * between(state.updateFrom, state.updateUntil) ? 404 : 410;
}
