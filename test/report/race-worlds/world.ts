/** What worlds of races are made of. */
import type { Moment } from '../../../src/kernel/time.ts';
import type { AzureAssignedIdentity } from '../../../src/model/kubernetes.ts';
import { assigned, azureIdentity, pod, READER, settings, settledWorld } from '../objects.ts';
import { writes } from '../scripted-run.ts';
import type { Filling, Step } from '../scripted-run.ts';

/** What is there (default: the settled world), and what happens. */
export interface World {
  readonly fill?: Filling;
  readonly steps: readonly Step[];
  /** Occasions on which it could have happened. */
  readonly examined: number;
}

/** An example: number of the event, seconds since the start, pod, and the clause that tells of it. */
export type Example = readonly [event: number, at: number, pod: string, text: string];

/** A world in which it happens. */
interface Shows extends World {
  readonly count: number;
  readonly first: Example;
  /** With how long it lasted [s]; only of classes that can tell. */
  readonly worst?: readonly [...Example, lasted: number];
}

/** A class that is shown, and one that is spared. */
export interface RacePair {
  readonly shows: readonly Shows[];
  readonly spares: readonly World[];
}

export const KEY = 'default/web-default-reader';
export const WEB = 'default/web';
export const MIC = 'default/mic-1';
export const unassigned: Filling = { ...settledWorld(), azureAssignedIdentities: {} };
export const created: Filling = { ...settledWorld(), azureAssignedIdentities: { [KEY]: assigned('web', 'Created') } };
export const at = (version: string, fill: Filling = settledWorld()): Filling => ({
  ...fill,
  settings: { podIdentity: settings({ version }) },
});
export const assign = (after: number, row: AzureAssignedIdentity | undefined, key = KEY): Step =>
  writes(after, 'azureAssignedIdentities', { [key]: row });
export const podGone = (after: number): Step => writes(after, 'pods', { [WEB]: undefined });
export const told = writes(1, 'pods', { [WEB]: pod('web', { deleted: 1 }) });
export const going = (status: 'Assigned' | 'Unassigned'): AzureAssignedIdentity => {
  const one = assigned('web', status);
  return { ...one, metadata: { ...one.metadata, deletionTimestamp: 1 as Moment } };
};
/** A second AzureIdentity, which names the same Azure identity (in other letters), or another. */
export const again = (resourceID = READER.toUpperCase(), type: 0 | 1 | 2 = 0): AzureAssignedIdentity => {
  const one = assigned('web', 'Created');
  const identity = azureIdentity();
  return {
    ...one,
    metadata: { ...one.metadata, name: 'web-default-again' },
    spec: { ...one.spec, azureIdentityRef: { ...identity, spec: { ...identity.spec, type, resourceID } } },
  };
};
export const AGAIN = 'default/web-default-again';
