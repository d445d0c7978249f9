/**
 * One workload under several architectures, undisturbed and under each of a list of faults, a run for each.
 *
 * All runs have one seed: draws belong to knobs and subjects, so what two architectures share is drawn alike (common random numbers), and
 * a run with a fault is the undisturbed one until the fault begins. A cell depends on its arguments alone.
 */
import { ORIGIN, after, micros, plus } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { Observer } from '../../kernel/world.ts';
import type { Overrides } from '../../model/calibration/index.ts';
import type { Identity } from '../../model/vocabulary.ts';
import type { Report } from '../../report/document/index.ts';
import type { Architecture } from '../../scenarios/architecture/names.ts';
import type { ScenarioDescription } from '../../scenarios/description.ts';
import { beginRun } from '../run.ts';
import { COMPARED_FAULTS, OUTAGE } from './faults.ts';
import type { ComparedFault } from './faults.ts';
import { LockCalls } from './lock-calls.ts';
import { Service } from './service.ts';
import type { News } from './service.ts';

/** What is compared. */
export interface ComparisonPlan {
  /** The scenario derived for each architecture. */
  readonly scenarios: readonly {
    readonly architecture: Architecture;
    readonly scenario: ScenarioDescription;
    readonly notes: readonly string[];
  }[];
  readonly overrides: Overrides;
  readonly seed: string;
  /** Who else looks at each run; the name of the fault is '' for the undisturbed one. Default: nobody. */
  readonly observerOf?: (architecture: Architecture, fault: string) => Observer<Identity>;
}

/** The undisturbed run of one architecture. */
export interface ArchitectureColumn {
  readonly architecture: Architecture;
  readonly notes: readonly string[];
  readonly fingerprint: string;
  readonly first: Report['tokens']['first']['waits'];
  readonly later: Report['tokens']['later']['waits'];
  /** Askings that ended without a token, denials of services, and pods without a token at the end, there or only wanted [1]. */
  readonly failed: number;
  readonly denied: number;
  readonly unserved: number;
  /** Calls per hour of simulated time. */
  readonly perHour: {
    readonly arm: number;
    readonly aad: number;
    readonly imds: number;
    readonly api: number;
    /** What MIC asks the API server for its lock alone; not in `api`. */
    readonly lock: number;
  };
  /** Seconds in which a pod could have got a token that is not its own, summed over pods. */
  readonly exposedPodSeconds: number;
  readonly faults: readonly FaultCell[];
}

/** What one fault did to one architecture. */
export interface FaultCell {
  readonly fault: string;
  /**
   * `absent`: there is nothing of the kind. `held`: not more failures than undisturbed, and not more pods without a token at the end.
   * `opened`: held, but pods that are never exposed undisturbed were. `broke` may have opened too: its seconds of exposure say.
   */
  readonly outcome: 'absent' | 'held' | 'opened' | 'broke';
  /**
   * Pods that at the end still used a token of before a fault that was still in force [1]. Where it held and this is not 0, nobody knows:
   * a longer run may break it.
   */
  readonly untested: number;
  /** Failed askings and denials from the fault on, beyond those of the undisturbed run [1]. */
  readonly failures: number;
  /** From the fault to the first failure that the undisturbed run has not, and to the last after which that pod was served [µs]. */
  readonly firstAfterUs: number | null;
  /** Null: some pod was not served again until the end. */
  readonly recoveredAfterUs: number | null;
  /** Pods without a token at the end, beyond those of the undisturbed run [1]. */
  readonly unserved: number;
  /** Seconds of exposure beyond those of the undisturbed run, summed over pods. */
  readonly exposedPodSeconds: number;
  readonly fingerprint: string;
}

/** Share of the horizon after which faults begin. */
const FAULT_AT = 0.4;

/** When the faults begin. */
export function faultTime(horizon: Duration): Duration {
  return micros(Math.round(horizon * FAULT_AT));
}

/** Number of runs of a plan [1]. */
export function runsOf(plan: ComparisonPlan): number {
  return plan.scenarios.length * (1 + COMPARED_FAULTS.length);
}

/**
 * Runs everything, one run a step.
 *
 * @returns a generator that yields after each run and returns the columns
 */
export function* compare(plan: ComparisonPlan): Generator<string, readonly ArchitectureColumn[]> {
  const result: ArchitectureColumn[] = [];
  for (const { architecture, scenario, notes } of plan.scenarios) {
    const at = faultTime(scenario.horizon);
    const base = watched(scenario, plan, { architecture, fault: '' });
    yield architecture;
    const faults: FaultCell[] = [];
    for (const fault of COMPARED_FAULTS) {
      faults.push(cellOf(fault, { architecture, scenario, plan, at, base }));
      yield `${architecture}, ${fault.title}`;
    }
    result.push(columnOf({ architecture, notes, base, faults, hours: scenario.horizon / HOUR }));
  }
  return result;
}

const HOUR = 3_600_000_000;

interface WatchedRun {
  readonly report: Report;
  readonly fingerprint: string;
  readonly exposed: number;
  readonly service: Service;
  /** Calls for MIC's lock [1]. */
  readonly lockCalls: number;
}

