/**
 * Every measure a scenario may set a bound for, with its unit and meaning. The report computes each of them, and no other.
 *
 * A measure is over the whole run. Durations are bounded in time (`< 90s`), shares in percent (`< 5%`), counts as plain numbers.
 */
import { LATENCY_PART_MEANING, LATENCY_PARTS } from '../../model/labels.ts';
import type { LatencyPart } from '../../model/labels.ts';

/** How the bound of a measure is written. */
export type MetricUnit = 'duration' | 'share' | 'count';

/** What a measure is. */
export interface MetricMeaning {
  readonly unit: MetricUnit;
  /** One phrase. */
  readonly what: string;
}

type TokenGroup = 'first' | 'later' | 'all';
type TokenStatistic = 'count' | 'min' | 'mean' | 'p50' | 'p90' | 'p95' | 'p99' | 'max';
/** What may be left in the world at the end of a run. */
export type LeftKind = 'assignedIdentities' | 'grants' | 'servicePrincipals' | 'roleAssignments' | 'imdsCredentials' | 'liveTokens';

/** Classes of races the report looks for. */
export const RACE_CLASSES = {
  askedBeforeAssigned: 'a pod asked before an identity was Assigned to it',
  staleRevision: 'a write was refused: somebody else wrote first, or was writing',
  lostUpdate: 'a later write of a VM or scale set undid an earlier one',
  removedWhileInUse: 'an identity was taken off a VM or scale set while a pod there still had a right to it',
  assignedAfterGone: 'an AzureAssignedIdentity became Assigned after its pod was gone',
  servedOtherPod: 'NMI took one pod for another and answered for that one',
  bypassedNmi: 'a pod in the pod network reached IMDS around NMI',
  twoLeaders: 'two MIC processes took themselves for the leader at one time',
  stuckAssignment: 'an AzureAssignedIdentity stayed Created, or waited for deletion, for more than ten minutes or to the end',
  flappingAssignment: 'an AzureAssignedIdentity was taken away and made again while its pod lived on',
  duplicateAssignment: 'a pod had two AzureAssignedIdentities of one Azure identity at a time',
  wedge: 'MIC made no progress: a cycle of its leader lasted more than ten minutes',
} as const;

/** A class of races. */
export type RaceClass = keyof typeof RACE_CLASSES;

/** All classes, in the order of reports. */
export const RACE_CLASS_NAMES: readonly RaceClass[] = Object.keys(RACE_CLASSES) as RaceClass[];

/** Whether a class of that name exists. */
export function isRaceClass(name: string): name is RaceClass {
  return Object.hasOwn(RACE_CLASSES, name);
}

type FixedName = keyof typeof FIXED;

/** Name of a measure. */
export type MetricName =
  `tokens.${TokenGroup}.${TokenStatistic}` | `tokens.first.share.${LatencyPart}` | `races.${RaceClass}.count` | `cleanup.left.${LeftKind}.count` | FixedName;

const count = (what: string): MetricMeaning => ({ unit: 'count', what });
const share = (what: string): MetricMeaning => ({ unit: 'share', what });
const duration = (what: string): MetricMeaning => ({ unit: 'duration', what });

const GROUPS: Readonly<Record<TokenGroup, string>> = {
  first: 'the wait for the first token of a process, from the start of its container',
  later: 'the wait for each later token, from the asking',
  all: 'the wait for every token',
};

const STATISTICS: Readonly<Record<TokenStatistic, string>> = {
  count: 'number of samples',
  min: 'shortest',
  mean: 'mean',
  p50: 'median',
  p90: '90th percentile, nearest rank',
  p95: '95th percentile, nearest rank',
  p99: '99th percentile, nearest rank',
  max: 'longest',
};

const LEFT: Readonly<Record<LeftKind, string>> = {
  assignedIdentities: 'AzureAssignedIdentities at the end whose pod is gone',
  grants: 'identities at the end on a VM or scale set of which no pod there has use any more',
  servicePrincipals: 'service principals at the end whose managed identity is gone',
  roleAssignments: 'role assignments at the end whose principal is gone',
  imdsCredentials: 'tokens at the end that an IMDS keeps though their identity is no longer on its machine, or gone',
  liveTokens: 'tokens at the end that are still valid though their identity is gone',
};

