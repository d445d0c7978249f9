/**
 * Which of a pod's identities NMI takes. Follows aad-pod-identity v1.8.17 `pkg/nmi/standard.go:GetIdentities` and `managed.go`.
 */
import { BEHAVIOR_ANNOTATION } from '../kubernetes.ts';
import type { AzureIdentity } from '../kubernetes.ts';
import { namesIdentity } from './matching.ts';
import type { Wanted } from './matching.ts';

/** Who asks, and under which rule. */
export interface ChoiceQuestion {
  readonly wanted: Wanted;
  readonly podNamespace: string;
  /** Whether NMI runs namespaced. */
  readonly isNamespaced: boolean;
}

/** Identities a pod may use: namespaced ones (by flag, or by their own annotation) only in their own namespace. */
function eligible(identities: readonly AzureIdentity[], question: ChoiceQuestion): readonly AzureIdentity[] {
  return identities.filter(
    ({ metadata }) =>
      !(question.isNamespaced || metadata.annotations[BEHAVIOR_ANNOTATION] === 'namespaced') ||
      metadata.namespace === question.podNamespace,
  );
}

/**
 * Identities that NMI may take, in list order: any of them when none is named, else those that are exactly it.
 *
 * Faithful: letter case counts here, though not while waiting, so a client id in another case waits well and then fails.
 */
export function candidates(identities: readonly AzureIdentity[], question: ChoiceQuestion): readonly AzureIdentity[] {
  const { wanted } = question;
  const usable = eligible(identities, question);
  if (!namesIdentity(wanted)) return usable;
  return usable.filter(
    ({ spec }) =>
      (wanted.clientId !== '' && spec.clientID === wanted.clientId) || (wanted.resourceId !== '' && spec.resourceID === wanted.resourceId),
  );
}
