/**
 * Entra (Azure Active Directory): service principals of managed identities and applications, their credentials, and tokens for them.
 *
 * Follows Microsoft's documentation of managed identities (certificate of 90 days, rolled after 45; soft delete; 24-hour tokens) and of
 * Entra's error codes. A new principal is known to one replica first: until the others have it, a request may meet one that has not.
 *
 *   arm ─► PrincipalWanted ─► row, certificate, roll timer ─► PrincipalReady
 *   imds, nmi, pod ─► AadTokenRequest ─► throttled 429 │ unknown, disabled 400 │ unusable credential 401 │ 200 and a row in the sign-in log
 *                          └─ token of a service account ─► keys of its issuer known? (signatures.ts)
 */
import { after, before, between, micros } from '../../kernel/time.ts';
import type { Credential, ServicePrincipal } from '../../model/azure.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { take, tokenBucket } from '../../model/token-bucket.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';
import { missChance } from '../../model/replication.ts';
import { uuidOf } from '../../model/uuid.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { judgeCredential, onCredentialUnwanted, onCredentialWanted } from './credentials.ts';
import { assertionRefusal, onFederatedCredentialUnwanted, onFederatedCredentialWanted } from './federated.ts';
import type { Missed } from './federated.ts';
import { holdForKeys, judgeSignature, onKeys, onNoKeys, UNKNOWN_KEY, UNREACHABLE } from './signatures.ts';
import type { Held, Signatures } from './signatures.ts';
import { onClaimChange } from './claims.ts';
import { awaitOutage, isStruck, onOutageDue } from './outage.ts';
import type { Outage } from './outage.ts';
import { deletePrincipal, onPrincipalChange, onPurgeDue, rollTimer } from './principals.ts';
import type { WithPurged } from './principals.ts';
import { answerToken, refuseToken } from './token-answer.ts';
import type { Refusal } from './token-answer.ts';

/** Slice of Entra. */
export interface AadState extends WithPurged {
  /** Throttles by `appId resource` -- changes. */
  buckets: Record<string, TokenBucket>;
  /** Misses of federated credentials that are remembered -- changes. */
  missed: Missed;
  /** The last outage that began -- changes. */
  outage: Outage | undefined;
  /** Keys of issuers of service accounts' tokens, and who waits for them -- changes. */
  signatures: Signatures;
}

type AadInbox = MessageOf<
  | 'Start'
  | 'PrincipalWanted'
  | 'PrincipalUnwanted'
  | 'CredentialWanted'
  | 'CredentialUnwanted'
  | 'FederatedCredentialWanted'
  | 'FederatedCredentialUnwanted'
  | 'ClaimChange'
  | 'PrincipalChange'
  | 'PurgeDue'
  | 'AadTokenRequest'
  | 'JwksResponse'
  | 'JwksTimeoutDue'
  | 'CredentialRollDue'
  | 'OutageDue'
>;

/** Entra. */
export const aad = defineActor<AadState, AadInbox>({
  kind: 'aad',
  initial: () => ({ buckets: {}, missed: {}, outage: undefined, signatures: { known: {}, held: {}, fetches: 0 }, purged: {} }),
  handlers: {
    Start: (_state, _message, turn) => {
      for (const principal of turn.table('servicePrincipals').all()) armRoll(turn, principal);
      awaitOutage(turn);
    },
    PrincipalWanted: onPrincipalWanted,
    PrincipalUnwanted: onPrincipalUnwanted,
    CredentialWanted: onCredentialWanted,
    CredentialUnwanted: onCredentialUnwanted,
    FederatedCredentialWanted: onFederatedCredentialWanted,
    FederatedCredentialUnwanted: onFederatedCredentialUnwanted,
    ClaimChange: onClaimChange,
    PrincipalChange: onPrincipalChange,
    PurgeDue: onPurgeDue,
    AadTokenRequest: onAadTokenRequest,
    JwksResponse: (state, message, turn) => {
      for (const held of onKeys(state, message, turn)) decideHeld(state, held, message.keys, turn);
    },
    JwksTimeoutDue: (state, message, turn) => {
      for (const { message: asked, latency, client } of onNoKeys(state, message)) refuseToken(turn, asked, UNREACHABLE, latency, client);
    },
    CredentialRollDue: onCredentialRollDue,
    OutageDue: onOutageDue,
  },
});

