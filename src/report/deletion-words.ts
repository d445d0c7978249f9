/** Deletions, and what hung on them, in the words of the field. */
import type { CleanupItem, DeletionSection } from './document/index.ts';

/** What was deleted; `''` where its own name says that. */
const DELETED: Readonly<Record<DeletionSection['kind'], string>> = {
  pod: 'pod',
  azureIdentityBinding: 'AzureIdentityBinding',
  azureIdentity: 'AzureIdentity',
  node: 'node',
  scaleSet: 'scale set',
  vm: 'VM',
  managedIdentity: 'managed identity',
  roleAssignment: 'role assignment',
  groupMembership: 'membership of',
  appRole: 'application role',
  namespace: 'namespace',
  resourceGroup: 'resource group',
  cluster: '',
};

/** What hung on it; `''` where its own words say that. */
const ITEMS: Readonly<Record<CleanupItem['kind'], string>> = {
  assignedIdentity: 'AzureAssignedIdentity',
  grant: 'identity',
  servicePrincipal: 'service principal',
  machine: 'machine',
  object: '',
  roleAssignment: 'role assignment',
  federatedCredential: 'federated credential',
  imdsCredential: '',
  liveToken: '',
  danglingReference: 'reference to',
  acceptedAccess: '',
};

/** `managed identity orders-id`. */
export function deletedWords({ kind, name }: Pick<DeletionSection, 'kind' | 'name'>): string {
  return `${DELETED[kind]} ${name}`.trimStart();
}

/** `role assignment SQL DB Contributor on orders-db`. */
export function itemWords({ kind, what }: Pick<CleanupItem, 'kind' | 'what'>): string {
  return `${ITEMS[kind]} ${what}`.trimStart();
}
