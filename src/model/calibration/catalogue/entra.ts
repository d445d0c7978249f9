/**
 * Entra (AAD) as token issuer, and continuous access evaluation (`entra.*`, `sp.*`, `cae.*`,
 * `token.*`).
 */
import { bucket, duration, flag, number, probability, TB } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { Exp, LN, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of Entra. One knob is two lines: name and default above, meaning below. */
export const entraKnobs = {
  'entra.token.latency': duration(LN(0.35, 0.6), 's',
    M('E-MSALN ~700 ms incl. client vs cache 100; PI#671/PI-DOC 0.15–0.54', span(0.15, 0.7)),
    'Time of one token request at Entra.'),
  'entra.token.errorProb': probability(1.5e-5, M('E-SLA typical month 99.998–99.999 %', span(1e-5, 2e-5)),
    'Chance that a token request fails on an ordinary day.'),
  'entra.outage.interarrival': duration(Exp(24), 'months', L('[est] from 2 bad months in 48 (E-SLA)'),
    'Time between outages of Entra.'),
  'entra.outage.severity': number(U(0.05, 1), 'fraction', L('[est] from 2 bad months in 48 (E-SLA)'),
    'Share of requests that fail in an outage.', { maximum: 1 }),
  'entra.outage.duration': duration(LN(90, 0.8), 'min', L('[est]; 2021-03 ≈ 3.2 h-equivalents, 2021-12 ≈ 10 min (E-SLA)', span(10, 192)),
    'Length of an outage.'),
  'entra.throttle.bucket': bucket(TB(200, 20, 's'), 'req', L('[est] range 10–100/s; thresholds unpublished (E-THR)', span(10, 100)),
    'Token requests of one application for one resource.'),
  'entra.throttle.retryAfter': duration(60, 's', H('E-THR'),
    'Retry-After of a throttled token request.'),
  'sp.token.lifetime': duration(U(3600, 5400), 's', H('E-AT (mean 75 min)'),
    'Life of the token of a service principal that is no managed identity.'),
  'entra.jwks.refreshByServices': duration(86400, 's', M('E-AT advice'),
    'Time between two fetches of Entra’s signing keys by a service.'),
  'cae.managedIdentity.supported': flag('off', H('E-CAE'),
    'Whether continuous access evaluation covers managed identities.'),
  'cae.event.delay': duration(U(0, 900), 's', M('E-CAE (≤ 15 min)'),
    'Time from such an event to the refusal; used only while cae.managedIdentity.supported is on.'),
  'token.clockSkew': duration(300, 's', M('Microsoft.IdentityModel DefaultClockSkew; per service [est]', span(0, 600)),
    'Time a service accepts a token beyond its expiry and before its start.'),
} as const satisfies Readonly<Record<string, KnobSpec>>;