function onPrincipalWanted(state: AadState, message: MessageOf<'PrincipalWanted'>, turn: Turn): void {
  const { operation, kind, resourceId, displayName } = message;
  const table = turn.table('servicePrincipals');
  const earlier = table.by('resource', resourceId.toLowerCase()).length + (state.purged[resourceId.toLowerCase()] ?? 0);
  const name = earlier === 0 ? resourceId.toLowerCase() : `${resourceId.toLowerCase()} (${String(earlier + 1)})`;
  const objectId = uuidOf(`principal of ${name}`);
  const principal: ServicePrincipal = {
    objectId,
    appId: message.clientId ?? uuidOf(`client of ${name}`),
    kind,
    displayName,
    resourceId,
    createdAt: turn.now,
    replicatedAt: after(turn.now, turn.draw('mi.sp.replicationDelay', name)),
    credentials: [certificate(turn, objectId, 1)],
  };
  table.put(objectId, principal);
  armRoll(turn, principal);
  turn.fact({ type: 'principal-created', objectId, appId: principal.appId, kind, resourceId });
  turn.reply({ type: 'PrincipalReady', operation, objectId, appId: principal.appId });
}

function onPrincipalUnwanted(_state: AadState, { objectId }: MessageOf<'PrincipalUnwanted'>, turn: Turn): void {
  const principal = turn.table('servicePrincipals').get(objectId);
  if (principal !== undefined && principal.deletedAt === undefined) deletePrincipal(turn, principal);
}

/** A new certificate beside the old one, which stays good until it expires. Due by age, or because someone asks for it. */
function onCredentialRollDue(_state: AadState, { objectId }: MessageOf<'CredentialRollDue'>, turn: Turn): void {
  const table = turn.table('servicePrincipals');
  const principal = table.get(objectId);
  if (principal === undefined || principal.deletedAt !== undefined || principal.kind === 'application') return;
  if (turn.draw('mi.cert.rollFailureProb', objectId) === 1) {
    turn.setTimer(rollTimer(objectId), turn.knob('mi.cert.rollAfter'), { type: 'CredentialRollDue', objectId }, { label: 'idle' });
    return;
  }
  // Every write of the row makes a revision, so this number is new.
  const fresh = certificate(turn, objectId, (table.revision(objectId)?.n ?? 1) + 1);
  // An expired certificate is remembered for another life, so that whoever still uses it is told that it has expired.
  const memory = before(turn.now, turn.knob('mi.cert.lifetime'));
  const rolled: ServicePrincipal = { ...principal, credentials: [...principal.credentials.filter((old) => old.notAfter > memory), fresh] };
  table.put(objectId, rolled);
  armRoll(turn, rolled);
  turn.fact({ type: 'credential-rolled', objectId, keyId: fresh.keyId, notAfter: fresh.notAfter });
}

function certificate(turn: Turn, objectId: string, n: number): Credential {
  return {
    kind: 'certificate',
    keyId: uuidOf(`certificate ${String(n)} of ${objectId}`),
    value: `key ${String(n)} of ${objectId}`,
    notBefore: turn.now,
    notAfter: after(turn.now, turn.knob('mi.cert.lifetime')),
  };
}

/** Arms the roll of a managed identity's newest certificate. Applications look after their own. */
function armRoll(turn: Turn, principal: ServicePrincipal): void {
  const { objectId, kind, deletedAt } = principal;
  if (kind === 'application' || deletedAt !== undefined) return;
  const newest = newestOf(principal);
  const due = newest === undefined ? turn.now : after(newest.notBefore, turn.knob('mi.cert.rollAfter'));
  const wait = micros(Math.max(0, between(turn.now, due)));
  turn.setTimer(rollTimer(objectId), wait, { type: 'CredentialRollDue', objectId }, { label: 'idle' });
}

function newestOf(principal: ServicePrincipal): Credential | undefined {
  let newest: Credential | undefined;
  for (const credential of principal.credentials) if (newest === undefined || credential.notBefore > newest.notBefore) newest = credential;
  return newest;
}

