/**
 * A service that applications use with their tokens: Azure SQL, a key vault, Cosmos DB, ARM itself, or an application's own API.
 *
 * Follows how each of them checks a token: SQL when a connection opens and never again (TDS), Key Vault and Cosmos DB at every request;
 * first the token (401), then the role (403). Which service principal came is all its log knows; which pod is added for the reports.
 *
 *   ServiceRequest ─► too many? 429 ─► token? 401 ─► principal there? 401 ─► role effective? 403 ─► 200
 *
 * Groups and application roles are those of the token. Simplified: Azure SQL takes a login by role assignment like the others, where it
 * really asks for a user that its database holds for the principal or its group.
 *
 * Simplified: queries over an open connection always work; calls that are refused with 429 do not count against a vault's rate, those
 * without a token do. The log has the address of the pod, as where a service is reached by a private or service endpoint; behind a public
 * one it would have that of the load balancer or gateway, one for the whole cluster.
 */
import { ZERO, after, plus } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { isManagementGroup } from '../../model/azure.ts';
import type { AccessToken } from '../../model/azure.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { judgeToken } from '../../model/token.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ServiceRow } from '../../model/workload.ts';
import { hasAccess } from '../../model/role-access.ts';
import { claimsInForce } from './claims.ts';
import { revocation } from './revocation.ts';
import { admitToVault } from './vault-limits.ts';

/** Slice of a service. */
export interface TargetServiceState {
  /** Throttle of a vault; undefined before its first request -- changes. */
  bucket: TokenBucket | undefined;
}

type ServiceInbox = MessageOf<'Start' | 'ServiceRequest'>;

interface Verdict {
  readonly status: number;
  /** `''` for none. */
  readonly error: string;
}

const FINE: Verdict = { status: 200, error: '' };
const THROTTLED: Verdict = { status: 429, error: 'Throttled' };

/** A target service. */
export const targetService = defineActor<TargetServiceState, ServiceInbox>({
  kind: 'target-service',
  initial: () => ({ bucket: undefined }),
  handlers: {
    // What it is stands in its row of `services`.
    Start: () => undefined,
    ServiceRequest: onServiceRequest,
  },
});

function onServiceRequest(state: TargetServiceState, message: MessageOf<'ServiceRequest'>, turn: Turn): void {
  const name = turn.self.slice('service/'.length);
  const row = turn.table('services').get(name);
  if (row === undefined) throw new Error(`no service ${name} among the services of this world`);
  const { request, operation, sender, callerIP, token } = message;
  const subject = `${name}|${sender}`;
  if (token === undefined) {
    challenge(state, row, message, turn);
    return;
  }
  const { status, error } = verdictOf(state, row, message, turn);
  turn.fact({
    type: 'service-answered',
    service: name,
    kind: row.kind,
    operation,
    request,
    objectId: token.objectId,
    appId: token.appId,
    uti: token.uti,
    callerIP,
    sender,
    status,
    error,
    loggedAt: after(turn.now, logDelay(turn, row.kind, subject)),
  });
  const answer = { type: 'ServiceResponse', request, status, ...(error === '' ? {} : { error }) } as const;
  turn.reply(answer, { after: latency(turn, row.kind, { operation, subject }), label: 'other' });
}

/** Says to a client without a token where to get one; a vault that is throttled says that instead. */
function challenge(
  state: TargetServiceState,
  row: ServiceRow,
  { request, operation, sender }: MessageOf<'ServiceRequest'>,
  turn: Turn,
): void {
  const subject = `${row.name}|${sender}`;
  const isAdmitted = row.kind !== 'keyVault' || admitToVault(state, row, turn);
  const loggedAt = after(turn.now, logDelay(turn, row.kind, subject));
  if (isAdmitted) turn.fact({ type: 'service-challenged', service: row.name, operation, sender, loggedAt });
  const answer = isAdmitted ? { status: 401, error: 'tokenMissing' } : THROTTLED;
  turn.reply(
    { type: 'ServiceResponse', request, ...answer },
    {
      after: row.kind === 'keyVault' ? turn.draw('kv.challenge401.latency', subject) : latency(turn, row.kind, { operation, subject }),
      label: 'other',
    },
  );
}

