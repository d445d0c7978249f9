/**
 * Azure Workload Identity, the successor (`wi.*`).
 */
import { choice, count, duration, flag, number, probability } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { LN, trunc, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of workload identity. One knob is two lines: name and default above, meaning below. */
export const workloadIdentityKnobs = {
  'wi.saToken.lifetime': duration(3600, 's', H('WI', span(3600, 86_400)),
    'Life of the projected service-account token.', { whatIf: '3600–86400 s', }),
  'wi.saToken.refreshAt': number(0.8, 'fraction', H('WI (key-rotation page)'),
    'Share of its life after which the kubelet replaces it.', { maximum: 1, }),
  'wi.saToken.readAgain': flag('on', M('kubernetes.io service-account tokens: the application has to reload the file; AZID and MSAL read it for each exchange'),
    'Whether a process reads the file of its token for each exchange, or once, as it starts.'),
  'wi.saToken.refreshAt.maximumAge': duration(24, 'h', H('WI (key-rotation page)'),
    'Age at which the kubelet replaces it in any case.'),
  'wi.accessToken.lifetime': duration(86_400, 's', M('WI faq; E-AT'),
    'Life of an access token of a user-assigned identity.'),
  'wi.accessToken.lifetime.appRegistration': duration(U(3600, 5400), 's', M('WI faq; E-AT'),
    'Life of an access token of an app registration.'),
  'wi.exchange.latency': duration(LN(0.4, 0.6), 's', L('[est] as entra.token.latency + JWKS'),
    'Time to exchange a service-account token for an access token.'),
  'wi.fic.max': count(20, 'FICs', H('E-FIC, AKS-WI'),
    'Most federated credentials of one identity.', { minimum: 1 }),
  'wi.fic.propagation': duration(trunc(LN(5, 1.5), 1, 300), 's', M('WI, E-FIC: seconds … couple of minutes', span(2, 120)),
    'Time until every replica knows a federated credential; before, a request meets an old one by chance.'),
  'wi.fic.negativeCache': duration(U(60, 120), 's', M('azure-workload-identity#273, #576: a couple of minutes; up to 60 s in other reports', span(30, 180)),
    'Time Entra remembers that it did not know a federated credential.'),
  'wi.fic.divergence.prob': probability(0, L('[est] range 0–0.25; azure-workload-identity#1200: 1 of 4 in one pipeline', span(0, 0.25)),
    'Chance that some replicas of the directory never get a federated credential.', { whatIf: '0.25', }),
  'wi.fic.divergence.share': number(U(0.1, 0.9), 'fraction', L('[est]; azure-workload-identity#977: now and then'),
    'Share of the replicas that never get such a credential.', { maximum: 1, }),
  'wi.fic.matching': choice(['caseSensitive', 'caseInsensitive'], M('WI: case-sensitive since February 2025'),
    'Whether issuer and subject of a federated credential must be those of the token letter by letter.'),
  'wi.fic.concurrentWrite': count(409, 'HTTP', H('E-FIC'),
    'Answer to the second of two simultaneous writes of federated credentials.', { minimum: 100, maximum: 599, }),
  'wi.webhook.latency': duration(LN(0.01, 0.98), 's', L('[est]'),
    'Time the webhook adds to the admission of a pod.'),
  'wi.webhook.timeout': duration(10, 's', H('azure-workload-identity#1608, #863: timeout=10s; Kubernetes: timeoutSeconds 1–30', span(1, 30)),
    'Time the API server waits for the webhook before the failure policy decides.'),
  'wi.webhook.servesAfter': duration(0, 's', M('azure-workload-identity#709: up to 0.15 its pods were ready 3.5 min before it served', span(0, 210)),
    'Time from the start of a copy of the webhook until it serves; its pod is ready before.', { whatIf: '210s' }),
  'wi.webhook.failurePolicy': choice(['Fail', 'Ignore'], H('WI chart'),
    'Whether pods are refused or admitted unchanged while the webhook is away.'),
  'wi.webhook.objects': choice(['labelled', 'all'], H('azure-workload-identity#695 (objectSelector since 1.0); all: #601, #523'),
    'Which new pods the webhook is asked about: those with its label, or all, its own copies too.'),
  'wi.webhook.replicas': count(2, 'pods', H('WI chart'),
    'Copies of the webhook.', { minimum: 1 }),
  'wi.webhook.unavailableProb': probability(1e-4, L('[est] range 1e-5–1e-3', span(1e-5, 1e-3)),
    'Chance that the webhook does not answer an admission.'),
  'wi.oidc.keyOverlap': duration(86_400, 's', H('AKS-OIDC'),
    'Time the old signing key of a cluster stays valid beside the new one.'),
  'wi.oidc.fetchTimeout': duration(10, 's', L('[est]', span(2, 30)),
    'Time Entra waits for the signing keys of a cluster before it refuses with AADSTS90061.'),
  'wi.oidc.refreshInterval': duration(5, 'min', M('Microsoft.IdentityModel ConfigurationManager.DefaultRefreshInterval; [inf] for Entra', span(1, 30)),
    'Shortest time between two looks for a key that Entra does not know.'),
  'wi.oidc.entraJwksCache': duration(LN(3600, 0.7), 's', L('[est] range 300–86400', span(300, 86_400)),
    'Age up to which Entra believes a cluster’s signing keys.'),
} as const satisfies Readonly<Record<string, KnobSpec>>;