/** All of them, in the order of reports. */
export const LEFT_KINDS: readonly LeftKind[] = Object.keys(LEFT) as LeftKind[];

const FIXED = {
  'tokens.failed.count': count('askings for a token in which the client gave up'),
  'tokens.denied403.count': count('answers 403 to a request for a token'),
  'tokens.denied403.share': share('answers 403 of all answers to requests for tokens'),
  'tokens.gaveUp.count': count('processes that never got a token, though they asked'),
  'services.accessed.count': count('requests to target services that were let in'),
  'services.denied.count': count('requests to target services that were refused'),
  'assignments.created.count': count('AzureAssignedIdentities that were created'),
  'assignments.assigned.count': count('times an AzureAssignedIdentity became Assigned'),
  'assignments.removed.count': count('AzureAssignedIdentities that disappeared'),
  'assignments.left.count': count('AzureAssignedIdentities that exist at the end'),
  'identities.left.count': count('user-assigned identities on VMs and scale sets at the end, each pair once'),
  'cleanup.complete.count': count('deletions after which nothing was left behind'),
  'cleanup.incomplete.count': count('deletions after which something is still left at the end'),
  'cleanup.time.p50': duration('median time from a deletion until nothing is left of it'),
  'cleanup.time.p99': duration('99th percentile of that time'),
  'cleanup.time.max': duration('longest of these times'),
  'exposure.time': duration('time for which a pod could get the token of an identity it has no right to, summed over pods'),
  'exposure.tokens.count': count('tokens that pods got of identities they had no right to'),
  'outage.time': duration('time for which processes could not get a token they asked for, summed over them'),
  'outage.failed.count': count('askings in such a time that ended without a token'),
  'mic.cycles.count': count('cycles of MIC'),
  'mic.leaderChanges.count': count('times another MIC process began to lead, the first not counted'),
  'arm.calls.count': count('calls of ARM'),
  'arm.patches.count': count('identity PATCHes of VMs and scale sets'),
  'arm.throttled.count': count('calls of ARM answered 429'),
  'imds.calls.count': count('requests IMDS answered'),
  'imds.throttled.count': count('requests IMDS answered 429'),
  'aad.tokens.count': count('tokens Entra issued'),
  'api.calls.count': count('calls of the kube-apiserver'),
  'run.events.count': count('events of the run'),
} as const satisfies Readonly<Record<string, MetricMeaning>>;

/** Every measure with its unit and meaning. */
export const METRICS: Readonly<Record<MetricName, MetricMeaning>> = Object.freeze({ ...tokenMetrics(), ...FIXED, ...listed() });

/** Names of all measures, in code-unit order. */
export const METRIC_NAMES: readonly MetricName[] = (Object.keys(METRICS) as MetricName[]).sort();

/** Whether a measure of that name exists. */
export function isMetricName(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name);
}

type TokenMetrics = Record<`tokens.${TokenGroup}.${TokenStatistic}`, MetricMeaning>;

function tokenMetrics(): TokenMetrics {
  const found: Record<string, MetricMeaning> = {};
  for (const [group, ofGroup] of Object.entries(GROUPS)) {
    for (const [statistic, ofStatistic] of Object.entries(STATISTICS)) {
      const what = `${ofStatistic}: ${ofGroup}`;
      found[`tokens.${group}.${statistic}`] = statistic === 'count' ? count(what) : duration(what);
    }
  }
  return found as TokenMetrics;
}

type ListedMetrics = Record<`tokens.first.share.${LatencyPart}` | `races.${RaceClass}.count` | `cleanup.left.${LeftKind}.count`, MetricMeaning>;

function listed(): ListedMetrics {
  const found: Record<string, MetricMeaning> = {};
  for (const part of LATENCY_PARTS) {
    found[`tokens.first.share.${part}`] = share(`part of the summed waits for first tokens: ${LATENCY_PART_MEANING[part]}`);
  }
  for (const [race, what] of Object.entries(RACE_CLASSES)) found[`races.${race}.count`] = count(`times ${what}`);
  for (const [kind, what] of Object.entries(LEFT)) found[`cleanup.left.${kind}.count`] = count(what);
  return found as ListedMetrics;
}
