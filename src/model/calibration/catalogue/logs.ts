/**
 * Audit: sign-in logs, Log Analytics, the activity log (`entra.signInLog.*`, `logAnalytics.*`,
 * `activityLog.*`).
 */
import { choice, duration, flag } from '../entry.ts';
import { H, M } from '../evidence.ts';
import { LN, trunc, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of audit logs. One knob is two lines: name and default above, meaning below. */
export const logKnobs = {
  'entra.signInLog.delay': duration(LN(13.1, 1.345), 's', M('E-LAT17'),
    'Time until a sign-in stands in the log; fits 2 minutes at the 95th and 5 at the 99th percentile.'),
  'entra.signInLog.licence': choice(['P1', 'free'], H('E-RET'),
    'Licence of the tenant, which decides how long a sign-in is kept.'),
  'entra.signInLog.readIn': choice(['portal', 'logAnalytics', 'newLogAnalytics'], M('E-LAT, A-ING'),
    'Where sign-ins are read: in the portal, in a workspace that gets them exported, or in one whose export began with the run.'),
  'entra.signInLog.retention': duration(30, 'd', H('E-RET'),
    'Time a sign-in is kept with a P1 or P2 licence.'),
  'entra.signInLog.retention.free': duration(7, 'd', H('E-RET'),
    'Time a sign-in is kept without.'),
  'entra.signInLog.cachedTokenLogged': flag('off', H('E-TOK, E-ACT'),
    'Whether a token out of IMDS’s cache leaves a sign-in; records of managed identities carry no address.'),
  'logAnalytics.ingestion': duration(trunc(LN(80, 0.67), 20, 600), 's', M('A-ING typical 20 s–3 min'),
    'Time from a resource log to a row that can be queried.'),
  'logAnalytics.firstSetup': duration(U(0, 72), 'h', M('E-LAT up to 3 days'),
    'Time until a new export of sign-ins delivers at all.'),
  'activityLog.export': choice(['diagnosticSetting', 'legacy'], H('A-ING'),
    'By which way control-plane operations reach the reader.'),
  'activityLog.delay': duration(30, 's', H('A-ING'),
    'Time until a control-plane write is exported by a diagnostic setting.'),
  'activityLog.delay.legacy': duration(U(600, 900), 's', H('A-ING'),
    'The same by the older way.'),
} as const satisfies Readonly<Record<string, KnobSpec>>;
