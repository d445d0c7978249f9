/**
 * What the directory knows of a principal beside its credentials: the groups it is in and the application roles it has. Entra writes both
 * into its tokens when it issues them, so that a change reaches a service with the next token that is really issued.
 *
 * Follows Microsoft's best practices for managed identities ("limitation of using managed identities for authorization"): membership and
 * roles are claims of the token, and tokens are cached for up to 24 hours. Simplified: groups are in no other groups, and a principal is
 * in too few to make Entra leave the claim out.
 */
import type { Moment } from '../kernel/time.ts';
import type { TokenClaims } from './token.ts';
import { uuidOf } from './uuid.ts';

/** A security group. Key: its object id. */
export interface DirectoryGroup {
  readonly objectId: string;
  readonly name: string;
}

/** The group of a name. */
export function groupOf(name: string): DirectoryGroup {
  return { objectId: uuidOf(`group ${name}`), name };
}

/** A change on its way through the replicas of the directory: when the first knew it, and when all do. */
export interface Spread {
  readonly from: Moment;
  readonly until: Moment;
}

/** A membership, or an application role, of a principal. Each time it is given is a row of its own. */
export interface DirectoryClaim {
  readonly id: string;
  readonly principalId: string;
  readonly claim: ClaimName;
  /** Object id of the group, or name of the role. */
  readonly value: string;
  /** Audience of the tokens that carry the role; `''` for groups: all do. */
  readonly audience: string;
  /** Absent: every replica has long known it. */
  readonly spread?: Spread;
  /** Taken away; absent: it stands. */
  readonly removal?: Spread;
}

/** Claims that authorise: `groups` by membership, `roles` by application roles. */
type ClaimName = 'groups' | 'roles';

/** What somebody does to a principal as a whole. */
export type PrincipalChange = 'disable' | 'enable' | 'delete' | 'restore' | 'purge' | 'revokeTokens';

/** One thing somebody changes in the directory about what a principal has. */
export type ClaimChange = Pick<DirectoryClaim, 'claim' | 'value' | 'audience'> & { readonly change: 'give' | 'take' };

/** Claims for a token of that audience from the rows that count; each value once, in order. */
export function claimsOf(rows: readonly DirectoryClaim[], audience: string): TokenClaims {
  const groups = valuesOf(rows, 'groups', '');
  const roles = valuesOf(rows, 'roles', audience);
  return { ...(groups.length === 0 ? {} : { groups }), ...(roles.length === 0 ? {} : { roles }) };
}

function valuesOf(rows: readonly DirectoryClaim[], claim: ClaimName, audience: string): readonly string[] {
  const values = new Set<string>();
  for (const row of rows) if (row.claim === claim && row.audience === audience) values.add(row.value);
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
