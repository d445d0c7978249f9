/** What is asked of ARM, in a few words: the HTTP verb and the object. */
import type { ArmCall } from '../../model/messages/arm.ts';
import { lastPart } from '../value-text.ts';

type Words = { readonly [O in ArmCall['op']]: (call: Extract<ArmCall, { readonly op: O }>) => string };

const WORDS: Words = {
  get: ({ resource }) => `GET ${resource.name}`,
  patchIdentity: (call) => patchWords(call),
  putIdentities: ({ resource, identities }) => `PUT ${resource.name} with a list of ${String(identities.length)} identities`,
  pollOperation: () => 'poll operation',
  getInstanceView: ({ resource }) => `GET instances of ${resource.name}`,
  putVm: ({ name }) => `PUT ${name}`,
  putScaleSet: ({ name, instances }) => `PUT ${name} with ${String(instances)} instances`,
  scaleScaleSet: ({ name, capacity }) => `PATCH ${name} to ${String(capacity)} instances`,
  putTags: ({ resource }) => `PATCH tags of ${resource.name}`,
  deleteInstance: ({ instance }) => `DELETE instance ${instance}`,
  deleteResource: ({ resource }) => `DELETE ${resource.name}`,
  assignIdentity: ({ resource, identity }) => `assign ${lastPart(identity)} to ${resource.name}`,
  unassignIdentity: ({ resource, identity }) => `unassign ${lastPart(identity)} from ${resource.name}`,
  setSystemAssigned: ({ resource, state }) => `system-assigned identity of ${resource.name}: ${state}`,
  putIdentity: ({ name }) => `PUT identity ${name}`,
  getIdentity: ({ id }) => `GET identity ${lastPart(id)}`,
  deleteIdentity: ({ id }) => `DELETE identity ${lastPart(id)}`,
  putFederatedCredential: ({ identity, name }) => `PUT federated credential ${name} of ${lastPart(identity)}`,
  deleteFederatedCredential: ({ identity, name }) => `DELETE federated credential ${name} of ${lastPart(identity)}`,
  deleteResourceGroup: ({ name }) => `DELETE resource group ${name}`,
  deleteCluster: () => 'DELETE cluster',
  putAgentPool: ({ pool }) => `PUT agent pool ${pool}`,
  putPodIdentity: ({ namespace, name }) => `PUT cluster with pod identity ${namespace}/${name}`,
  deletePodIdentity: ({ namespace, name }) => `PUT cluster without pod identity ${namespace}/${name}`,
  putRoleAssignment: ({ role }) => `PUT role assignment ${role}`,
  deleteRoleAssignment: ({ role }) => `DELETE role assignment ${role}`,
};

/** `PATCH aks-pool1-vmss +1 -0`, `DELETE identity shop-id`. */
export function armWords(call: ArmCall): string {
  return (WORDS[call.op] as (call: ArmCall) => string)(call);
}

/** What facts call an operation by, as a noun: `the PATCH of identities`. */
const NOUNS: Readonly<Record<ArmCall['op'], string>> = {
  get: 'a GET',
  patchIdentity: 'a PATCH of its identities',
  putIdentities: 'a PUT of its model with another list of identities',
  pollOperation: 'a poll of an operation',
  getInstanceView: 'a GET of its instances',
  putVm: 'a PUT of the VM',
  putScaleSet: 'a PUT of the scale set',
  scaleScaleSet: 'a change of its size',
  putTags: 'a PATCH of its tags',
  deleteInstance: 'the deletion of an instance',
  deleteResource: 'its deletion',
  assignIdentity: 'the assignment of an identity',
  unassignIdentity: 'the removal of an identity',
  setSystemAssigned: 'a change of its system-assigned identity',
  putIdentity: 'the creation of an identity',
  getIdentity: 'a GET of the identity',
  deleteIdentity: 'the deletion of the identity',
  putFederatedCredential: 'a PUT of a federated credential',
  deleteFederatedCredential: 'the deletion of a federated credential',
  deleteResourceGroup: 'the deletion of the resource group',
  deleteCluster: 'the deletion of the cluster',
  putAgentPool: 'a PUT of an agent pool',
  putPodIdentity: 'a PUT of the cluster with another pod identity',
  deletePodIdentity: 'a PUT of the cluster without a pod identity',
  putRoleAssignment: 'a PUT of a role assignment',
  deleteRoleAssignment: 'the deletion of a role assignment',
};

/** An operation by its name, as a noun; the name itself where it is none. */
export function armOperationWords(op: string): string {
  return Object.hasOwn(NOUNS, op) ? NOUNS[op as ArmCall['op']] : op;
}

function patchWords(call: Extract<ArmCall, { readonly op: 'patchIdentity' }>): string {
  const delta = call.delta ?? [];
  const adds = delta.filter(({ action }) => action === 'add').length;
  const change = call.delta === undefined ? `type ${call.identityType}` : `+${String(adds)} -${String(delta.length - adds)}`;
  return `PATCH ${call.resource.name} ${change}`;
}
