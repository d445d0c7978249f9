/** Entra's answers to token requests: the token with its entry in the sign-in log, or the error code. */
import type { Duration } from '../../kernel/time.ts';
import type { ServicePrincipal } from '../../model/azure.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { signInTimes } from '../../model/sign-in-log.ts';
import { managedTokenLife } from '../../model/token-life.ts';
import { issueToken } from '../../model/token.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { claimsAtIssue } from './claims.ts';

/** Why there is no token. */
export interface Refusal {
  readonly status: number;
  /** Code such as `AADSTS700016`. */
  readonly error: string;
  readonly retryAfter?: Duration;
}

/** Issues a token and writes the sign-in down; the log shows it later. `client`: who asked, now or a while ago. */
export function answerToken(
  turn: Turn,
  message: MessageOf<'AadTokenRequest'>,
  issue: { readonly principal: ServicePrincipal; readonly keyId: string; readonly uti: string },
  latency: Duration,
  client = turn.from,
): void {
  const { principal, keyId, uti } = issue;
  const { objectId, appId, kind } = principal;
  const subject = `${client}|${appId}`;
  // Managed identities have a fixed life; any other principal's is drawn for each token.
  const life = lifeOf(kind, message.credential.kind, subject, turn);
  const claims = claimsAtIssue(turn, principal, message.resource, subject);
  const backdate = turn.knob('mi.token.nbfBackdate');
  const token = issueToken({ uti, audience: message.resource, principal, at: turn.now, life, backdate, claims });
  turn.fact({
    type: 'aad-token-issued',
    uti,
    objectId,
    appId,
    audience: message.resource,
    principalKind: kind,
    keyId,
    ...(message.credential.kind === 'assertion' ? { federatedSubject: message.credential.token.subject } : {}),
    expiresAt: token.expiresAt,
    ...signInTimes(turn, subject),
  });
  turn.send(client, { type: 'AadTokenResponse', request: message.request, status: 200, token }, { after: latency, label: 'aad' });
}

function lifeOf(
  kind: ServicePrincipal['kind'],
  shown: MessageOf<'AadTokenRequest'>['credential']['kind'],
  subject: string,
  turn: Turn,
): Duration {
  if (kind === 'application')
    return shown === 'assertion' ? turn.draw('wi.accessToken.lifetime.appRegistration', subject) : turn.draw('sp.token.lifetime', subject);
  return shown === 'assertion' ? turn.knob('wi.accessToken.lifetime') : managedTokenLife(turn);
}

/** Refuses a token request. */
export function refuseToken(
  turn: Turn,
  message: MessageOf<'AadTokenRequest'>,
  refusal: Refusal,
  latency: Duration,
  client = turn.from,
): void {
  const { clientId, credential } = message;
  const shown = credential.kind === 'assertion' ? { federatedSubject: credential.token.subject } : {};
  turn.fact({ type: 'aad-token-refused', appId: clientId, error: refusal.error, ...shown });
  turn.send(client, { type: 'AadTokenResponse', request: message.request, ...refusal }, { after: latency, label: 'aad' });
}
