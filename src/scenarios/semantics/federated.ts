/** Resolves federated credentials, of the world and of the story. */
import { subjectOf } from '../../model/workload-identity.ts';
import type { FederatedDescription, StepAction } from '../description.ts';
import type { StepSource } from '../schema/story-schema.ts';
import type { Path } from '../text/yaml-source.ts';
import type { Scope } from './scope.ts';

/** Issuer of a cluster that names none. */
export const DEFAULT_ISSUER = 'https://oidc.example/cluster/';

/** A federated credential as written. */
export interface FederatedSource {
  readonly name?: string | undefined;
  readonly serviceAccount?: string | undefined;
  readonly subject?: string | undefined;
  readonly issuer?: string | undefined;
  readonly missingFrom?: number | undefined;
}

/** A federated credential. */
export function federatedOf(scope: Pick<Scope, 'issuer'>, source: FederatedSource): FederatedDescription {
  const [namespace = '', account = ''] = (source.serviceAccount ?? '').split('/');
  const subject = source.subject ?? subjectOf(namespace, account);
  const name = source.name ?? subject.replaceAll(/[^A-Za-z0-9_-]+/gu, '-');
  return { name, issuer: source.issuer ?? scope.issuer, subject, missingFrom: source.missingFrom ?? 0 };
}

/** Reports what needs an issuer of tokens in a cluster that has none. */
export function needIssuer(scope: Scope, path: Path): void {
  if (scope.document.has(['world', 'cluster', 'workloadIdentity'])) return;
  scope.problem(path, 'needs world.cluster.workloadIdentity: without it the cluster issues no tokens that Entra takes');
}

/** The action of a step that writes or deletes one; undefined for other verbs, and where something is wrong. */
export function federatedAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { putFederatedCredential, deleteFederatedCredential, rotateSigningKeys } = source;
  if (rotateSigningKeys !== undefined) {
    needIssuer(scope, [...path, 'rotateSigningKeys']);
    return { verb: 'rotateSigningKeys' };
  }
  if (putFederatedCredential !== undefined) {
    const identity = scope.identity(putFederatedCredential.identity, [...path, 'putFederatedCredential', 'identity']);
    const { name, issuer, subject } = federatedOf(scope, putFederatedCredential);
    return identity && { verb: 'putFederatedCredential', identityId: identity.id, name, issuer, subject };
  }
  if (deleteFederatedCredential === undefined) return undefined;
  const identity = scope.identity(deleteFederatedCredential.identity, [...path, 'deleteFederatedCredential', 'identity']);
  return identity && { verb: 'deleteFederatedCredential', identityId: identity.id, name: deleteFederatedCredential.name };
}
