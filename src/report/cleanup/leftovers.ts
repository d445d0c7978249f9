/** What is left in the whole world, whoever should have cleaned it up: counted from the tables whenever it is asked for. */
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { LeftKind } from '../../scenarios/schema/metric-names.ts';
import { podKeyOf, podOf } from '../entitlement.ts';
import type { GrantUsers } from '../grant-users.ts';
import { humanDuration } from '../duration-text.ts';
import type { Run } from '../watcher.ts';
import { carries, grantOf, isAlive, isImmutable, isInForce, nameIn, nameOfPrincipal, principalOf } from './dues.ts';
import { grantOfToken, isDropped } from './imds-cache.ts';
import type { TokenBook } from './token-book.ts';

/** One thing that is left. */
export interface Leftover {
  readonly kind: LeftKind;
  readonly what: string;
  readonly note: string;
  /** Until when it can be misused [µs]; null: nothing ends it. */
  readonly untilUs: number | null;
}

/** Identities that pods ever used on a machine: only of those can MIC leave something behind. */
export class UsedGrants {
  readonly #run: Run;
  readonly #users: GrantUsers;
  readonly #seen = new Map<string, { readonly resource: string; readonly identity: string; readonly clientID: string }>();

  constructor(run: Run, users: GrantUsers) {
    this.#run = run;
    this.#users = users;
    for (const assigned of run.table('azureAssignedIdentities').all()) this.note(assigned);
  }

  note(assigned: AzureAssignedIdentity): void {
    const grant = grantOf({ run: this.#run, users: this.#users }, assigned);
    if (grant !== undefined) this.#seen.set(`${grant.resource}|${grant.identity}`, grant);
  }

  /** Pairs ever seen. */
  get size(): number {
    return this.#seen.size;
  }

  /** Pairs that are still attached although no pod there has a right to them. */
  left(): readonly Leftover[] {
    return [...this.#seen.values()].flatMap((grant) => {
      const { resource, identity, clientID } = grant;
      if (!carries(this.#run, resource, identity) || isImmutable(this.#run, clientID)) return [];
      if (this.#users.needing(grant) !== undefined) return [];
      return [{ kind: 'grants' as const, what: `${nameIn(identity)} on ${nameIn(resource)}`, note: 'no pod there uses it', untilUs: null }];
    });
  }
}

/** AzureAssignedIdentities whose pod is gone. */
export function assignedLeft(run: Run): readonly Leftover[] {
  return run
    .table('azureAssignedIdentities')
    .all()
    .filter((assigned) => podOf(run, assigned) === undefined)
    .map((assigned) => ({
      kind: 'assignedIdentities',
      what: assigned.metadata.name,
      note: `${podKeyOf(assigned)} is gone`,
      untilUs: null,
    }));
}

/** Service principals whose managed identity is gone. */
export function principalsLeft(run: Run): readonly Leftover[] {
  return run
    .table('servicePrincipals')
    .all()
    .filter((principal) => {
      if (!isAlive(principal) || principal.kind === 'application') return false;
      const id = principal.resourceId.toLowerCase();
      if (principal.kind === 'userAssigned') return run.table('userAssignedIdentities').get(id) === undefined;
      return run.table('computeResources').get(id)?.systemAssigned?.principalId !== principal.objectId;
    })
    .map(({ displayName, objectId }) => ({
      kind: 'servicePrincipals',
      what: `${displayName} (${objectId})`,
      note: 'its identity is gone',
      untilUs: null,
    }));
}

/** Role assignments whose principal is gone. */
export function rolesLeft(run: Run): readonly Leftover[] {
  return run
    .table('roleAssignments')
    .all()
    .filter(
      (assignment) =>
        isInForce(assignment) &&
        run.table('groups').get(assignment.principalId) === undefined &&
        !isAlive(principalOf(run, assignment.principalId)),
    )
    .map(({ role, scope, principalId }) => ({
      kind: 'roleAssignments',
      what: `${role} on ${nameIn(scope)}`,
      note: `its principal ${nameOfPrincipal(run, principalId)} is gone; Azure keeps it`,
      untilUs: null,
    }));
}

/** Tokens that work although their principal is gone. */
export function tokensLeft(run: Run, book: TokenBook): readonly Leftover[] {
  return book
    .live(run.now)
    .filter((token) => !isAlive(principalOf(run, token.objectId)))
    .map(({ uti, objectId, expiresAt }) => ({
      kind: 'liveTokens',
      what: uti,
      note: `its principal ${nameOfPrincipal(run, objectId)} is gone; works for another ${humanDuration(expiresAt - run.now)}`,
      untilUs: expiresAt,
    }));
}

/** Tokens that the IMDS of machines kept although their identity is no longer attached, or whose principal is gone. */
export function imdsCredentialsLeft(run: Run, book: TokenBook): readonly Leftover[] {
  return book.keptByImds(run.now).flatMap((kept) => {
    const { vm, token } = kept;
    const { objectId, expiresAt } = token;
    const resource = run.table('virtualMachines').get(vm)?.resource;
    const until = expiresAt - run.knob('imds.cache.serveUntil');
    if (resource === undefined || until <= run.now) return [];
    const grant = grantOfToken(run, resource, kept);
    if (grant === undefined) return [];
    const isAttached = grant.detachedAt === undefined;
    if (isAttached && isAlive(principalOf(run, objectId))) return [];
    if (isDropped(run, kept, grant, isAttached ? 'goesOn' : 'ends')) return [];
    const why = isAttached ? 'its identity is gone' : 'its identity is no longer attached';
    const note = `${why}; IMDS may hand it out for another ${humanDuration(until - run.now)}`;
    return [{ kind: 'imdsCredentials' as const, what: `token of ${nameOfPrincipal(run, objectId)} at ${vm}`, note, untilUs: until }];
  });
}