function onAadTokenRequest(state: AadState, message: MessageOf<'AadTokenRequest'>, turn: Turn): void {
  const subject = `${turn.from}|${message.clientId}`;
  const isExchange = message.credential.kind === 'assertion';
  const latency = isExchange ? turn.draw('wi.exchange.latency', subject) : turn.draw('entra.token.latency', subject);
  if (isThrottled(state, message, turn)) {
    refuseToken(turn, message, { status: 429, error: 'AADSTS50196', retryAfter: turn.knob('entra.throttle.retryAfter') }, latency);
    return;
  }
  if (isStruck(state, turn, subject)) {
    refuseToken(turn, message, { status: 503, error: 'AADSTS90033' }, latency);
    return;
  }
  const asked: Held = { client: turn.from, message, latency };
  if (message.credential.kind !== 'assertion') {
    decide(state, asked, turn);
    return;
  }
  const { token } = message.credential;
  const signature = judgeSignature(state, token, turn);
  if (signature === 'look') holdForKeys(state, asked, token.issuer, turn);
  else if (signature === 'good') decide(state, asked, turn);
  else refuseToken(turn, message, signature, latency);
}

/** The keys came that a request waited for. */
function decideHeld(state: AadState, held: Held, keys: readonly string[], turn: Turn): void {
  const { credential } = held.message;
  if (credential.kind === 'assertion' && !keys.includes(credential.token.keyId))
    refuseToken(turn, held.message, UNKNOWN_KEY, held.latency, held.client);
  else decide(state, held, turn);
}

/** A request that nothing stands against but what it shows. */
function decide(state: AadState, { client, message, latency }: Held, turn: Turn): void {
  const found = principalFor(state, message, turn, `${client}|${message.clientId}`);
  if ('error' in found) {
    refuseToken(turn, message, found, latency, client);
    return;
  }
  answerToken(turn, message, { ...found, uti: uuidOf(`token for ${client} ${message.request}`) }, latency, client);
}

function isThrottled(state: AadState, message: MessageOf<'AadTokenRequest'>, turn: Turn): boolean {
  const key = `${message.clientId} ${message.resource}`;
  const taking = take(state.buckets[key] ?? tokenBucket(turn.knob('entra.throttle.bucket')), turn.now);
  if (taking.ok) state.buckets[key] = taking.bucket;
  return !taking.ok;
}

/** The principal of a client id that is alive. A client id names one at most; a re-created one may share it with a deleted one. */
function principalOf(turn: Turn, clientId: string): ServicePrincipal | undefined {
  return turn
    .table('servicePrincipals')
    .by('app', clientId.toLowerCase())
    .find((principal) => principal.deletedAt === undefined);
}

/** Who gets a token, and by which of its credentials: the sign-in log names it, whether the client did or not. */
interface Grantee {
  readonly principal: ServicePrincipal;
  readonly keyId: string;
}

/** The principal that gets the token, or why there is none. */
function principalFor(state: AadState, message: MessageOf<'AadTokenRequest'>, turn: Turn, subject: string): Grantee | Refusal {
  if (turn.draw('entra.token.errorProb', subject) === 1) return { status: 503, error: 'AADSTS90033' };
  const principal = principalOf(turn, message.clientId);
  if (principal === undefined || isMissed(turn, principal, subject)) return { status: 400, error: 'AADSTS700016' };
  if (principal.disabledAt !== undefined) return { status: 400, error: 'AADSTS7000112' };
  const { credential } = message;
  if (credential.kind === 'assertion') return assertionRefusal(state.missed, principal, credential.token, turn) ?? { principal, keyId: '' };
  const verdict = judgeCredential(turn, principal, credential, subject);
  if (typeof verdict === 'object') return { principal, keyId: verdict.keyId };
  return { status: 401, error: verdict === 'expired' ? 'AADSTS7000222' : 'AADSTS7000215' };
}

/** Whether this request meets a replica that does not know a new principal yet. Only a chance that is neither nothing nor all is drawn. */
function isMissed(turn: Turn, principal: ServicePrincipal, subject: string): boolean {
  const chance = missChance(principal, turn.knob('mi.sp.missProbDuringReplication'), turn.now);
  return chance === 1 || (chance > 0 && turn.uniform('replica', subject) < chance);
}
