/**
 * Target services and the network to them (`kv.*`, `sql.*`, `cosmos.*`, `net.*`, `link.*`).
 */
import { bucket, count, duration, durations, flag, number, probability, TB } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { Exp, LN, trunc, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of target services. One knob is two lines: name and default above, meaning below. */
export const serviceKnobs = {
  'kv.rate.perVault': bucket(TB(4000, 400, 's'), 'req', H('KV-ERR, KV-THR'),
    'Requests one vault takes; more get 429.', { whatIf: 'TB(2000, +200/s): the older limit', }),
  'kv.rate.subscriptionFactor': number(5, '×', H('KV-ERR, KV-THR'),
    'What all vaults of a subscription take, in multiples of one vault.', { minimum: 1, }),
  'kv.get.latency': duration(LN(0.03, 0.9), 's', L('[est] range p50 10–80 ms; alert line 1 s KV-ALERT', span(0.01, 0.08)),
    'Time to read a secret.'),
  'kv.challenge401': flag('on', H('KV-AUTH'),
    'Whether a new client’s first call goes without a token and is answered with 401.'),
  'kv.challenge401.latency': duration(LN(0.015, 0.8), 's', M('KV-AUTH; time [est]'),
    'Time of that call.'),
  'kv.backoff.client': durations([1, 2, 4, 8, 16], 's', H('KV-THR'),
    'Waits a client takes after each 429.'),
  'kv.error5xx.prob': probability(1e-4, L('[est] range 1e-5–1e-3', span(1e-5, 1e-3)),
    'Chance that a request to a vault ends in a 5xx.'),
  'kv.audit.delay': duration(trunc(LN(150, 0.63), 0, 600), 's', M('KV-LOG at most 10 min; body [est]'),
    'Time until an access stands in the vault’s log.'),
  'sql.login.latency': duration(LN(0.06, 0.8), 's', L('[est]'),
    'Time to open a connection, the check of the token included.'),
  'sql.connection.lifetime': duration(Exp(1800), 's', M('techcommunity SQL access-token article; mean [est]'),
    'Life of a pooled connection, whose token is checked only when it opens.'),
  'sql.audit.delay': duration(U(0, 300), 's', M('A-ING (5-min batches)'),
    'Time until a login is in a batch of the audit; logAnalytics.ingestion comes on top.'),
  'cosmos.read.latency': duration(LN(0.008, 0.8), 's', M('A-COS; latency [est]'),
    'Time of a point read; the token is checked at each.'),
  'cosmos.rbac.limits.roleDefinitions': count(100, 'per account', H('A-COS'),
    'Most role definitions of an account.', { minimum: 1 }),
  'cosmos.rbac.limits.assignments': count(2000, 'per account', H('A-COS'),
    'Most role assignments of an account.', { minimum: 1 }),
  'cosmos.rbac.delay': duration(trunc(LN(60, 0.9), 0, 900), 's', L('[est] range 10–600', span(10, 600)),
    'Time from a role assignment of an account to its effect.'),
} as const satisfies Readonly<Record<string, KnobSpec>>;

// prettier-ignore
/** Knobs of links between processes. One knob is two lines: name and default above, meaning below. */
export const linkKnobs = {
  'net.rtt.inRegion': duration(LN(0.002, 0.6), 's', L('[est]'),
    'Round trip between two machines of a region.'),
  'net.connectTimeout': duration(127, 's', M('Linux tcp_syn_retries = 6: 1 + 2 + … + 64 s', span(21, 180)),
    'How long an operating system tries to open a connection whose packets vanish.'),
  'net.deadConnection': duration(924.6, 's', H('Linux ip-sysctl: tcp_retries2 = 15 is a hypothetical 924.6 s', span(13, 1800)),
    'How long an operating system repeats what nobody acknowledges before it breaks the connection.'),
  'link.node': duration(0.05, 'ms', L('[est]: a hop through the loopback of a host'),
    'One way between two processes of one node.'),
} as const satisfies Readonly<Record<string, KnobSpec>>;
