/**
 * The founding document's example beside reality: which milestones are which of its four steps, and its words for them.
 *
 * The document says "a service account that can be used to map identities"; in reality that is several objects: the ServiceAccounts of
 * MIC and NMI with their rights, then AzureIdentity and AzureIdentityBinding, which do the mapping. It says that NMI queries the MIC; in
 * reality MIC writes AzureAssignedIdentity objects, and NMI reads those.
 */
import type { Milestone } from './milestones.ts';

/** A step of the document's example. */
export interface DocumentStep {
  readonly step: 1 | 2 | 3 | 4;
  readonly words: string;
}

const STEPS: Readonly<Record<DocumentStep['step'], string>> = {
  1: 'the cluster operator creates a service account that can be used to map identities',
  2: 'the NMI server and MIC are deployed',
  3: 'a pod with a managed identity requests an access token through the NMI server',
  4: 'the token is returned to the pod and used to access the service',
};

/** Whether the milestone belongs to a step only where pod identity is installed. */
const STEP_OF: Readonly<Partial<Record<Milestone, DocumentStep['step']>>> = {
  serviceAccount: 1,
  azureIdentityCreated: 1,
  bindingCreated: 1,
  micStarted: 2,
  micLeading: 2,
  nmiServing: 2,
  redirectOn: 2,
  podCreated: 3,
  podScheduled: 3,
  podStarted: 3,
  assignmentCreated: 3,
  patchStarted: 3,
  patchEnded: 3,
  assigned: 3,
  tokenAsked: 3,
  nmiAnswered: 4,
  tokenAnswered: 4,
  serviceAccessed: 4,
};

/** Step of a milestone in a world with pod identity; undefined if the document's example does not have it. */
export function documentStepOf(milestone: Milestone): DocumentStep | undefined {
  const step = STEP_OF[milestone];
  return step === undefined ? undefined : { step, words: STEPS[step] };
}
