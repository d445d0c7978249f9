/** The cluster autoscaler's memory. */
import { ORIGIN } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** A scale set as the autoscaler last read it, and what it wants of it. */
export interface PoolMemory {
  readonly pool: string;
  readonly scaleSet: string;
  readonly min: number;
  readonly max: number;
  /** Size as read or as written since [nodes] -- changes. */
  capacity: number;
  state: 'Succeeded' | 'Updating';
  /** Identities of the copy: what a version that writes the whole model back writes with it -- changes. */
  identities: readonly string[];
  systemAssigned: 'enabled' | 'disabled';
  /** When it was read -- changes. */
  readAt: Moment;
  /** Size it was told to grow to and when; undefined: nothing is on its way -- changes. */
  growing?: { readonly from: number; readonly to: number; readonly at: Moment };
  /** What is being thought about or asked for; one at a time -- changes. */
  asking: 'nothing' | 'read' | 'decision' | 'write';
  /** Left alone until then, after a failure -- changes. */
  backoffUntil: Moment;
}

/** The cluster autoscaler. */
export interface AutoscalerState {
  requests: number;
  /** By lower-case id of the scale set. */
  pools: Record<string, PoolMemory>;
  /** Since when each node is unneeded, by name -- changes. */
  unneeded: Record<string, Moment>;
  /** Since when each node is not Ready, by name -- changes. */
  unready: Record<string, Moment>;
  /** Nodes being emptied, and since when -- changes. */
  draining: Record<string, Moment>;
  /** Nodes whose deletion was asked for, and when -- changes. */
  leaving: Record<string, Moment>;
  /** No removals before -- changes. */
  quietUntil: Moment;
}

/** Before its first look. */
export function blankState(): AutoscalerState {
  return { requests: 0, pools: {}, unneeded: {}, unready: {}, draining: {}, leaving: {}, quietUntil: ORIGIN };
}

/** Id of the next request; `about` comes back with the answer. */
export function nextRequest(state: AutoscalerState, turn: Turn, about: string): string {
  state.requests += 1;
  return `${turn.self}#${String(state.requests)} ${about}`;
}
