/**
 * Which identity a request means, among those the VM has as far as its IMDS knows.
 *
 * Follows Microsoft's documentation: a named identity must be on the VM; without a name it is the system-assigned one, else the only
 * user-assigned one; several are an error.
 */
import { subjectAtImds } from '../../model/azure.ts';
import type { IdentityGrant } from '../../model/azure.ts';
import { SYSTEM, isVisible } from '../../model/identity-grant.ts';
import type { GrantDraws } from '../../model/identity-grant.ts';
import type { MetadataCall } from '../../model/messages/token.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** The identity meant, or why there is none. */
export type Choice =
  | { readonly outcome: 'found'; readonly grant: IdentityGrant }
  /** It was there once; a token of it may have been kept. */
  | { readonly outcome: 'gone'; readonly grant: IdentityGrant }
  | { readonly outcome: 'notFound' }
  | { readonly outcome: 'several' };

/** Finds the identity a request means. */
export function chooseIdentity(turn: Turn, resource: string, query: MetadataCall['query']): Choice {
  const grants = turn.table('identityGrants').by('resource', resource);
  const isNamed = nameTest(query);
  if (isNamed === undefined) return defaultIdentity(turn, grants);
  const named = grants.filter(isNamed);
  const visible = named.find((grant) => isSeen(turn, grant));
  if (visible !== undefined) return { outcome: 'found', grant: visible };
  const [gone] = named;
  return gone?.detachedAt === undefined ? { outcome: 'notFound' } : { outcome: 'gone', grant: gone };
}

/** Subject of this VM's own draws for a grant. */
export function grantSubject(turn: Turn, grant: IdentityGrant): string {
  return subjectAtImds(turn.self, grant.identity);
}

/** What the request names the identity by; empty parameters count as not given. */
function nameTest(query: MetadataCall['query']): ((grant: IdentityGrant) => boolean) | undefined {
  const clientId = query.clientId?.toLowerCase() ?? '';
  const objectId = query.objectId?.toLowerCase() ?? '';
  const resourceId = query.resourceId?.toLowerCase() ?? '';
  if (clientId !== '') return (grant) => grant.clientId.toLowerCase() === clientId;
  if (objectId !== '') return (grant) => grant.principalId.toLowerCase() === objectId;
  if (resourceId !== '') return (grant) => grant.identity === resourceId;
  return undefined;
}

function defaultIdentity(turn: Turn, grants: readonly IdentityGrant[]): Choice {
  const system = grants.find((grant) => grant.identity === SYSTEM);
  if (system !== undefined && isSeen(turn, system)) return { outcome: 'found', grant: system };
  let only: IdentityGrant | undefined;
  for (const grant of grants) {
    if (grant.identity === SYSTEM || !isSeen(turn, grant)) continue;
    if (only !== undefined) return { outcome: 'several' };
    only = grant;
  }
  return only === undefined ? { outcome: 'notFound' } : { outcome: 'found', grant: only };
}

/**
 * Whether this VM's IMDS sees a grant now, the bug that pins an old identifier included: Azure drops its entry of a resource that loses
 * its last identity and makes a new one for the next, of which the IMDS of a machine may never hear (RCA of aad-pod-identity issue 1102).
 */
function isSeen(turn: Turn, grant: IdentityGrant): boolean {
  const subject = grantSubject(turn, grant);
  const draws: GrantDraws = {
    visibleAt: (incarnation) => turn.drawAt('imds.assign.visibleAt', subject, incarnation),
    lingers: (incarnation) => turn.drawAt('imds.unassign.visibleDelay', subject, incarnation),
  };
  if (!isVisible(grant, draws, turn.now)) return false;
  if (grant.incarnation === 1 || wasAccompanied(turn, grant)) return true;
  return turn.drawAt('imds.staleIdentityBug.prob', subject, grant.incarnation) === 0;
}

/** Whether the resource carried some other identity all the while this one was away. Of each, only its last two stays are known. */
function wasAccompanied(turn: Turn, grant: IdentityGrant): boolean {
  if (grant.previousDetachedAt === undefined) return true;
  const others = turn
    .table('identityGrants')
    .by('resource', grant.resource)
    .filter((other) => other.identity !== grant.identity);
  let covered: number = grant.previousDetachedAt;
  while (covered < grant.attachStartedAt) {
    const reach = Math.max(...others.map((other) => reachFrom(other, covered)), covered);
    if (reach === covered) return false;
    covered = reach;
  }
  return true;
}

/** End of the stay of an identity that holds a moment; minus infinity where none does. */
function reachFrom(grant: IdentityGrant, at: number): number {
  const { attachStartedAt, detachedAt = Infinity, previousDetachedAt = -Infinity } = grant;
  if (at < previousDetachedAt) return previousDetachedAt;
  return attachStartedAt <= at && at < detachedAt ? detachedAt : -Infinity;
}
