/** Answers of ARM: the message to the caller and the fact for the reports; how resources are found by what a call names. */
import { ZERO } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { ComputeResource } from '../../model/azure.ts';
import type { ArmCall, ResourceRef } from '../../model/messages/arm.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Caller } from './state.ts';

/** An answer without its address. */
export type Answer = Omit<MessageOf<'ArmResponse'>, 'type' | 'request'>;

/** What an answer says of the call it is for. */
type Answered = Pick<Caller, 'client' | 'request' | 'about'> & { readonly call: Pick<ArmCall, 'op'> };

/** Answers a call, at once or after a service time that counts as ARM's. */
export function answer(turn: Turn, caller: Answered, given: Answer, after?: Duration): void {
  const { client, request, call, about } = caller;
  turn.fact({
    type: 'arm-answered',
    client,
    op: call.op,
    resource: given.resource?.id.toLowerCase() ?? about,
    status: given.status,
    error: given.error?.code ?? '',
    retryAfter: given.retryAfter ?? ZERO,
  });
  const message: MessageOf<'ArmResponse'> = { type: 'ArmResponse', request, ...given };
  if (after === undefined) turn.send(client, message);
  else turn.send(client, message, { after, label: 'arm' });
}

/** A refusal. */
export function refusal(status: number, code: string, message: string): Answer {
  return { status, error: { code, message } };
}

/** The refusal of a resource that is not there. */
export function notFound(about: string): Answer {
  return refusal(404, 'ResourceNotFound', `The resource ${about} was not found.`);
}

/** Where new resources go: the one subscription, and the one group of machines, of this world. */
export function placeOf(turn: Turn): { readonly subscription: string; readonly resourceGroup: string } {
  const settings = turn.table('settings').get(SETTINGS_KEY);
  if (settings === undefined) throw new Error('this world has no row of settings, so nothing says in which subscription to create');
  return { subscription: settings.subscription, resourceGroup: settings.resourceGroup };
}

/** The VM or scale set a call names; names compare case-insensitively. */
export function resourceNamed(turn: Turn, ref: ResourceRef): ComputeResource | undefined {
  return turn.table('computeResources').by('name', `${ref.kind}/${ref.name.toLowerCase()}`)[0];
}

/** The VM or scale set a call is about, by kind and name; undefined for calls about anything else. */
export function targetOf(call: ArmCall): ResourceRef | undefined {
  switch (call.op) {
    case 'get':
    case 'getInstanceView':
    case 'patchIdentity':
    case 'putIdentities':
    case 'putTags':
    case 'deleteResource':
    case 'assignIdentity':
    case 'unassignIdentity':
    case 'setSystemAssigned':
      return call.resource;
    case 'putVm':
      return { kind: 'vm', name: call.name };
    case 'putScaleSet':
    case 'scaleScaleSet':
      return { kind: 'vmss', name: call.name };
    case 'deleteInstance':
      return { kind: 'vmss', name: call.scaleSet };
    case 'pollOperation':
    case 'putIdentity':
    case 'getIdentity':
    case 'deleteIdentity':
    case 'putFederatedCredential':
    case 'deleteFederatedCredential':
    case 'deleteResourceGroup':
    case 'deleteCluster':
    case 'putAgentPool':
    case 'putPodIdentity':
    case 'deletePodIdentity':
    case 'putRoleAssignment':
    case 'deleteRoleAssignment':
      return undefined;
  }
}

/** Id of a federated credential: what its throttle counts by. */
export function federatedName({ identity, name }: { readonly identity: string; readonly name: string }): string {
  return `${identity.toLowerCase()}/federatedidentitycredentials/${name.toLowerCase()}`;
}

/** What a call about a pod identity is about: the managed cluster, which is written whole, and its name. */
export function podIdentityName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `managedCluster/podIdentity/${namespace}/${name}`;
}

/** What a call is about: the lower-case id of a known resource, else its name; for a poll the operation. */
export function nameOf(turn: Turn, call: ArmCall): string {
  const target = targetOf(call);
  if (target !== undefined) return resourceNamed(turn, target)?.id.toLowerCase() ?? `${target.kind}/${target.name.toLowerCase()}`;
  if (call.op === 'pollOperation') return call.operation;
  if (call.op === 'putIdentity') return `identity/${call.name.toLowerCase()}`;
  if (call.op === 'putAgentPool') return `agentPool/${call.pool}`;
  if (call.op === 'putPodIdentity' || call.op === 'deletePodIdentity') return podIdentityName(call);
  if (call.op === 'deleteResourceGroup') return `resourceGroup/${call.name.toLowerCase()}`;
  if (call.op === 'deleteIdentity' || call.op === 'getIdentity') return call.id.toLowerCase();
  if (call.op === 'putFederatedCredential' || call.op === 'deleteFederatedCredential') return federatedName(call);
  return 'scope' in call ? call.scope.toLowerCase() : call.op;
}
