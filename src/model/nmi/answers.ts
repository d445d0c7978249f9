/**
 * Everything NMI says of its own: status codes and bodies, and the routes on which it says them.
 *
 * Follows aad-pod-identity v1.8.17 `pkg/nmi/server/server.go` and `pkg/auth/errors.go`. Statuses and texts are those of upstream where a
 * client acts on them; other texts say the same in other words. What IMDS says goes through the proxy as it came and is not listed.
 *
 * Simplified: the host route's token comes in the body of the token route, and one token stands for the list of several tenants. Never
 * given: the 403 for a token of IMDS that cannot be parsed, and the 500 for a certificate whose key is not RSA, for neither exists here.
 */
import type { NmiRoute } from './routes.ts';

/** Answers that have one status and one text. */
export const ANSWERS = {
  /** mux: the path was not clean. */
  moved: { status: 301, text: 'Moved Permanently' },
  /** The path looks like one of a token request, and is none. */
  oddTokenPath: { status: 400, text: 'Invalid request' },
  instanceBlocked: { status: 403, text: 'Request blocked by AAD Pod Identity NMI' },
  metadataHeaderMissing: { status: 400, text: '{"error":"invalid_request","error_description":"Required metadata header not specified"}' },
  senderUnreadable: { status: 500, text: 'request remote address is empty' },
  resourceMissing: { status: 400, text: 'parameter resource cannot be empty' },
  podHeadersMissing: { status: 400, text: 'headers podns and podname are needed' },
  senderNotHost: { status: 500, text: 'the sender is not the host' },
  podUnknown: { status: 500, text: 'no pod has that address: list empty' },
  podAmbiguous: { status: 500, text: 'several pods have that address' },
  /** Faithful: a panic; upstream's metrics never see it. */
  nothingToIndex: { status: 500, text: 'index out of range', counted: 'no' },
  imdsUnreachable: { status: 500, text: 'IMDS cannot be reached' },
} as const;

/** Name of one of {@link ANSWERS}. */
export type AnswerName = keyof typeof ANSWERS;

/** One of {@link ANSWERS}. */
export type FixedAnswer = (typeof ANSWERS)[AnswerName];

/** Which of {@link ANSWERS} each route can give. */
export const ANSWERS_OF_ROUTE = {
  redirect: ['moved'],
  token: ['metadataHeaderMissing', 'senderUnreadable', 'resourceMissing', 'podUnknown', 'podAmbiguous', 'nothingToIndex'],
  invalidTokenPath: ['oddTokenPath'],
  hostToken: ['podHeadersMissing', 'senderNotHost', 'resourceMissing', 'nothingToIndex'],
  blockedInstance: ['instanceBlocked'],
  proxy: ['metadataHeaderMissing', 'imdsUnreachable'],
} as const satisfies Record<NmiRoute, readonly AnswerName[]>;

/** Why there is no identity, as the body says it. */
export const WITHOUT_IDENTITY = {
  notCreated: 'no identity was created for the pod',
  notAssigned: 'identities stayed unassigned',
  /** Followed by what was asked for. */
  notFitting: 'no identity fits',
  /** Read by nobody, for the client is gone; stated and counted all the same. */
  canceled: 'context canceled',
  /** Of the documented variant only. */
  denied: 'denied by MIC',
  micSilent: 'MIC does not answer',
} as const;

/** A reason of {@link WITHOUT_IDENTITY}. */
export type NoIdentity = keyof typeof WITHOUT_IDENTITY;

/**
 * Knobs with the statuses of an answer without identity: today's, the one under the flag of Retry-After (never on the host route), and
 * that of releases before 1.6.1.
 */
export const STATUSES_WITHOUT_IDENTITY = {
  token: ['nmi.status.noAssignedId', 'nmi.status.noAssignedId.withRetryAfter', 'nmi.status.tokenError'],
  hostToken: ['nmi.status.noAssignedId', 'nmi.status.tokenError'],
} as const;

/** Body of an answer without token; `: ` and the words of the issuer follow, where it had any. */
export const WITHOUT_TOKEN = 'no token could be had';

/** Knobs with the statuses of an answer without token: the issuer refused, or it could not be asked. */
export const STATUSES_WITHOUT_TOKEN = ['nmi.status.tokenError', 'nmi.status.healthCheckError'] as const;

/** The health page: always 200 once the port is open; the body tells whether the first rules are in. */
export const HEALTH = { status: 200, bodies: { installed: 'Active', missing: 'Not Active' } } as const;
