/** What stays after each kind of deletion because Azure works so, and until when it can be misused. */
import type { Moment } from '../../kernel/time.ts';
import type { UserAssignedIdentity } from '../../model/azure.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { podKeyOf } from '../entitlement.ts';
import type { Run } from '../watcher.ts';
import type { DueItem, LingeringItem } from './deletion-record.ts';
import { isInForce, nameIn, nameOfPrincipal } from './dues.ts';
import { grantOfToken, isDropped, mayComeOut } from './imds-cache.ts';
import type { IssuedToken, TokenBook } from './token-book.ts';

/** What outlives a principal by design: its role assignments, its tokens. */
export function lingeringOfPrincipal(
  run: Run,
  book: TokenBook,
  of: { readonly objectId: string; readonly now: Moment },
): readonly LingeringItem[] {
  const roles = run.table('roleAssignments').by('principal', of.objectId).filter(isInForce);
  return [
    ...roles.map(({ role, scope }) => ({
      kind: 'roleAssignment' as const,
      what: `${role} on ${nameIn(scope)}`,
      until: Infinity,
      note: 'Azure keeps role assignments of deleted principals',
    })),
    ...keptByImds(run, book, of),
    ...lingeringTokens(book.ofPrincipal(of.objectId, of.now)),
  ];
}

/** Tokens that go on working, as one item that lasts as long as the last of them. */
export function lingeringTokens(tokens: readonly IssuedToken[]): readonly LingeringItem[] {
  if (tokens.length === 0) return [];
  const until = Math.max(...tokens.map((token) => token.expiresAt));
  return [
    {
      kind: 'liveToken',
      what: `${String(tokens.length)} issued token${tokens.length === 1 ? '' : 's'}`,
      until,
      note: 'no token is ever called back',
    },
  ];
}

/** Tokens that the pods of these AzureAssignedIdentities hold, and those that IMDS keeps of identities that have to go from machines. */
export function lingeringOfAssigned(
  { run, book }: { readonly run: Run; readonly book: TokenBook },
  of: { readonly assigned: readonly AzureAssignedIdentity[]; readonly due: readonly DueItem[]; readonly now: Moment },
): readonly LingeringItem[] {
  const pods = new Set(of.assigned.map(podKeyOf));
  const tokens = [...pods].flatMap((pod) => book.ofProcess(pod, of.now));
  const kept = of.due.flatMap(({ kind, key, settled }) => {
    const [, resource = '', identity = ''] = key.split('|');
    const objectId = run.table('userAssignedIdentities').get(identity)?.principalId;
    return kind !== 'grant' || settled !== undefined || objectId === undefined
      ? []
      : keptByImds(run, book, { objectId, resource, now: of.now });
  });
  return [...kept, ...lingeringTokens(tokens)];
}

/** Tokens of a principal in the IMDS of machines that stay, all or those of one VM or scale set, as one item. */
function keptByImds(
  run: Run,
  book: TokenBook,
  { objectId, resource, now }: { readonly objectId: string; readonly resource?: string; readonly now: Moment },
): readonly LingeringItem[] {
  const kept = book.keptByImds(now).filter((one) => {
    const { vm, token } = one;
    const place = run.table('virtualMachines').get(vm)?.resource;
    const isGoing = place === undefined || run.table('computeResources').get(place)?.provisioningState === 'Deleting';
    if (token.objectId !== objectId || isGoing || (resource !== undefined && place !== resource)) return false;
    // Of an identity that has to come off, what IMDS will do then is drawn already. A deleted one stays on its machines.
    const grant = grantOfToken(run, place, one);
    if (grant === undefined) return false;
    const comesOff = resource !== undefined || grant.detachedAt !== undefined;
    return !isDropped(run, one, grant, comesOff ? 'ends' : 'goesOn');
  });
  if (kept.length === 0) return [];
  const machines = new Set(kept.map(({ vm }) => vm)).size;
  const until = Math.max(...kept.map(({ token }) => token.expiresAt)) - run.knob('imds.cache.serveUntil');
  return [
    {
      kind: 'imdsCredential',
      what: `tokens of ${nameOfPrincipal(run, objectId)} in the IMDS of ${String(machines)} machine${machines === 1 ? '' : 's'}`,
      until,
      note: 'IMDS may hand out what it has in its cache',
      isOver: () => kept.every((one) => !mayComeOut(run, one)),
    },
  ];
}

/** References to a deleted identity that machines keep; one that is going takes its own along. */
export function danglingReferences(run: Run, identity: UserAssignedIdentity): readonly LingeringItem[] {
  return run
    .table('computeResources')
    .by('identity', identity.id.toLowerCase())
    .filter(({ provisioningState }) => provisioningState !== 'Deleting')
    .map(({ name }) => ({
      kind: 'danglingReference',
      what: `${identity.name} on ${name}`,
      until: Infinity,
      note: 'Azure leaves the reference on the machine',
    }));
}
