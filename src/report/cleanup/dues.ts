/** What has to go after each kind of deletion: read from the tables at the moment of the deletion. */
import type { Moment } from '../../kernel/time.ts';
import type { ComputeResource, RoleAssignment, ServicePrincipal } from '../../model/azure.ts';
import type { AzureAssignedIdentity, AzureIdentityBinding } from '../../model/kubernetes.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import { podKeyOf } from '../entitlement.ts';
import type { GrantUsers } from '../grant-users.ts';
import type { Run } from '../watcher.ts';
import type { DueItem } from './deletion-record.ts';
import type { TokenBook } from './token-book.ts';

/** Names under which ends are announced. */
export const keys = {
  assigned: (key: string): string => `assigned|${key}`,
  grant: (resource: string, identity: string): string => `grant|${resource}|${identity}`,
  principal: (objectId: string): string => `principal|${objectId}`,
  machine: (name: string): string => `machine|${name}`,
  object: (table: string, key: string): string => `object|${table}|${key}`,
} as const;

/** What a deletion is read from. */
export interface Sources {
  readonly run: Run;
  readonly users: GrantUsers;
  readonly book: TokenBook;
}

/** AzureAssignedIdentities that have to go, and the identities on machines that go with them unless others use them. */
export function duesOfAssigned(sources: Sources, all: readonly AzureAssignedIdentity[], now: Moment): readonly DueItem[] {
  const dues: DueItem[] = [];
  const seen = new Set<string>();
  const going = new Set(all.map((assigned) => keyOf(assigned)));
  for (const assigned of all) {
    const key = keyOf(assigned);
    dues.push({ kind: 'assignedIdentity', what: key, key: keys.assigned(key), settled: undefined });
    const grant = grantOf(sources, assigned);
    if (grant === undefined || seen.has(keys.grant(grant.resource, grant.identity))) continue;
    seen.add(keys.grant(grant.resource, grant.identity));
    dues.push(dueOfGrant(sources, { ...grant, going, now }));
  }
  return dues;
}

/** The identity on a machine behind an AzureAssignedIdentity, if it is there. */
export function grantOf(
  { run, users }: Pick<Sources, 'run' | 'users'>,
  assigned: AzureAssignedIdentity,
): { readonly resource: string; readonly identity: string; readonly clientID: string } | undefined {
  const grant = users.grantOf(keyOf(assigned));
  if (grant === undefined || !carries(run, grant.resource, grant.identity)) return undefined;
  return { ...grant, clientID: assigned.spec.azureIdentityRef.spec.clientID };
}

/** Whether a VM or scale set lists the identity. Both in lower case. */
export function carries(run: Run, resource: string, identity: string): boolean {
  return (
    run
      .table('computeResources')
      .get(resource)
      ?.userAssigned.some((id) => id.toLowerCase() === identity) ?? false
  );
}

/** Whether MIC is told never to remove this identity. */
export function isImmutable(run: Run, clientId: string): boolean {
  return run.table('settings').get(SETTINGS_KEY)?.immutableClientIds.includes(clientId.toLowerCase()) ?? false;
}

function dueOfGrant(
  { run, users }: Sources,
  of: {
    readonly resource: string;
    readonly identity: string;
    readonly clientID: string;
    readonly going: ReadonlySet<string>;
    readonly now: Moment;
  },
): DueItem {
  const { resource, identity } = of;
  const user = users.needing(of, (one) => !of.going.has(keyOf(one)));
  const used = user === undefined ? undefined : `still used there, by ${podKeyOf(user)} for one`;
  const note = isImmutable(run, of.clientID) ? 'immutable: MIC never removes it' : used;
  return {
    kind: 'grant',
    what: `${nameIn(identity)} on ${nameIn(resource)}`,
    key: keys.grant(resource, identity),
    settled: note === undefined ? undefined : { state: 'notDue', at: of.now, note },
  };
}

/** AzureAssignedIdentities of a pod. */
export function assignedOfPod(run: Run, podKey: string): readonly AzureAssignedIdentity[] {
  return run.table('azureAssignedIdentities').by('pod', podKey);
}

/** AzureAssignedIdentities that were made from a binding. */
export function assignedOfBinding(run: Run, binding: AzureIdentityBinding): readonly AzureAssignedIdentity[] {
  return run
    .table('pods')
    .by('selector', binding.spec.selector)
    .flatMap((pod) => assignedOfPod(run, keyOf(pod)))
    .filter((assigned) => keyOf(assigned.spec.azureBindingRef) === keyOf(binding));
}

/** AzureAssignedIdentities that were made from an AzureIdentity. */
export function assignedOfIdentity(run: Run, identityKey: string): readonly AzureAssignedIdentity[] {
  const selectors = new Set(
    run
      .table('azureIdentityBindings')
      .by('identity', identityKey)
      .map((binding) => binding.spec.selector),
  );
  return [...selectors]
    .flatMap((selector) => run.table('pods').by('selector', selector))
    .flatMap((pod) => assignedOfPod(run, keyOf(pod)))
    .filter((assigned) => keyOf(assigned.spec.azureIdentityRef) === identityKey);
}

/** A VM or scale set: its machines, and the service principal of its system-assigned identity. */
export function duesOfCompute(run: Run, resource: ComputeResource): readonly DueItem[] {
  const machines = run.table('virtualMachines').by('resource', resource.id.toLowerCase());
  const dues: DueItem[] = machines.map(({ name }) => ({ kind: 'machine', what: name, key: keys.machine(name), settled: undefined }));
  const principal = resource.systemAssigned?.principalId;
  return principal === undefined ? dues : [...dues, dueOfPrincipal(run, principal)];
}

/** A service principal that has to go. */
export function dueOfPrincipal(run: Run, objectId: string): DueItem {
  return {
    kind: 'servicePrincipal',
    what: `${nameOfPrincipal(run, objectId)} (${objectId})`,
    key: keys.principal(objectId),
    settled: undefined,
  };
}

/** Whether a role assignment has not been deleted. */
export function isInForce(assignment: RoleAssignment): boolean {
  return assignment.deletedAt === undefined;
}

/** Whether a principal is there and not deleted. */
export function isAlive(principal: ServicePrincipal | undefined): boolean {
  return principal !== undefined && principal.deletedAt === undefined;
}

/** The service principal of an object id. */
export function principalOf(run: Run, objectId: string): ServicePrincipal | undefined {
  return run.table('servicePrincipals').get(objectId);
}

/** What a principal is called; its object id where nobody knows it. */
export function nameOfPrincipal(run: Run, objectId: string): string {
  return principalOf(run, objectId)?.displayName ?? objectId;
}

/** A namespace's own objects, which have to go with it. */
export function objectsOfNamespace(run: Run, namespace: string): readonly DueItem[] {
  const of = (table: 'pods' | 'azureIdentities' | 'azureIdentityBindings'): readonly DueItem[] =>
    run
      .table(table)
      .by('namespace', namespace)
      .map((object) => {
        const key = keyIn(namespace, object.metadata.name);
        return { kind: 'object', what: `${object.kind} ${key}`, key: keys.object(table, key), settled: undefined };
      });
  return [...of('pods'), ...of('azureIdentities'), ...of('azureIdentityBindings')];
}

/** Last part of an ARM id. */
export function nameIn(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}
