/** Sentences for steps whose author gave none. */
import { formatDuration } from '../../kernel/time.ts';
import type { RulesDisturbance } from '../../model/messages/token.ts';
import type { PrincipalRef, ResourceRef } from '../../model/messages/arm.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { FaultDescription, StepAction } from '../description.ts';

/** Most objects that are named one by one. */
const MOST_NAMED = 3;

const DISTURBED: Readonly<Record<RulesDisturbance, string>> = {
  flush: "empties NMI's chain on",
  reverse: "writes NMI's rules in the wrong order on",
  precede: "puts a rule before NMI's on",
  withdraw: "takes the rule before NMI's off",
  block: 'drops packets to NMI on',
  unblock: 'lets packets to NMI pass on',
  lock: 'holds the lock of xtables on',
};

/** What a step does, as a short sentence without a full stop. */
export function stepText(action: StepAction): string {
  switch (action.verb) {
    case 'apply':
      return `Apply ${action.file === '' ? objects(action.objects.map((object) => ({ kind: object.kind, key: keyOf(object) }))) : action.file}`;
    case 'delete':
      return `Delete ${objects(action.targets)}`;
    case 'disturbRules':
      return `Somebody ${DISTURBED[action.how]} ${action.node === 'all' ? 'all nodes' : action.node}`;
    case 'deleteNamespace':
      return `Delete the namespace ${action.namespace}`;
    case 'scale':
      return `Scale the ${action.what} ${action.key} to ${String(action.to)}`;
    case 'scalePool':
      return `Scale the node pool ${action.pool} to ${String(action.to)} nodes`;
    case 'scaleScaleSet':
      return `Scale the scale set ${action.name} to ${String(action.to)} instances`;
    case 'drain':
    case 'cordon':
    case 'taint':
    case 'machine':
    case 'removeNode':
      return nodeText(action);
    case 'kill':
      return `${action.signal} to ${action.component.toUpperCase()}, ${action.which}`;
    case 'freeze':
      return `Freeze ${action.component.toUpperCase()}, ${action.which}${action.scope === 'machine' ? ', and the machine it runs on' : ''}`;
    case 'fault':
      return `Fault ${action.fault.id}: ${faultText(action.fault)}`;
    case 'stall':
      return `${action.component === 'mic' ? 'MIC' : `NMI on ${action.node}`} sees no more changes of ${action.table}`;
    case 'rotateSigningKeys':
      return 'The cluster signs with a new key';
    case 'restore':
      return `${action.id} is over`;
    case 'externalWrite':
    case 'changeClaim':
    case 'changePrincipal':
      return action.what;
    case 'roll':
    case 'changeCredential':
    case 'rewriteCloudConfig':
    case 'deleteResourceGroup':
    case 'deleteCluster':
    case 'createIdentity':
    case 'deleteIdentity':
    case 'putFederatedCredential':
    case 'deleteFederatedCredential':
    case 'changePodIdentity':
    case 'assignIdentity':
    case 'unassignIdentity':
    case 'setSystemAssigned':
    case 'createVm':
    case 'createScaleSet':
    case 'deleteVm':
    case 'deleteScaleSet':
    case 'assignRole':
    case 'removeRole':
      return azureText(action);
  }
}

type ClusterVerb =
  | 'apply'
  | 'delete'
  | 'deleteNamespace'
  | 'scale'
  | 'scalePool'
  | 'scaleScaleSet'
  | 'drain'
  | 'cordon'
  | 'taint'
  | 'machine'
  | 'removeNode'
  | 'kill'
  | 'disturbRules'
  | 'fault'
  | 'freeze'
  | 'stall'
  | 'restore'
  | 'rotateSigningKeys'
  | 'externalWrite'
  | 'changeClaim'
  | 'changePrincipal';

const MACHINE_TEXTS: Readonly<Record<Extract<StepAction, { verb: 'machine' }>['how'], (node: string) => string>> = {
  reboot: (node) => `Reboot the machine of the node ${node}`,
  fail: (node) => `The machine of the node ${node} fails`,
  evictSpot: (node) => `Azure takes back the spot VM of the node ${node}`,
};

type NodeVerb = 'drain' | 'cordon' | 'taint' | 'machine' | 'removeNode';

function nodeText(action: Extract<StepAction, { verb: NodeVerb }>): string {
  switch (action.verb) {
    case 'drain':
      return `Drain the node ${action.node}`;
    case 'cordon':
      return `${action.state === 'open' ? 'Uncordon' : 'Cordon'} the node ${action.node}`;
    case 'taint':
      return taintText(action);
    case 'machine':
      return MACHINE_TEXTS[action.how](action.node);
    case 'removeNode':
      return action.how === 'lost' ? `The node ${action.node} is lost` : `Remove the node ${action.node}`;
  }
}

