/** Runs a plan under named invariants, and tells which corners of the world it reached. */
import type { AnyActorDefinition } from '../kernel/actor.ts';
import type { JournalEntry } from '../kernel/revision.ts';
import type { ActorId } from '../kernel/vocabulary.ts';
import type { Observer, Outcome, RunOptions } from '../kernel/world.ts';
import { resolve } from '../model/calibration/index.ts';
import type { Overrides } from '../model/calibration/index.ts';
import type { TableName, Tables } from '../model/tables.ts';
import type { Identity } from '../model/vocabulary.ts';
import { INVARIANT_OF } from '../report/invariants/index.ts';
import type { Breach, Invariant } from '../report/invariants/index.ts';
import type { Stamped, Write } from '../report/watcher.ts';
import { assemble } from '../scenarios/assemble/index.ts';
import type { World } from '../scenarios/assemble/index.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import { INVARIANT_NAMES } from '../scenarios/schema/claim-names.ts';
import type { InvariantName } from '../scenarios/schema/claim-names.ts';
import { Corners } from './corners.ts';
import type { ReachedCorners } from './corners.ts';
import { loadPlan } from './plan.ts';
import type { Plan } from './plan.ts';

/** How to run a plan or a scenario. */
export interface CheckOptions extends Partial<Pick<RunOptions, 'seed' | 'mode' | 'ties' | 'parking' | 'fingerprint' | 'budget'>> {
  /** Which invariants to watch. Default: all. */
  readonly invariants?: readonly InvariantName[];
  /** Other actors than the real ones, by kind: for finding out whether a mistake would be found. */
  readonly replace?: readonly AnyActorDefinition<Identity>[];
  /** Knobs beside the scenario's own; they win. */
  readonly overrides?: Overrides;
  /** Somebody who looks on besides; changes nothing. */
  readonly observe?: Observer<Identity>;
  /** `reversed`: actors are registered the other way round; must change nothing. */
  readonly registration?: 'listed' | 'reversed';
}

/** One invariant that fell. */
export interface Violation {
  readonly invariant: InvariantName;
  readonly first: Breach;
  readonly count: number;
}

/** What a run of a plan showed. */
export interface CheckedRun {
  readonly violations: readonly Violation[];
  /** How often each watched invariant was put to the test [count]; one that never was says nothing. */
  readonly checks: Readonly<Partial<Record<InvariantName, number>>>;
  readonly outcome: Outcome;
  readonly world: World;
  readonly reached: ReachedCorners;
}

/** Runs a scenario under invariants. Throws a `SimulationError` where the simulator is at fault. */
export function check(scenario: ScenarioDescription, options: CheckOptions = {}): CheckedRun {
  const { invariants = INVARIANT_NAMES, overrides = {}, observe, ...run } = options;
  const resolution = resolve({ ...scenario.overrides, ...overrides });
  if (!resolution.ok) throw new RangeError(resolution.problems.map(({ knob, rule }) => `${knob}: ${rule}`).join('; '));
  const world = assemble(scenario, resolution.calibration, { mode: 'fast', ...run });
  const unknown = invariants.filter((name) => !INVARIANT_NAMES.includes(name));
  if (unknown.length > 0) throw new RangeError(`unknown invariant ${unknown.join(', ')}; there are: ${INVARIANT_NAMES.join(', ')}`);
  const watched = invariants.map((name) => INVARIANT_OF[name](world));
  const corners = new Corners(world, scenario);
  world.observe(new Watching(watched));
  world.observe(corners);
  if (observe !== undefined) world.observe(observe);
  const outcome = world.run();
  for (const invariant of watched) invariant.onEnd?.(world.now);
  const violations = watched.flatMap(({ record }) =>
    record.first === undefined ? [] : [{ invariant: record.name, first: record.first, count: record.breaches }],
  );
  const checks = Object.fromEntries(watched.map(({ record }) => [record.name, record.checks]));
  return { violations, checks, outcome, world, reached: corners.reached() };
}

/** Runs a plan under invariants. */
export function checkPlan(plan: Plan, options: CheckOptions = {}): CheckedRun {
  return check(loadPlan(plan), options);
}

class Watching implements Observer<Identity> {
  readonly #invariants: readonly Invariant[];

  constructor(invariants: readonly Invariant[]) {
    this.#invariants = invariants;
  }

  onFact(stamped: Stamped): void {
    for (const invariant of this.#invariants) invariant.onFact?.(stamped);
  }

  onWrite(table: TableName, entry: JournalEntry<Tables[TableName]>, actor: ActorId): void {
    for (const invariant of this.#invariants) invariant.onWrite?.({ table, entry, actor } as Write);
  }

  onDelivery({ at, event }: { readonly at: World['now']; readonly event: number }): void {
    for (const invariant of this.#invariants) invariant.onSettled?.(at, event);
  }
}
