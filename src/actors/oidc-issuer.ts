/**
 * The OIDC issuer of a cluster, as Entra meets it: the document with its signing keys, and their rotation.
 *
 *   aad ─JwksRequest─► keys in the document now        SigningKeyRotationWanted ─► a new key signs, the one before stays for a day
 *
 * Simplified: discovery and key document are one; the API server signs with a new key the moment it is there.
 */
import type { MessageOf } from '../model/messages/index.ts';
import { publishedKeys, rotated } from '../model/signing-keys.ts';
import { defineActor } from '../model/vocabulary.ts';

type Inbox = MessageOf<'Start' | 'JwksRequest' | 'SigningKeyRotationWanted'>;

/** The actor `oidc-issuer`. */
export const oidcIssuer = defineActor<Record<string, never>, Inbox>({
  kind: 'oidc-issuer',
  initial: () => ({}),
  handlers: {
    // Its keys stand in their table.
    Start: () => undefined,
    JwksRequest: (_state, { request, issuer }, turn) => {
      turn.reply({ type: 'JwksResponse', request, issuer, keys: publishedKeys(turn.table('oidcIssuers').get(issuer), turn.now) });
    },
    SigningKeyRotationWanted: (_state, _message, turn) => {
      for (const row of turn.table('oidcIssuers').all()) {
        const next = rotated(row, turn.now, turn.knob('wi.oidc.keyOverlap'));
        turn.table('oidcIssuers').put(row.issuer, next);
        turn.fact({ type: 'signing-key-rotated', issuer: row.issuer, keyId: next.keys.at(-1)?.keyId ?? '' });
      }
    },
  },
});
