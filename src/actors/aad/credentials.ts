/**
 * Credentials of principals: what an application's owner adds and removes, and whether the replica that a request meets takes one.
 *
 * Follows what was observed from outside: a new secret is first taken 4 to 18 s after it was made, and replicas learn of a change one
 * after the other, so that the same request may fail, pass and fail again. Simplified: the platform hands a managed identity its new
 * certificate only when all replicas have it.
 */
import { after } from '../../kernel/time.ts';
import type { Credential, ServicePrincipal } from '../../model/azure.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { isHeld, spreadOf } from './replica.ts';

type Shown = Exclude<MessageOf<'AadTokenRequest'>['credential'], { readonly kind: 'assertion' }>;

/** What a replica makes of the credential shown to it: the one it knows it by, or why it takes none. */
export type CredentialVerdict = Credential | 'unknown' | 'expired';

/** An application gets a credential; its others may go at the same time. One that has such a key already is replaced. */
export function onCredentialWanted(_state: unknown, message: MessageOf<'CredentialWanted'>, turn: Turn): void {
  const { objectId, kind, keyId, value, others } = message;
  const principal = standingApplication(turn, objectId);
  if (principal === undefined) return;
  const from = after(turn.now, turn.draw('secret.new.usableAfter', objectId));
  const everywhere = after(turn.now, turn.draw('mi.sp.replicationDelay', objectId));
  const until = everywhere > from ? everywhere : from;
  const notAfter = after(turn.now, message.life ?? turn.draw('secret.lifetime', objectId));
  const fresh: Credential = { kind, keyId, value, notBefore: turn.now, notAfter, spread: { from, until } };
  const kept = principal.credentials.filter((old) => old.keyId !== keyId);
  const rest = others === 'kept' ? kept : kept.map((old) => removed(turn, objectId, old));
  turn.table('servicePrincipals').put(objectId, { ...principal, credentials: [...rest, fresh] });
  turn.fact({ type: 'credential-added', objectId, keyId, usableFrom: from, notAfter });
}

/** An application loses a credential. */
export function onCredentialUnwanted(_state: unknown, { objectId, keyId }: MessageOf<'CredentialUnwanted'>, turn: Turn): void {
  const principal = standingApplication(turn, objectId);
  if (principal === undefined) return;
  const credentials = principal.credentials.map((old) => (old.keyId === keyId ? removed(turn, objectId, old) : old));
  turn.table('servicePrincipals').put(objectId, { ...principal, credentials });
}

/** Judges what a client shows. A secret comes without its key id, so several credentials may be meant: one that is good is enough. */
export function judgeCredential(turn: Turn, principal: ServicePrincipal, shown: Shown, subject: string): CredentialVerdict {
  let verdict: CredentialVerdict = 'unknown';
  for (const known of principal.credentials) {
    // A client secret is shown without saying which key it is: NMI's Secret holds only the text.
    const isMeant = known.kind === shown.kind && known.value === shown.value && (shown.keyId === '' || known.keyId === shown.keyId);
    if (!isMeant || turn.now < known.notBefore || !isHeld(turn, known, subject)) continue;
    if (turn.now < known.notAfter) return known;
    verdict = 'expired';
  }
  return verdict;
}

function removed(turn: Turn, objectId: string, credential: Credential): Credential {
  if (credential.removal !== undefined) return credential;
  turn.fact({ type: 'credential-removed', objectId, keyId: credential.keyId });
  return { ...credential, removal: spreadOf(turn, objectId) };
}

function standingApplication(turn: Turn, objectId: string): ServicePrincipal | undefined {
  const principal = turn.table('servicePrincipals').get(objectId);
  return principal?.kind === 'application' && principal.deletedAt === undefined ? principal : undefined;
}
