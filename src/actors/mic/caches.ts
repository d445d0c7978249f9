/**
 * Caches and triggers (§3.2, §3.3): what a new leader lists, which changes become events, and the resyncs.
 *
 * Follows pkg/pod/pod.go:addPodHandler, pkg/crd/crd.go (newBindingInformer, newIDInformer, newAssignedIDInformer), pkg/mic/node.go. One
 * event means one cycle and carries nothing; what changed is read from the caches when the cycle runs. The event channel's limit of 100
 * needs no model: behind it every informer buffers without limit, so events are late but never lost nor merged.
 */
import type { Duration } from '../../kernel/time.ts';
import { scaled } from '../../kernel/time.ts';
import type { AzureAssignedIdentity, AzureIdentity, AzureIdentityBinding, Node, Pod } from '../../model/kubernetes.ts';
import type { Informer } from '../../kernel/informer.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { MicState } from './state.ts';

/** The five caches as they are in this turn. */
export interface Caches {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly identities: Informer<AzureIdentity>;
  readonly bindings: Informer<AzureIdentityBinding>;
  readonly assigned: Informer<AzureAssignedIdentity>;
}

/** Opens the caches for one turn. */
export function cachesOf(turn: Turn): Caches {
  return {
    pods: turn.informer('pods'),
    nodes: turn.informer('nodes'),
    identities: turn.informer('azureIdentities'),
    bindings: turn.informer('azureIdentityBindings'),
    assigned: turn.informer('azureAssignedIdentities'),
  };
}

/**
 * Begins to follow the API. Pods wake for additions, deletions and changes of node or label only; AzureIdentities and bindings for
 * everything; assigned identities and nodes never: their changes wait for a cycle that something else starts (W2, W6).
 */
export function watchAll(turn: Turn): void {
  turn.watch('pods', { projection: behaves(turn, 'micSyncsOnLabelChange') ? 'placement' : 'node' });
  turn.watch('azureIdentities');
  turn.watch('azureIdentityBindings');
  turn.watch('pods', { mode: 'collect', projection: 'placement' });
  turn.watch('azureIdentities', { mode: 'collect' });
  turn.watch('azureIdentityBindings', { mode: 'collect' });
  turn.watch('azureAssignedIdentities', { mode: 'collect' });
  turn.watch('nodes', { mode: 'collect', projection: 'placement' });
  turn.watch('computeResources', { mode: 'collect' });
}

/** Arms the resyncs of the two informers whose resyncs are events. */
export function armResyncs(start: 'settled' | 'cold', turn: Turn): void {
  for (const table of ['azureIdentities', 'azureIdentityBindings'] as const) {
    armResync(table, firstOf(turn.knob('informer.resync.mic.crds'), `mic/resync/${table}`, start, turn), turn);
  }
}

/** A resync: one event for every object, although nothing changed. Answers how many. */
export function onResync(state: MicState, table: string, turn: Turn): number {
  if (table !== 'azureIdentities' && table !== 'azureIdentityBindings') return 0;
  armResync(table, turn.knob('informer.resync.mic.crds'), turn);
  return state.role === 'leading' ? turn.informer(table).all().length : 0;
}

/** First period of a timer: a whole one after a start, any part of one in a world that was running before. */
export function firstOf(period: Duration, stream: string, start: 'settled' | 'cold', turn: Turn): Duration {
  return start === 'cold' ? period : scaled(period, turn.uniform(stream, turn.self));
}

function armResync(table: 'azureIdentities' | 'azureIdentityBindings', wait: Duration, turn: Turn): void {
  turn.setTimer(`resync/${table}`, wait, { type: 'ResyncDue', table }, { label: 'micQueue' });
}
