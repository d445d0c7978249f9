/**
 * What a MIC process holds in memory, and its end where that is more than its container may have.
 *
 * Follows aad-pod-identity #180 and #408: up to 1.5.2 each cycle began goroutines that waited for the caches and never ended. Simplified:
 * what the caches themselves need counts as the base, whatever the size of the cluster; nothing else grows.
 */
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { endProcess } from './process.ts';
import type { MicState } from './state.ts';

const KIB_PER_MIB = 1024;

/** A cycle has begun. Answers whether the process lives on. */
export function growByCycle(state: MicState, turn: Turn): 'alive' | 'killed' {
  if (!behaves(turn, 'micLeaksMemory')) return 'alive';
  const held = heldAfter(state.loop.cycles, turn);
  if (held > heldAfter(state.loop.cycles - 1, turn)) turn.fact({ type: 'mic-memory-grew', replica: turn.self, mebibytes: held });
  if (held < turn.knob('mic.memory.limit')) return 'alive';
  endProcess(state, { code: 137, reason: 'OOMKilled' }, turn);
  return 'killed';
}

/** Whole MiB after so many cycles. */
function heldAfter(cycles: number, turn: Turn): number {
  return turn.knob('mic.memory.base') + Math.floor((cycles * turn.knob('mic.memory.leakPerCycle')) / KIB_PER_MIB);
}