function verdictOf(state: TargetServiceState, row: ServiceRow, message: MessageOf<'ServiceRequest'>, turn: Turn): Verdict {
  if (row.kind === 'keyVault') {
    if (!admitToVault(state, row, turn)) return THROTTLED;
    if (turn.draw('kv.error5xx.prob', `${row.name}|${message.sender}`) === 1) return { status: 500, error: 'InternalServerError' };
  }
  // Faithful: an open connection outlives its token; only opening one checks it.
  if (row.kind === 'sql' && message.operation !== 'connect') return FINE;
  if (message.token === undefined) return { status: 401, error: 'tokenMissing' };
  return tokenVerdict(turn, row, message.token) ?? roleVerdict(turn, row, message.token);
}

function tokenVerdict(turn: Turn, row: ServiceRow, token: AccessToken): Verdict | undefined {
  const judged = judgeToken(token, { audience: row.audience, now: turn.now, skew: turn.knob('token.clockSkew') });
  if (judged !== 'valid') return { status: 401, error: judged };
  const revoked = revocation(turn, row, token);
  return revoked === undefined ? undefined : { status: 401, error: revoked };
}

function roleVerdict(turn: Turn, row: ServiceRow, token: AccessToken): Verdict {
  const { groups = [], roles = [] } = claimsInForce(turn, row, token);
  if (row.kind === 'api') return row.appRole === undefined || roles.includes(row.appRole) ? FINE : { status: 403, error: 'roleMissing' };
  const usual = row.kind === 'cosmosDb' ? 'cosmos.rbac.delay' : 'rbac.grant.delay';
  const assignments = [token.objectId, ...groups].flatMap((holder) => turn.table('roleAssignments').by('principal', holder));
  const isAllowed = hasAccess(assignments, row, {
    now: turn.now,
    grantDelay: ({ id, scope }) =>
      turn.drawAt(isManagementGroup(scope) && row.kind !== 'arm' ? 'rbac.mgScope.dataActionDelay' : usual, `${row.name}|${id}`, 0),
    revokeDelay: ({ id }) => turn.drawAt('rbac.revoke.delay', `${row.name}|${id}`, 0),
  });
  return isAllowed ? FINE : { status: 403, error: 'ForbiddenByRbac' };
}

function latency(turn: Turn, kind: ServiceRow['kind'], of: { readonly operation: string; readonly subject: string }): Duration {
  switch (kind) {
    case 'sql':
      // A query over an open connection takes the way there and back; what the database does with it is not the flow's business.
      return of.operation === 'connect' ? turn.draw('sql.login.latency', of.subject) : ZERO;
    case 'keyVault':
      return turn.draw('kv.get.latency', of.subject);
    case 'cosmosDb':
      return turn.draw('cosmos.read.latency', of.subject);
    case 'arm':
      return turn.draw('arm.get.latency', of.subject);
    case 'api':
      // What an application does is its own business.
      return ZERO;
  }
}

/** Time until the access stands in a log that can be read. */
function logDelay(turn: Turn, kind: ServiceRow['kind'], subject: string): Duration {
  switch (kind) {
    case 'sql':
      return plus(turn.draw('sql.audit.delay', subject), turn.draw('logAnalytics.ingestion', subject));
    case 'keyVault':
      return turn.draw('kv.audit.delay', subject);
    case 'cosmosDb':
    case 'api':
      return turn.draw('logAnalytics.ingestion', subject);
    case 'arm':
      return turn.draw(turn.knob('activityLog.export') === 'legacy' ? 'activityLog.delay.legacy' : 'activityLog.delay', subject);
  }
}
