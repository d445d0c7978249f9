/**
 * The instance metadata service on each node (`imds.*`).
 */
import { bucket, count, duration, flag, number, probability, TB } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { Exp, LN, trunc, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of IMDS. One knob is two lines: name and default above, meaning below. */
export const imdsKnobs = {
  'imds.rate.identity': bucket(TB(20, 20, 's'), 'req', H('E-FAQ'),
    'Identity requests one VM may send to its IMDS; more get 429.'),
  'imds.concurrency.identity': count(5, 'req', H('E-FAQ'),
    'Identity requests one VM may have in flight; more get 429.', { minimum: 1 }),
  'imds.rate.general': bucket(TB(5, 5, 's'), 'req', H('E-FAQ'),
    'Other metadata requests one VM may send; more get 429.'),
  'imds.latency.cacheHit': duration(LN(0.0032, 0.4), 's', M('PI#509: 2.9–3.5 ms at NMI (p95 6 ms est)', span(0.0029, 0.012)),
    'Answer from the token cache as seen at NMI: nmi.overhead and the round trip are inside, subtract them.',
    { whatIf: '4–12 ms (NMI logs)' }),
  'imds.latency.cacheMiss': duration(LN(0.4, 0.6), 's', M('PI#671 0.153, PI-DOC 0.538, PI#606 0.592; p95 1.07'),
    'Answer when the token has to be fetched, the call to Entra included.'),
  'imds.latency.firstUse': duration(LN(1, 0.84), 's', L('[est] range 0.5–4; PI#1011 demo 1.28 s end to end', span(0.5, 4)),
    'Answer to the first request for an identity on a node.'),
  'imds.latency.notFound': duration(LN(0.5, 0.5), 's', M('PI#606 (0.592)'),
    'Time to refuse an identity the node does not have (400, Identity not found).'),
  'imds.assign.visibleAt': number(U(0.6, 1.05), 'fraction', L('[est]; PI#1011: portal shows it < 30 s of a ~38 s PATCH'),
    'When a newly assigned identity works at IMDS, as a fraction of the PATCH.', { maximum: 20, whatIf: '1: exactly when the PATCH ends' }),
  'imds.unassign.visibleDelay': duration(trunc(LN(10, 1), 1, 300), 's', L('[est] range 1–60', span(1, 60)),
    'Time after the PATCH until IMDS refuses an unassigned identity.'),
  'imds.unassign.cachedTokenDropped': probability(0.9, L('[est] range 0.5–1', span(0.5, 1)),
    'Chance that unassigning also empties the token cache of the node.'),
  'imds.cache.proactiveRenewAfter': duration(3600, 's', M('PI#980 (IMDS engineer) vs E-FAQ 24 h'),
    'Age from which a request for a cached token also fetches a fresh one.', { whatIf: '86400 s (documented 24 h cache)' }),
  'imds.cache.serveUntil': duration(300, 's', L('[est]; “valid token” PI#980'),
    'How long before its expiry IMDS stops handing out a cached token.'),
  'imds.bypassCache.enabled': flag('off', M('azure-sdk-for-ruby#2163 (undocumented)'),
    'Whether a client can ask IMDS to skip its cache.'),
  'imds.update410.interarrival': duration(Exp(30), 'd', L('[est] range 7–90 d', span(7, 90)),
    'Time between upgrades of IMDS on one node, during which it answers 410.'),
  'imds.update410.duration': duration(U(5, 70), 's', M('E-TOK / C-IMDS: at most 70 s'),
    'Length of such an upgrade.'),
  'imds.update404.fraction': number(U(0, 0.5), 'fraction', L('[est]; E-TOK, C-IMDS name 404 and 410 without lengths', span(0, 1)),
    'First part of such an upgrade, in which it answers 404 in the place of 410.', { maximum: 1 }),
  'imds.error5xx.prob': probability(2e-4, L('[est] range 1e-5–1e-3', span(1e-5, 1e-3)),
    'Chance that a real fetch of a token ends in a 5xx.'),
  'imds.timeout.prob': probability(1e-4, L('[est] range 1e-5–1e-3', span(1e-5, 1e-3)),
    'Chance that a request to IMDS is never answered.'),
  'imds.staleIdentityBug.prob': probability(0, L('[est]; PI#681, #1085, #1102', span(0, 0.002)),
    'Chance that unassigning and reassigning an identity leaves the old one pinned in IMDS until it restarts.',
    { whatIf: '0.002 per cycle in 2020–21' }),
  'imds.noClientId.manyUami': count(400, 'HTTP', H('E-FAQ, PI#1212'),
    'Answer when no identity is named and the node has several and no system-assigned one.', { minimum: 100, maximum: 599 }),
} as const satisfies Readonly<Record<string, KnobSpec>>;