function watched(
  scenario: ScenarioDescription,
  { overrides, seed, observerOf }: ComparisonPlan,
  { architecture, fault }: { readonly architecture: Architecture; readonly fault: string },
): WatchedRun {
  const observers = observerOf === undefined ? [] : [observerOf(architecture, fault)];
  const run = beginRun({ scenario, overrides, seed, observers });
  const service = new Service(run.simulation);
  const lock = new LockCalls(run.simulation);
  run.simulation.observe(service);
  run.simulation.observe(lock);
  run.advance(Infinity);
  const { report, outcome } = run.finish();
  return {
    report,
    fingerprint: outcome.fingerprint,
    exposed: report.access.exposure.podUs,
    service,
    lockCalls: lock.until(after(ORIGIN, scenario.horizon)),
  };
}

function cellOf(
  fault: ComparedFault,
  {
    architecture,
    scenario,
    plan,
    at,
    base,
  }: {
    readonly architecture: Architecture;
    readonly scenario: ScenarioDescription;
    readonly plan: ComparisonPlan;
    readonly at: Duration;
    readonly base: WatchedRun;
  },
): FaultCell {
  const changed = fault.apply(scenario, at);
  const nothing = { failures: 0, firstAfterUs: null, recoveredAfterUs: null, unserved: 0, untested: 0, exposedPodSeconds: 0 };
  if (changed === undefined) return { fault: fault.name, outcome: 'absent', ...nothing, fingerprint: '' };
  const run = watched(changed, plan, { architecture, fault: fault.name });
  const since = after(ORIGIN, at);
  const harm = harmOf(run.service.news, base.service.news, since);
  const unserved = Math.max(0, run.service.unserved - base.service.unserved);
  const exposedPodSeconds = Math.max(0, run.exposed - base.exposed) / 1_000_000;
  const isBroken = harm.failures > 0 || unserved > 0;
  const isOpened = base.exposed === 0 && exposedPodSeconds > 0;
  return {
    fault: fault.name,
    outcome: isBroken ? 'broke' : isOpened ? 'opened' : 'held',
    ...harm,
    recoveredAfterUs: unserved > 0 ? null : harm.recoveredAfterUs,
    unserved,
    untested: isInForce(fault, scenario, at) ? run.service.untestedSince(since) : 0,
    exposedPodSeconds,
    fingerprint: run.fingerprint,
  };
}

/** Whether the fault is still there when the run ends. */
function isInForce({ lasts }: ComparedFault, scenario: ScenarioDescription, at: Duration): boolean {
  const until = lasts(scenario);
  return until === 'forGood' || (until === 'outage' && plus(at, OUTAGE) > scenario.horizon);
}

/** Failures from the fault on, beyond those of the undisturbed run: how many, from when, until when. */
function harmOf(
  news: readonly News[],
  undisturbed: readonly News[],
  since: Moment,
): Pick<FaultCell, 'failures' | 'firstAfterUs' | 'recoveredAfterUs'> {
  const isLate = (one: News): boolean => one.at >= since && !one.isGood;
  const known = new Set(undisturbed.filter(({ isGood }) => !isGood).map(({ at, pod }) => `${pod}@${String(at)}`));
  const bad = news.filter((one) => isLate(one) && !known.has(`${one.pod}@${String(one.at)}`));
  const failures = Math.max(0, news.filter(isLate).length - undisturbed.filter(isLate).length);
  const [first] = bad;
  if (failures === 0 || first === undefined) return { failures: 0, firstAfterUs: null, recoveredAfterUs: null };
  const recovered = recoveryOf(news, new Set(bad.map(({ pod }) => pod)), since);
  return { failures, firstAfterUs: first.at - since, recoveredAfterUs: recovered === undefined ? null : recovered - since };
}

/** When the last of those pods had good news after its last bad news; undefined if one never had. */
function recoveryOf(news: readonly News[], pods: ReadonlySet<string>, since: Moment): Moment | undefined {
  const open = new Map<string, Moment | undefined>();
  for (const { at, pod, isGood } of news) {
    if (at < since || !pods.has(pod)) continue;
    if (!isGood) open.set(pod, undefined);
    else if (open.has(pod)) open.set(pod, open.get(pod) ?? at);
  }
  let last = since;
  for (const at of open.values()) {
    if (at === undefined) return undefined;
    if (at > last) last = at;
  }
  return last;
}

function columnOf({
  architecture,
  notes,
  base,
  faults,
  hours,
}: Pick<ArchitectureColumn, 'architecture' | 'notes' | 'faults'> & {
  readonly base: WatchedRun;
  readonly hours: number;
}): ArchitectureColumn {
  const { tokens, audit, load } = base.report;
  const { armCalls, imdsCalls, apiCalls } = load.totals;
  const aadCalls = load.calls.filter(({ server }) => server === 'aad').reduce((sum, { calls }) => sum + calls, 0);
  return {
    architecture,
    notes,
    fingerprint: base.fingerprint,
    first: tokens.first.waits,
    later: tokens.later.waits,
    failed: tokens.failed,
    denied: audit.denied,
    unserved: base.service.unserved,
    perHour: { arm: armCalls / hours, aad: aadCalls / hours, imds: imdsCalls / hours, api: apiCalls / hours, lock: base.lockCalls / hours },
    exposedPodSeconds: base.exposed / 1_000_000,
    faults,
  };
}
