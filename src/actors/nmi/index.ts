/**
 * NMI: one per node. Answers a pod's request for a token in place of IMDS.
 *
 * Follows aad-pod-identity v1.8.17 `cmd/nmi`, `pkg/nmi` and `pkg/auth`. It keeps no tokens, joins no requests, and limits nothing.
 *
 *   token request ─► pod by IP ─► excepted? ─yes─────────────────► IMDS ─► 200
 *                    (5 scans)      │ no                            ▲
 *                                   ▼                               │ type 0
 *                    identity usable? ─yes─► choice ────────────────┤
 *                       ▲      │ no                                 │ type 1, 2
 *                       └─ 5 s ┴─► looks spent ─► 404               └─► Secret ─► Entra ─► 200
 */
import type { MessageOf } from '../../model/messages/index.ts';
import { defineActor } from '../../model/vocabulary.ts';
import { onImdsAnswer, onImdsRetry, onImdsSilence, onIssuerAnswer, onSecret } from './acquisition.ts';
import { onConnectionClosed, onMetadataRequest } from './front-door.ts';
import { look } from './identity-lookup.ts';
import { onListed, onNmiStarted, onProbe, onRulesCheck, onRulesDone, onSignal, onStepDue } from './life.ts';
import { onLookupResult, onLookupTimeout } from './mic-lookup.ts';
import { scan } from './pod-lookup.ts';
import { initialState, takeAnswered } from './state.ts';
import type { NmiState } from './state.ts';

type Inbox = MessageOf<
  | 'NmiStarted'
  | 'NmiStepDue'
  | 'Signal'
  | 'Probe'
  | 'RulesDone'
  | 'RulesCheckDue'
  | 'MetadataRequest'
  | 'MetadataResponse'
  | 'ConnectionClosed'
  | 'PodLookupDue'
  | 'IdentityPollDue'
  | 'UpstreamRetryDue'
  | 'UpstreamTimeoutDue'
  | 'ApiResponse'
  | 'AadTokenResponse'
  | 'IdentityLookupResult'
  | 'LookupTimeoutDue'
>;

/** One NMI. */
export const nmi = defineActor<NmiState, Inbox>({
  kind: 'nmi',
  initial: initialState,
  handlers: {
    NmiStarted: onNmiStarted,
    NmiStepDue: onStepDue,
    Signal: onSignal,
    Probe: onProbe,
    RulesDone: onRulesDone,
    RulesCheckDue: onRulesCheck,
    MetadataRequest: onMetadataRequest,
    MetadataResponse: onImdsAnswer,
    ConnectionClosed: onConnectionClosed,
    PodLookupDue: (state, { request }, turn) => {
      scan(state, request, turn);
    },
    IdentityPollDue: (state, { request }, turn) => {
      look(state, request, turn);
    },
    UpstreamRetryDue: onImdsRetry,
    UpstreamTimeoutDue: onImdsSilence,
    ApiResponse: (state, message, turn) => {
      // What no request asked for was the first list.
      if (!Object.hasOwn(state.questions, message.request)) {
        onListed(state, message, turn);
        return;
      }
      const request = takeAnswered(state, message.request);
      if (request !== undefined) onSecret(state, request, message, turn);
    },
    AadTokenResponse: onIssuerAnswer,
    IdentityLookupResult: onLookupResult,
    LookupTimeoutDue: onLookupTimeout,
  },
});
