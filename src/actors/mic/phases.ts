/**
 * In which order a worker goes through its phases.
 *
 *   with states:     creating → assigning → confirming → deleting
 *   without states:  assigning → creating (what comes), deleting → assigning (what goes)
 *
 * A worker without states has one assigned identity, so it either comes or goes. The second row follows the description of releases up to
 * 1.4 in the record of incidents; their sources wrote the object before the cloud at one time, and took it back after a failure.
 */
import type { Worker } from './state.ts';

/** Whether assigned identities have a state. */
export type States = 'states' | 'noStates';

type Phase = Worker['phase'];
type Load = Pick<Worker, 'kind' | 'changes' | 'error'>;

/** The phase a worker begins with. */
export function firstPhase(worker: Load, states: States): Phase {
  if (worker.kind === 'node') return 'removing';
  if (states === 'states') return 'creating';
  return worker.changes > 0 ? 'assigning' : 'deleting';
}

/** The phase after one that went well; undefined: the worker is done. */
export function phaseAfter(phase: Phase, worker: Load, states: States): Phase | undefined {
  switch (phase) {
    case 'creating':
      return states === 'states' ? 'assigning' : undefined;
    case 'assigning':
      if (states === 'states') return 'confirming';
      return worker.changes > 0 ? 'creating' : undefined;
    case 'confirming':
      return 'deleting';
    case 'deleting':
      // An object that could not be deleted keeps its identity on the resource.
      return states === 'states' || worker.error !== '' ? undefined : 'assigning';
    case 'starting':
    case 'checking':
    case 'settling':
    case 'removing':
      return undefined;
  }
}
