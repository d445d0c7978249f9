/**
 * Azure Resource Manager: throttling, latency, polling, and the retries of the SDK in MIC (`arm.*`).
 */
import { bucket, choice, count, duration, number, probability, TB } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { LN, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of ARM and of the SDK that talks to it. One knob is two lines: name and default above, meaning below. */
export const armKnobs = {
  'arm.throttling.era': choice(['tokenBucket', 'legacy'], H('A-THR'),
    'Which published throttling rules hold: token buckets (from 2024) or hourly and windowed limits (before).'),
  'arm.bucket.reads': bucket(TB(250, 25, 's'), 'req', H('A-THR'),
    'Reads of one principal in one subscription and region.'),
  'arm.bucket.writes': bucket(TB(200, 10, 's'), 'req', H('A-THR'),
    'Writes of one principal in one subscription and region.'),
  'arm.bucket.deletes': bucket(TB(200, 10, 's'), 'req', H('A-THR'),
    'Deletions of one principal in one subscription and region.'),
  'arm.bucket.globalFactor': number(15, '×', H('A-THR'),
    'Size of the bucket all principals of a subscription share, in multiples of one principal’s.', { minimum: 1 }),
  'arm.legacy.reads': count(12_000, 'req/h', H('A-THR @03dc007'),
    'Reads an hour of one principal at one ARM instance, older rules.', { minimum: 1, }),
  'arm.legacy.writes': count(1_200, 'req/h', H('A-THR @03dc007'),
    'Writes an hour of one principal at one ARM instance, older rules.', { minimum: 1, }),
  'arm.legacy.deletes': count(15_000, 'req/h', H('A-THR @03dc007'),
    'Deletions an hour of one principal at one ARM instance, older rules.', { minimum: 1 }),
  'arm.legacy.instances': count(3, 'instances', L('[est] range 1–10', span(1, 10)),
    'ARM instances over which the requests of one client spread, older rules.', { minimum: 1 }),
  'arm.get.latency': duration(LN(0.045, 0.9), 's', M('PI#145 0.031, PI#556 0.056', span(0.02, 0.5)),
    'Time of a GET of one VM or scale set.'),
  'arm.write.acceptLatency': duration(LN(0.5, 0.67), 's', L('[est] range 0.2–2', span(0.2, 2)),
    'Time until a write is accepted, before the operation itself runs.'),
  'arm.write.rejectLatency': duration(LN(0.12, 0.3), 's', M('PI#752 0.099, PI#585 0.114, PI#556 0.17', span(0.05, 0.5)),
    'Time until a write is refused that ARM or a provider need not begin.'),
  'arm.error5xx.prob': probability(5e-4, L('[est] range 1e-4–2e-3', span(1e-4, 2e-3)),
    'Chance that a request ends in a 5xx.'),
  'arm.get.pathological.prob': probability(1e-4, L('PI#1255 (16 m 48 s GET); frequency [est]'),
    'Chance that a GET hangs.'),
  'arm.get.pathological.duration': duration(U(60, 1000), 's', L('PI#1255 (16 m 48 s GET); frequency [est]', span(60, 1000)),
    'Time of a GET that hangs.'),
  'arm.get.staleFor': duration(0, 's', L('[est]; W24, [inf] from MIC sending no If-Match', span(0, 10)),
    'How long after a write a GET still shows the VM or scale set as it was before.', { whatIf: '5 s' }),
  'arm.authorization.mode': choice(['granted', 'checked'], H('PI-DOC role-assignment, PI#778'),
    'Whether MIC has all rights at ARM, or those its roles give it in this scenario: VM Contributor, Managed Identity Operator.'),
  'arm.linkedAuthorization.names': choice(['all', 'first'], M('PI#339 lists several ids; INC-04 wants both'),
    'Which identities a LinkedAuthorizationFailed names: all that may not be assigned, or the first.'),
  'arm.identity.readOnlyFields': choice(['refused', 'ignored'], M('kubernetes/autoscaler#1592; which api-versions ignore them: [est]'),
    'What a PUT meets whose identity entries carry read-only client and principal ids: 400 InvalidIdentityValues, or nothing.'),
  'arm.429.retryAfter.minimum': duration(1, 's', M('A-THR (header exists); rule [est]'),
    'Least Retry-After of a throttled request; otherwise the time to the next token.'),
  'arm.poll.interval.mic': duration(5, 's', H('PI-CODE, ADAL'),
    'MIC’s wait between polls of a long-running operation that names no Retry-After.'),
  'arm.poll.maxDuration.mic': duration(900, 's', H('ADAL DefaultPollingDuration'),
    'Time after which MIC gives a long-running operation up.'),
  'arm.poll.errorRetries.mic': count(3, 'retries', H('ADAL async.go'),
    'Failed polls MIC’s SDK retries before it gives up.'),
  'arm.sdk.retries': count(3, 'retries', H('ADAL client.go; PI-CODE cloudprovider.go'),
    'Retries of MIC’s SDK on 408, 500, 502, 503, 504 and network errors; 429 is not among them.'),
  'arm.sdk.retryBase': duration(30, 's', H('ADAL client.go'),
    'First wait of those retries without Retry-After; it doubles, and is also waited after the last try.'),
  'arm.sdk.conflictTries': count(3, 'calls', H('ADAL azure/rp.go'),
    'Immediate calls the SDK makes while the answer is 409.', { minimum: 1, }),
} as const satisfies Readonly<Record<string, KnobSpec>>;
