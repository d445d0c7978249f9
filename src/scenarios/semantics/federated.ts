/** Resolves federated credentials, of the world and of the story. */
import { subjectOf } from '../../model/workload-identity.ts';
import type { FederatedDescription, IdentityDescription, StepAction } from '../description.ts';
import type { ApplicationDescription } from '../description/azure-start.ts';
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
    const { name, issuer, subject } = federatedOf(scope, putFederatedCredential);
    const holder = holderOf(scope, putFederatedCredential, [...path, 'putFederatedCredential']);
    if (holder === undefined) return undefined;
    if ('id' in holder) return { verb: 'putFederatedCredential', identityId: holder.id, name, issuer, subject };
    const change = { type: 'FederatedCredentialWanted', operation: '', principalId: holder.objectId, name, issuer, subject } as const;
    return { verb: 'changeCredential', application: holder.name, change };
  }
  if (deleteFederatedCredential === undefined) return undefined;
  const { name } = deleteFederatedCredential;
  const holder = holderOf(scope, deleteFederatedCredential, [...path, 'deleteFederatedCredential']);
  if (holder === undefined) return undefined;
  if ('id' in holder) return { verb: 'deleteFederatedCredential', identityId: holder.id, name };
  const change = { type: 'FederatedCredentialUnwanted', operation: '', principalId: holder.objectId, name } as const;
  return { verb: 'changeCredential', application: holder.name, change };
}

/** Whose federated credential a step is about: an identity's go through ARM, an application's through Microsoft Graph. */
function holderOf(
  scope: Scope,
  { identity, application }: { readonly identity?: string | undefined; readonly application?: string | undefined },
  path: Path,
): IdentityDescription | ApplicationDescription | undefined {
  if (application !== undefined) return scope.application(application, [...path, 'application']);
  return scope.identity(identity ?? '', [...path, 'identity']);
}
