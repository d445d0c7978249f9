/**
 * What the IMDS of a machine may still hand out of its cache, by the rules of the IMDS of this world: a token of an identity that it knows,
 * unless one of the removals of that identity since it last handed the token out emptied its cache. What each of them does is drawn for
 * that machine and stay, and the last one is known ahead.
 *
 * Simplified: the moment until IMDS hears of a removal is not looked at, nor a token that it renewed ahead of time and gave to nobody yet.
 */
import { subjectAtImds } from '../../model/azure.ts';
import type { IdentityGrant } from '../../model/azure.ts';
import type { Run } from '../watcher.ts';
import type { KeptToken } from './token-book.ts';

/** The grant of a token's identity to the machines of a VM or scale set; undefined if they do not know it, or another of its name. */
export function grantOfToken(run: Run, resource: string, { token }: KeptToken): IdentityGrant | undefined {
  return run
    .table('identityGrants')
    .by('resource', resource)
    .find(({ principalId }) => principalId === token.objectId);
}

/** Whether a cache was emptied since it last gave that token out; `end`: whether the stay of now ends, or is taken to. */
export function isDropped(run: Run, { vm, stay }: KeptToken, grant: IdentityGrant, end: 'ends' | 'goesOn'): boolean {
  const subject = subjectAtImds(`imds/${vm}`, grant.identity);
  const last = end === 'ends' ? grant.incarnation : grant.incarnation - 1;
  for (let each = stay; each <= last; each += 1) if (run.drawAt('imds.unassign.cachedTokenDropped', subject, each) === 1) return true;
  return false;
}

/** Whether the IMDS of a machine may still hand that token out as things stand now; one that is gone with its machine may not. */
export function mayComeOut(run: Run, kept: KeptToken): boolean {
  const resource = run.table('virtualMachines').get(kept.vm)?.resource;
  const grant = resource === undefined ? undefined : grantOfToken(run, resource, kept);
  return grant !== undefined && !isDropped(run, kept, grant, grant.detachedAt === undefined ? 'goesOn' : 'ends');
}
