/**
 * Token clients as far as they are calibration: ADAL inside NMI and MIC, published guidance, and the
 * habits of workloads (`adal.*`, `client.*`, `app.*`). Whole client profiles are data elsewhere.
 */
import { choice, count, duration, durations, flag, number, probability } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { Exp, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of token clients and workloads. One knob is two lines: name and default above, meaning below. */
export const clientKnobs = {
  'adal.imds.maxAttempts': count(5, 'tries', H('ADAL'),
    'Tries ADAL makes at IMDS, the first included.', { minimum: 1 }),
  'adal.imds.delays': durations([2, 6, 14, 30, 60], 's', H('ADAL'),
    'ADAL’s wait after each failed try on 404, 408, 410, 429 and 5xx; it also waits after the last.'),
  'adal.http.dialTimeout': duration(30, 's', H('ADAL sender.go'),
    'How long ADAL waits for a connection; an open request has no time-out.'),
  'client.imds.guidance.delays': durations([0, 2, 6, 14, 30], 's', H('E-TOK'),
    'Waits the IMDS documentation recommends before each try.'),
  'client.azidentityJs.retries.count': count(5, 'retries', H('AZID (4.13.1)'),
    'Retries of @azure/identity on 404 and 410, after the first try.'),
  'client.azidentityJs.retries.first': duration(0.8, 's', H('AZID (4.13.1)'),
    'Its first wait on 404.'),
  'client.azidentityJs.retries.firstOn410': duration(3, 's', H('AZID (4.13.1)'),
    'Its first wait on 410.'),
  'client.azidentityJs.retries.factor': number(2, '×', H('AZID (4.13.1)'),
    'Growth of its wait from one retry to the next.', { minimum: 1, }),
  'client.azidentityJs.retries.cap': duration(64, 's', H('AZID (4.13.1)'),
    'Longest wait of its schedule.'),
  'client.azidentityJs.retries.jitter': number(U(0.5, 1), '×', H('ts-http-runtime'),
    'Factor by which each of its waits is multiplied.', { maximum: 1, }),
  'client.msalGo.retries.tries': count(3, 'tries', H('MSALGO'),
    'Tries of MSAL Go, the first included.', { minimum: 1 }),
  'client.msalGo.retries.gap': duration(1, 's', H('MSALGO'),
    'Its wait between tries.'),
  'client.token.expiryBuffer': duration(300, 's', H('ADAL defaultRefresh, MSALGO items.go'),
    'How long before its expiry a client regards a token as used up.'),
  'client.token.refreshAtHalf': flag('on', H('MSALGO, AZID/msal-java#848'),
    'Whether clients refresh a long-lived token at half of its life.'),
  'client.token.refreshAtHalf.minimumLife': duration(7200, 's', H('MSALGO, AZID/msal-java#848'),
    'Life above which a token counts as long-lived.'),
  'client.http.timeout': duration(60, 's', M('PI#799 (60.06 s); [est] range 10–100', span(10, 100)),
    'How long a pod’s HTTP client waits for its token.'),
  'client.imds.probeTimeout': duration(1, 's', M('AZID Java note (was 0.5)'),
    'How long a client that only tests for IMDS waits.', { whatIf: '0.3 s and 0.5 s in older clients', }),
  'app.answersProbes': choice(['always', 'afterFirstToken'], M('Azure/application-gateway-kubernetes-ingress#755: its health server started last'),
    'From when on an application answers its liveness probe.'),
  'app.cachesToken': probability(0.9, L('[est] range 0.6–0.99', span(0.6, 0.99)),
    'Chance that a workload keeps its token instead of asking each time.'),
  'app.noCache.requestRate': duration(Exp(132), 's', M('PI#980: 600–700/day from one pod'),
    'Time between token requests of a pod that keeps none (about 650 a day).'),
} as const satisfies Readonly<Record<string, KnobSpec>>;
