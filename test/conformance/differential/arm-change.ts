/** What others than MIC do to a cloud: the `arm` steps of recordings. */
import type { IdentityType } from '../../../src/model/azure.ts';
import { includesId } from '../../../src/model/resource-identity.ts';
import type { Cloud, CloudResource } from '../stage/cloud.ts';
import type { ArmChange } from './vector.ts';

/** Carries out one change; a resource that is not there stays away. */
export function changeCloud(cloud: Cloud, change: ArmChange): void {
  const { op, resource, type = '', state = 'Succeeded' } = change;
  if (op === 'create') cloud.put({ ...resource, type, ids: [], state: 'Succeeded' });
  if (op === 'remove') cloud.remove(resource);
  const old = cloud.find(resource);
  if (old === undefined) return;
  if (op === 'assign') cloud.put(withAdded(old, change.identities ?? []));
  if (op === 'unassign') cloud.put(withRemoved(old, change.identities ?? []));
  if (op === 'setType') cloud.put({ ...old, type, ids: [] });
  if (op === 'setState') cloud.put({ ...old, state });
}

function withAdded(old: CloudResource, identities: readonly string[]): CloudResource {
  const ids = [...old.ids];
  for (const id of identities) if (!includesId(ids, id)) ids.push(id);
  return { ...old, ids, type: hasSystem(old.type) ? 'SystemAssigned, UserAssigned' : 'UserAssigned' };
}

function withRemoved(old: CloudResource, identities: readonly string[]): CloudResource {
  const ids = old.ids.filter((id) => !includesId(identities, id));
  const emptied: IdentityType = hasSystem(old.type) ? 'SystemAssigned' : 'None';
  return { ...old, ids, type: ids.length === 0 ? emptied : old.type };
}

function hasSystem(type: IdentityType): boolean {
  return type.startsWith('SystemAssigned');
}
