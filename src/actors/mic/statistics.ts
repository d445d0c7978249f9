/**
 * The statistics of a cycle, a map that its workers share.
 *
 * Follows aad-pod-identity #390: `pkg/stats.Update` wrote it without a lock, from as many goroutines as there were workers and writes of
 * theirs; Go ends a process in which two meet. Simplified: whether two meet is chance, once for each answer while another worker is at it.
 */
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { endProcess, PANIC_EXIT } from './process.ts';
import type { MicState } from './state.ts';

/** A worker notes what an answer took. Answers whether the process lives on. */
export function noteStatistics(state: MicState, name: string, turn: Turn): 'alive' | 'killed' {
  if (!behaves(turn, 'micSharesStatistics') || !isAnotherAtIt(state, name)) return 'alive';
  if (turn.draw('mic.statistics.collisionProb', turn.self) === 0) return 'alive';
  endProcess(state, { code: PANIC_EXIT, reason: 'fatal error: concurrent map writes' }, turn);
  return 'killed';
}

function isAnotherAtIt({ workers }: MicState, name: string): boolean {
  return Object.values(workers).some((worker) => worker.name !== name && worker.phase !== 'starting');
}
