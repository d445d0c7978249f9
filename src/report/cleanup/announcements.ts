/** Which awaited ends a write brings about: things that are gone with it, and things that need not go any more. */
import { identityOf, isNeeded, resourceOfNode } from '../entitlement.ts';
import type { Run, Write } from '../watcher.ts';
import { keys } from './dues.ts';

/** An end: the key of what was awaited; a note if it is not gone but need not go. */
export interface Announcement {
  readonly key: string;
  readonly note: string;
}

/** Ends that a write brings about; most writes bring none. */
export function announcedBy(run: Run, write: Write): readonly Announcement[] {
  switch (write.table) {
    case 'azureAssignedIdentities': {
      const { key, before, after } = write.entry;
      if (after === undefined) return [gone(keys.assigned(key))];
      const identity = identityOf(after);
      const resource = before === undefined ? resourceOfNode(run, after.spec.nodename) : undefined;
      if (identity === undefined || resource === undefined || !isNeeded(run, after)) return [];
      return [{ key: keys.grant(resource, identity), note: 'needed again by a new pod there' }];
    }
    case 'computeResources': {
      const { before, after } = write.entry;
      if (before === undefined || before.userAssigned === after?.userAssigned) return [];
      const left = new Set(after?.userAssigned.map((id) => id.toLowerCase()));
      return before.userAssigned.filter((id) => !left.has(id.toLowerCase())).map((id) => gone(keys.grant(before.id.toLowerCase(), id.toLowerCase())));
    }
    case 'servicePrincipals': {
      const { before, after } = write.entry;
      const isGone = before !== undefined && before.deletedAt === undefined && (after === undefined || after.deletedAt !== undefined);
      return isGone ? [gone(keys.principal(before.objectId))] : [];
    }
    case 'virtualMachines':
      return write.entry.after === undefined ? [gone(keys.machine(write.entry.key))] : [];
    case 'pods':
    case 'azureIdentities':
    case 'azureIdentityBindings':
      return write.entry.after === undefined ? [gone(keys.object(write.table, write.entry.key))] : [];
    default:
      return [];
  }
}

function gone(key: string): Announcement {
  return { key, note: '' };
}
