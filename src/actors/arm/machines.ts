/** What ARM does to machines when a VM or scale set comes, changes its size, or goes. */
import type { ComputeResource } from '../../model/azure.ts';
import { grantKey } from '../../model/identity-grant.ts';
import { bootMachine, endMachine } from '../../model/machine.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { dropPrincipal } from './identities.ts';
import type { ArmState } from './state.ts';
import { deleteResource } from './versions.ts';

/** Address of the actor behind a scale set. */
export function scaleSetActor(row: ComputeResource): string {
  return `scale-set/${row.name}`;
}

/** Brings a new scale set to life: it makes its instances while its creation still runs. */
export function createScaleSet(turn: Turn, row: ComputeResource): void {
  turn.spawn(
    { id: scaleSetActor(row), kind: 'vmss' },
    { type: 'ComputeCreated', resource: row.id.toLowerCase(), instances: row.capacity, start: 'cold' },
  );
}

/** Boots the VMs that were there before the world began. */
export function bootOldMachines(turn: Turn): void {
  for (const row of turn.table('computeResources').all()) if (row.kind === 'vm') bootVm(turn, row, 'settled');
}

/** Boots the machine of a new VM. Scale sets make their own machines. */
export function createMachine(turn: Turn, row: ComputeResource): void {
  if (row.kind === 'vm') bootVm(turn, row, 'cold');
}

function bootVm(turn: Turn, row: ComputeResource, start: 'settled' | 'cold'): void {
  const resource = row.id.toLowerCase();
  bootMachine(turn, {
    name: row.name,
    resource,
    resourceKind: 'vm',
    node: turn.table('nodePools').get(resource) === undefined ? '' : row.name,
    resourceName: row.name,
    resourceGroup: row.resourceGroup,
    subscription: row.id.split('/')[2] ?? '',
    start,
  });
}

/** Forgets a deleted resource: its machines, its grants, its principal. Role assignments stay. */
export function removeResource(state: ArmState, turn: Turn, row: ComputeResource): void {
  const resource = row.id.toLowerCase();
  if (row.kind === 'vm') for (const vm of turn.table('virtualMachines').by('resource', resource)) endMachine(turn, vm.name);
  else turn.send(scaleSetActor(row), { type: 'ComputeDeleted', resource });
  const grants = turn.table('identityGrants');
  for (const grant of grants.by('resource', resource)) grants.delete(grantKey(resource, grant.identity));
  if (row.systemAssigned !== undefined) dropPrincipal(turn, row.systemAssigned.principalId);
  deleteResource(state, turn, row);
}