function taintText({ node, add, remove }: Extract<StepAction, { verb: 'taint' }>): string {
  const names = add.map(({ key, value, effect }) => `${key}${value === '' ? '' : `=${value}`}:${effect}`);
  if (names.length > 0) return `Taint the node ${node} with ${listed(names, 'taints')}`;
  const gone = remove.map(({ key, effect }) => `${key}${effect === '' ? '' : `:${effect}`}`);
  return `Take ${listed(gone, 'taints')} off the node ${node}`;
}

function credentialText({ application, change }: Extract<StepAction, { readonly verb: 'changeCredential' }>): string {
  switch (change.type) {
    case 'CredentialUnwanted':
      return `Remove the credential ${change.keyId} of ${application}`;
    case 'CredentialWanted':
      return `Give ${application} the new secret ${change.keyId}${change.others === 'removed' ? ' and remove its others' : ''}`;
    case 'FederatedCredentialWanted':
      return `Let ${application} trust ${change.subject}`;
    case 'FederatedCredentialUnwanted':
      return `Delete the federated credential ${change.name} of ${application}`;
  }
}

function azureText(action: Exclude<StepAction, { verb: ClusterVerb }>): string {
  switch (action.verb) {
    case 'deleteResourceGroup':
      return `Delete the resource group ${action.name}`;
    case 'deleteCluster':
      return 'Delete the cluster';
    case 'changeCredential':
      return credentialText(action);
    case 'roll':
      return `The platform rolls the credential of ${lastPart(action.resourceId)}`;
    case 'rewriteCloudConfig':
      return `Somebody puts another azure.json in place, by a ${action.how}`;
    case 'createIdentity':
      return `Create the identity ${action.identity.name}`;
    case 'deleteIdentity':
      return `Delete the identity ${lastPart(action.identityId)}`;
    case 'putFederatedCredential':
      return `Let ${lastPart(action.identityId)} trust ${action.subject}`;
    case 'deleteFederatedCredential':
      return `Delete the federated credential ${action.name} of ${lastPart(action.identityId)}`;
    case 'changePodIdentity':
      return `${action.action === 'add' ? 'Add' : 'Delete'} the pod identity ${action.namespace}/${action.name}`;
    case 'assignIdentity':
      return `Assign the identity ${lastPart(action.identityId)} to ${resources(action.to)}`;
    case 'unassignIdentity':
      return `Take the identity ${lastPart(action.identityId)} off ${resources(action.from)}`;
    case 'setSystemAssigned':
      return `${action.state === 'enabled' ? 'Enable' : 'Disable'} the system-assigned identity of ${resources(action.resources)}`;
    case 'createVm':
      return `Create the VM ${action.vm.name}`;
    case 'createScaleSet':
      return `Create the scale set ${action.scaleSet.name} with ${String(action.scaleSet.instances)} instances`;
    case 'deleteVm':
      return `Delete the VM ${action.name}`;
    case 'deleteScaleSet':
      return `Delete the scale set ${action.name}`;
    case 'assignRole':
      return `Give ${principal(action.to)} the role ${action.role} on ${lastPart(action.scope)}`;
    case 'removeRole':
      return `Take the role ${action.role} on ${lastPart(action.scope)} from ${principal(action.to)}`;
  }
}

function faultText({ type = 'messages', from, to, action }: FaultDescription): string {
  const way = `${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` to ${to}`}`;
  if (action.kind === 'drop') return `${type}${way} are dropped`;
  if (action.kind === 'delay') return `${type}${way} are late by ${formatDuration(action.by)}`;
  return `${type}${way} are answered ${String(action.status)}`;
}

function listed(names: readonly string[], what: string): string {
  return names.length > MOST_NAMED ? `${String(names.length)} ${what}` : names.join(', ');
}

function objects(named: readonly { readonly kind: string; readonly key: string }[]): string {
  return listed(
    named.map(({ kind, key }) => `${kind} ${key}`),
    'objects',
  );
}

function resources(refs: readonly ResourceRef[]): string {
  return listed(
    refs.map(({ name }) => name),
    'VMs',
  );
}

function principal(to: PrincipalRef): string {
  if ('application' in to) return to.application;
  if ('group' in to) return `the group ${to.group}`;
  return 'identity' in to ? lastPart(to.identity) : `the identity of ${to.systemAssignedOf.name}`;
}

function lastPart(id: string): string {
  return id.split('/').at(-1) ?? id;
}
