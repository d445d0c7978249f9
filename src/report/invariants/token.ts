/** Invariants of tokens: whose they are, how they are answered, when they are used. See the behaviour of NMI, N4, N7, N10. */
import { minutes, seconds } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { placeOf } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** `tokenMatchesRequest`. Client ids compare without letter case, as Entra does. */
export function tokenMatchesRequest(): Invariant {
  const record = new InvariantRecord('tokenMatchesRequest');
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'token-answered' || fact.requestedClientId === '') return;
      record.check();
      if (fact.appId.toLowerCase() === fact.requestedClientId.toLowerCase()) return;
      record.breach(placeOf(stamped, fact.pod), `${fact.pod} asked for ${fact.requestedClientId} and got a token of ${fact.appId}`);
    },
  };
}

const ANSWER_CODES: ReadonlySet<number> = new Set([200, 301, 400, 403, 404, 500, 503]);

/** `answerCodesKnown`. */
export function answerCodesKnown(): Invariant {
  const record = new InvariantRecord('answerCodesKnown');
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'nmi-answered') return;
      record.check();
      if (!ANSWER_CODES.has(fact.status))
        record.breach(placeOf(stamped, fact.sender), `NMI on ${fact.node} answered ${String(fact.status)}`);
      else if (fact.hasRetryAfter && fact.status !== 503)
        record.breach(placeOf(stamped, fact.sender), `NMI on ${fact.node} answered ${String(fact.status)} with a Retry-After`);
    },
  };
}

/** A service may look at a token this long after the client sent it. */
const REQUEST_MAX = seconds(5);

/** `tokenNotExpired`: neither when a client gets it nor when a service sees it. A query on an open connection shows no token. */
export function tokenNotExpired(): Invariant {
  const record = new InvariantRecord('tokenNotExpired');
  const expiries = new Map<string, Moment>();
  return {
    record,
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type === 'aad-token-issued') {
        expiries.set(fact.uti, fact.expiresAt);
        return;
      }
      if (fact.type !== 'token-answered' && fact.type !== 'service-answered') return;
      if (fact.type === 'service-answered' && fact.operation === 'query') return;
      const expiresAt = expiries.get(fact.uti);
      if (expiresAt === undefined) return;
      record.check();
      if (fact.type === 'token-answered') {
        if (expiresAt <= at) record.breach(placeOf(stamped, fact.pod), `${fact.pod} got token ${fact.uti} after it had expired`);
      } else if (expiresAt + REQUEST_MAX <= at)
        record.breach(placeOf(stamped, fact.sender), `${fact.sender} used token ${fact.uti} after it had expired`);
    },
  };
}

/** `everyTokenHasPrincipal`. */
export function everyTokenHasPrincipal(run: Run): Invariant {
  const record = new InvariantRecord('everyTokenHasPrincipal');
  const known = new Set(
    run
      .table('servicePrincipals')
      .all()
      .map((principal) => principal.objectId),
  );
  return {
    record,
    onWrite(write) {
      if (write.table === 'servicePrincipals' && write.entry.after !== undefined) known.add(write.entry.after.objectId);
    },
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'aad-token-issued') return;
      record.check();
      if (!known.has(fact.objectId)) record.breach(placeOf(stamped, ''), `a token was issued for ${fact.objectId}, which never existed`);
    },
  };
}

/** Every replica of the directory knows of a deletion after this. */
const REPLICATED_AFTER = minutes(10);

/** `noTokenAfterDeletion`. */
export function noTokenAfterDeletion(run: Run): Invariant {
  const record = new InvariantRecord('noTokenAfterDeletion');
  const deletedAt = new Map<string, Moment>();
  return {
    record,
    onWrite(write) {
      if (write.table !== 'servicePrincipals') return;
      const { before, after, at } = write.entry;
      const objectId = (after ?? before)?.objectId ?? '';
      if (after === undefined || after.deletedAt !== undefined) deletedAt.set(objectId, deletedAt.get(objectId) ?? at);
      else deletedAt.delete(objectId);
    },
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type !== 'aad-token-issued') return;
      record.check();
      const since = deletedAt.get(fact.objectId) ?? run.table('servicePrincipals').get(fact.objectId)?.deletedAt;
      if (since === undefined || at <= since + REPLICATED_AFTER) return;
      record.breach(placeOf(stamped, ''), `a token was issued for ${fact.objectId}, deleted long before`);
    },
  };
}
