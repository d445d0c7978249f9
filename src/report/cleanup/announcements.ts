/** Which awaited ends a write brings about: things that are gone with it, and things that need not go any more. */
import { identityOf, isNeeded, resourceOfNode } from '../entitlement.ts';
import { idsWithout } from '../identity-lists.ts';
import { handleWrite } from '../watcher.ts';
import type { Run, Write, WriteHandlers, WriteOf } from '../watcher.ts';
import { keys } from './dues.ts';

/** An end: the key of what was awaited; a note if it is not gone but need not go. */
export interface Announcement {
  readonly key: string;
  readonly note: string;
}

/** Ends that a write brings about; most writes bring none. */
export function announcedBy(run: Run, write: Write): readonly Announcement[] {
  if (write.table === 'azureAssignedIdentities') return ofAssigned(run, write);
  return handleWrite(HANDLERS, write) ?? [];
}

/** Keys of the grants that a write adds to a VM or scale set. */
export function grantsAddedBy(write: Write): readonly string[] {
  if (write.table !== 'computeResources') return [];
  const { before, after } = write.entry;
  if (before === undefined || after === undefined || before.userAssigned === after.userAssigned) return [];
  return idsWithout(after.userAssigned, before.userAssigned).map((id) => keys.grant(after.id.toLowerCase(), id));
}

const HANDLERS: WriteHandlers<readonly Announcement[]> = {
  computeResources: ({ entry: { before, after } }) => {
    if (before === undefined || before.userAssigned === after?.userAssigned) return [];
    return idsWithout(before.userAssigned, after?.userAssigned ?? []).map((id) => gone(keys.grant(before.id.toLowerCase(), id)));
  },
  servicePrincipals: ({ entry: { before, after } }) => {
    const isGone = before !== undefined && before.deletedAt === undefined && (after === undefined || after.deletedAt !== undefined);
    return isGone ? [gone(keys.principal(before.objectId))] : [];
  },
  virtualMachines: ({ entry: { key, after } }) => (after === undefined ? [gone(keys.machine(key))] : []),
  pods: objectGone,
  azureIdentities: objectGone,
  azureIdentityBindings: objectGone,
};

function ofAssigned(run: Run, { entry: { key, before, after } }: WriteOf<'azureAssignedIdentities'>): readonly Announcement[] {
  if (after === undefined) return [gone(keys.assigned(key))];
  const identity = identityOf(after);
  const resource = before === undefined ? resourceOfNode(run, after.spec.nodename) : undefined;
  if (identity === undefined || resource === undefined || !isNeeded(run, after)) return [];
  return [{ key: keys.grant(resource, identity), note: 'needed again by a new pod there' }];
}

function objectGone({
  table,
  entry: { key, after },
}: WriteOf<'pods' | 'azureIdentities' | 'azureIdentityBindings'>): readonly Announcement[] {
  return after === undefined ? [gone(keys.object(table, key))] : [];
}

function gone(key: string): Announcement {
  return { key, note: '' };
}
