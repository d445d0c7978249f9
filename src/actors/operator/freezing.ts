/**
 * Freezing and thawing: a process that is stopped where it stands, or the whole machine under it (a node that stalls, a VM that is
 * paused or moved). What was under way waits, and comes at once when it runs on.
 */
import type { Turn } from '../../model/vocabulary.ts';
import type { OperatorState } from './state.ts';

/** What is to be frozen: the pods of the processes meant, and how much with them. */
export interface Freezing {
  readonly id: string;
  readonly component: 'mic' | 'nmi';
  readonly pods: readonly string[];
  readonly scope: 'process' | 'machine';
}

/** Freezes, until {@link thaw} of that id. */
export function freeze(state: OperatorState, { id, component, pods, scope }: Freezing, turn: Turn): void {
  const found = new Set<string>();
  for (const pod of pods) {
    const node = turn.table('pods').get(pod)?.spec.nodeName ?? '';
    const actors = scope === 'machine' ? actorsOn(node, turn) : [component === 'mic' ? `mic/${pod}` : `nmi/${node}`];
    for (const actor of actors) found.add(actor);
  }
  const frozen = [...found].filter((actor) => turn.isAlive(actor)).sort();
  state.frozen[id] = [...(state.frozen[id] ?? []), ...frozen];
  for (const actor of frozen) turn.freeze(actor, 'frozen');
}

/** Lets what was frozen run on; says whether there was such an id. */
export function thaw(state: OperatorState, id: string, turn: Turn): 'thawed' | 'unknown' {
  const frozen = state.frozen[id];
  if (frozen === undefined) return 'unknown';
  for (const actor of frozen) turn.freeze(actor, 'running');
  Reflect.deleteProperty(state.frozen, id);
  return 'thawed';
}

/** Everything that runs on a node. IMDS does not: it is the host's. */
function actorsOn(node: string, turn: Turn): readonly string[] {
  const pods = turn.table('pods').by('node', node);
  const processes = pods.flatMap(({ metadata }) => ['mic', 'pod'].map((kind) => `${kind}/${metadata.namespace}/${metadata.name}`));
  return [`kubelet/${node}`, `iptables/${node}`, `nmi/${node}`, ...processes];
}
