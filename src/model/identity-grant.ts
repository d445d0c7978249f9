/**
 * Grants of identities to the IMDS of a resource's VMs: how ARM writes them, and when one IMDS sees them.
 *
 * Follows what was observed from outside (an identity works at IMDS somewhat before or after its PATCH ends, and for a while after it
 * was removed); the mechanism inside Azure is not public. Each IMDS sees a grant at its own time, which it computes from stateless draws.
 */
import { after, scaled } from '../kernel/time.ts';
import type { Duration, Moment } from '../kernel/time.ts';
import type { IdentityGrant } from './azure.ts';

/** Identity name under which a resource's system-assigned identity is granted. */
export const SYSTEM = 'system';

/** Key of a grant in its table; both ids in lower case. */
export function grantKey(resource: string, identity: string): string {
  return `${resource}|${identity}`;
}

/** What is attached, to what, by an operation of which start and length. */
export interface Attachment {
  readonly resource: string;
  /** Lower-case id, or {@link SYSTEM}. */
  readonly identity: string;
  readonly clientId: string;
  readonly principalId: string;
  readonly startedAt: Moment;
  readonly took: Duration;
}

/** The grant of an attachment; one that stands already stays as it is, one that was detached comes back as the next incarnation. */
export function attachedGrant(old: IdentityGrant | undefined, attachment: Attachment): IdentityGrant {
  if (old !== undefined && old.detachedAt === undefined) return old;
  const { resource, identity, clientId, principalId, startedAt, took } = attachment;
  const fresh = { resource, identity, clientId, principalId, attachStartedAt: startedAt, attachTook: took };
  if (old?.detachedAt === undefined) return { ...fresh, incarnation: 1 };
  return { ...fresh, incarnation: old.incarnation + 1, previousDetachedAt: old.detachedAt };
}

/** The grant after its identity was removed from the resource. */
export function detachedGrant(grant: IdentityGrant, at: Moment): IdentityGrant {
  return grant.detachedAt === undefined ? { ...grant, detachedAt: at } : grant;
}

/** The draws of one IMDS for one grant; asked only where they matter. */
export interface GrantDraws {
  /** Fraction of the operation after which that incarnation is seen. */
  visibleAt(incarnation: number): number;
  /** Time after its removal during which that incarnation is still seen. */
  lingers(incarnation: number): Duration;
}

/** Whether an IMDS sees a grant now. */
export function isVisible(grant: IdentityGrant, draws: GrantDraws, now: Moment): boolean {
  const { detachedAt, previousDetachedAt, incarnation } = grant;
  if (previousDetachedAt !== undefined && now < after(previousDetachedAt, draws.lingers(incarnation - 1))) return true;
  const seenFrom = after(grant.attachStartedAt, scaled(grant.attachTook as Duration, draws.visibleAt(incarnation)));
  if (now < seenFrom) return false;
  return detachedAt === undefined || now < after(detachedAt, draws.lingers(incarnation));
}
