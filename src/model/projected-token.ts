/** What a process of a pod shows Entra: the projected token of its service account, as its volume holds it. */
import { after } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import { projectedAt } from './federated-credential.ts';
import type { MessageOf } from './messages/index.ts';
import { signingKeyAt } from './signing-keys.ts';
import type { Turn } from './vocabulary.ts';
import type { FederatedPlace } from './workload-identity.ts';

/** The token read at a moment from a volume that was filled at another. */
export function projectedToken(
  place: FederatedPlace,
  { filledAt, readAt }: { readonly filledAt: Moment; readonly readAt: Moment },
  turn: Turn,
): MessageOf<'AadTokenRequest'>['credential'] {
  const { issuer, subject, audience, life } = place;
  const rule = { life, at: turn.knob('wi.saToken.refreshAt'), most: turn.knob('wi.saToken.refreshAt.maximumAge') };
  const issuedAt = projectedAt(filledAt, readAt, rule);
  const keyId = signingKeyAt(turn.table('oidcIssuers').get(issuer), issuedAt);
  return { kind: 'assertion', keyId: '', token: { issuer, subject, audience, keyId, expiresAt: after(issuedAt, life) } };
}
