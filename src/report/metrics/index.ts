/** Every measure of the catalogue, read from what was observed so far. */
import { LATENCY_PARTS } from '../../model/labels.ts';
import { LEFT_KINDS, METRIC_NAMES, METRICS, RACE_CLASS_NAMES } from '../../scenarios/schema/metric-names.ts';
import type { LeftKind, MetricName } from '../../scenarios/schema/metric-names.ts';
import type { MetricReading } from '../document/index.ts';
import type { Observed } from '../observed.ts';
import type { Sample } from '../sample.ts';
import { among, plain, shareOf } from './reading.ts';
import type { Reading } from './reading.ts';

type Reader = (seen: Observed) => Reading;
type Statistic = 'min' | 'mean' | 'p50' | 'p90' | 'p95' | 'p99' | 'max';
const STATISTICS: readonly Statistic[] = ['min', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'];

const FIXED: Readonly<Record<string, Reader>> = {
  'tokens.failed.count': ({ tokens }) => among(tokens.failed, tokens.asked),
  'tokens.denied403.count': ({ tokens }) => among(tokens.denials.answers403, tokens.denials.answers),
  'tokens.denied403.share': ({ tokens }) => shareOf(tokens.denials.answers403, tokens.denials.answers),
  'tokens.gaveUp.count': ({ tokens }) => among(tokens.neverServed, tokens.processes),
  'services.accessed.count': ({ audit }) => plain(audit.allowed),
  'services.denied.count': ({ audit }) => among(audit.denied, audit.allowed + audit.denied),
  'assignments.created.count': ({ marks }) => plain(marks.assignments.created),
  'assignments.assigned.count': ({ marks }) => plain(marks.assignments.assigned),
  'assignments.removed.count': ({ marks }) => plain(marks.assignments.removed),
  'assignments.left.count': ({ run, cleanup }) => among(run.table('azureAssignedIdentities').size, cleanup.assignedSeen),
  'identities.left.count': ({ marks }) => among(marks.attached, marks.has('attached') ? 1 : 0),
  'cleanup.complete.count': ({ cleanup }) => plain(cleanup.deletions - cleanup.incomplete),
  'cleanup.incomplete.count': ({ cleanup }) => among(cleanup.incomplete, cleanup.deletions),
  'cleanup.time.p50': ({ cleanup }) => statistic(cleanup.took, 'p50'),
  'cleanup.time.p99': ({ cleanup }) => statistic(cleanup.took, 'p99'),
  'cleanup.time.max': ({ cleanup }) => statistic(cleanup.took, 'max'),
  'exposure.time': ({ run, access }) => among(access.exposure.podTime(run.now), access.exposure.looked),
  'exposure.tokens.count': ({ access, tokens }) => among(access.exposure.tokens, tokens.asked),
  'outage.time': ({ run, access, tokens }) =>
    among(
      access.outage.entries(run.now).reduce((sum, { us }) => sum + us, 0),
      tokens.asked,
    ),
  'outage.failed.count': ({ run, access, tokens }) =>
    among(
      access.outage.entries(run.now).reduce((sum, entry) => sum + entry.tokens, 0),
      tokens.asked,
    ),
  'mic.cycles.count': ({ load }) => plain(load.totals.micCycles),
  'mic.leaderChanges.count': ({ load }) => plain(load.totals.micLeaderChanges),
  'arm.calls.count': ({ load }) => plain(load.totals.armCalls),
  'arm.patches.count': ({ load }) => plain(load.totals.armPatches),
  'arm.throttled.count': ({ load }) => among(load.totals.armThrottled, load.totals.armCalls),
  'imds.calls.count': ({ load }) => plain(load.totals.imdsCalls),
  'imds.throttled.count': ({ load }) => among(load.totals.imdsThrottled, load.totals.imdsCalls),
  'aad.tokens.count': ({ load }) => plain(load.totals.aadTokens),
  'api.calls.count': ({ load }) => plain(load.totals.apiCalls),
  'run.events.count': ({ run }) => plain(run.events),
};

const READERS: ReadonlyMap<string, Reader> = new Map([...Object.entries(FIXED), ...tokenReaders(), ...listedReaders()]);

/** Reads a measure; undefined for a name that is in no catalogue, which is never a pass. */
export function readMetric(seen: Observed, name: string): Reading | undefined {
  return READERS.get(name)?.(seen);
}

/** Every measure of the catalogue, by name in code-unit order. */
export function readAllMetrics(seen: Observed): readonly MetricReading[] {
  return METRIC_NAMES.map((metric: MetricName) => {
    const reading = readMetric(seen, metric);
    if (reading === undefined) throw new Error(`measure ${metric} is in the catalogue, but nothing computes it`);
    return { metric, unit: METRICS[metric].unit, value: reading.samples === 0 ? null : (reading.value ?? null), samples: reading.samples };
  });
}

function statistic(sample: Sample, which: Statistic): Reading {
  const value = which === 'min' || which === 'mean' || which === 'max' ? sample[which] : sample.percentile(Number(which.slice(1)));
  return { value, samples: sample.count };
}

function tokenReaders(): readonly (readonly [string, Reader])[] {
  const samples: Readonly<Record<string, (seen: Observed) => Sample>> = {
    first: ({ tokens }) => tokens.first.sample,
    later: ({ tokens }) => tokens.later.sample,
    all: ({ tokens }) => tokens.all,
  };
  return Object.entries(samples).flatMap(([group, sampleOf]): (readonly [string, Reader])[] => [
    [`tokens.${group}.count`, (seen) => plain(sampleOf(seen).count)],
    ...STATISTICS.map((which): readonly [string, Reader] => [`tokens.${group}.${which}`, (seen) => statistic(sampleOf(seen), which)]),
  ]);
}

function listedReaders(): readonly (readonly [string, Reader])[] {
  const parts = LATENCY_PARTS.map((part): readonly [string, Reader] => [
    `tokens.first.share.${part}`,
    ({ tokens }) => ({ value: tokens.first.shareOf(part), samples: tokens.first.sample.count }),
  ]);
  const races = RACE_CLASS_NAMES.map((race): readonly [string, Reader] => [
    `races.${race}.count`,
    (seen) => {
      const { count, examined } = seen.races.of(race);
      return among(count, examined);
    },
  ]);
  const left = LEFT_KINDS.map((kind): readonly [string, Reader] => [
    `cleanup.left.${kind}.count`,
    (seen) => among(seen.cleanup.left(kind).length, candidates(seen, kind)),
  ]);
  return [...parts, ...races, ...left];
}

/** How many things of a kind could have been left. */
function candidates({ cleanup, load }: Observed, kind: LeftKind): number {
  switch (kind) {
    case 'assignedIdentities':
      return cleanup.assignedSeen;
    case 'grants':
      return cleanup.usedGrants.size;
    case 'servicePrincipals':
      return cleanup.principalsSeen;
    case 'roleAssignments':
      return cleanup.rolesSeen;
    case 'imdsCredentials':
    case 'liveTokens':
      return load.totals.aadTokens;
  }
}
