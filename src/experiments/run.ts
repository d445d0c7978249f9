/**
 * One run of one scenario, from its description to its report: resolve, assemble, watch, run, judge.
 *
 * `beginRun` hands out a run that can be driven in pieces (a command line that shows progress, a page that must not freeze);
 * `runScenario` drives it to its end.
 */
import type { Observer, Outcome } from '../kernel/world.ts';
import { resolve } from '../model/calibration/index.ts';
import type { Calibration, Overrides } from '../model/calibration/index.ts';
import type { Identity } from '../model/vocabulary.ts';
import { assemble } from '../scenarios/assemble/index.ts';
import type { AssemblyOptions, World } from '../scenarios/assemble/index.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';
import type { Report } from '../report/document/index.ts';
import { Measures } from '../report/measures.ts';

/** What to run, and how. */
export interface RunRequest {
  readonly scenario: ScenarioDescription;
  /** Knobs set beside the scenario's own; they win. */
  readonly overrides?: Overrides;
  /** Default: the scenario's. */
  readonly seed?: string;
  /** Default `fast`. */
  readonly mode?: 'recorded' | 'fast';
  readonly ties?: 'fixed' | 'shuffled';
  /** Most events it may deliver. */
  readonly budget?: number;
  /** Others who look on. */
  readonly observers?: readonly Observer<Identity>[];
  /** Other actors than the real ones, by kind: for tests that plant a mistake. */
  readonly replace?: AssemblyOptions['replace'];
  /** Token that reproduces the run, and the command line that uses it, for the report. Default: none is known. */
  readonly replay?: { readonly token: string; readonly command: string };
  /** Remarks of the loader, for the report. */
  readonly notes?: readonly string[];
}

/** A finished run. */
export interface ScenarioRun {
  readonly report: Report;
  readonly outcome: Outcome;
  readonly simulation: World;
}

/** A run under way. */
export interface RunUnderWay {
  readonly simulation: World;
  /** Delivers at most so many more events. Answers whether the run is over. */
  advance(events: number): boolean;
  /** The report as of now; normally asked once the run is over. */
  finish(): ScenarioRun;
}

/** All knobs of a request with the scenario's own, the request's winning. */
export function overridesOf({ scenario, overrides = {} }: Pick<RunRequest, 'scenario' | 'overrides'>): Overrides {
  return { ...scenario.overrides, ...overrides };
}

/**
 * The world of a request at time zero, with nobody looking on: for those who walk through it.
 *
 * @throws RangeError if the overrides do not hold; a caller that takes them from people checks them first with `resolve(overridesOf(…))`
 */
export function worldOf(request: RunRequest): World {
  return assemble(request.scenario, calibrationOf(request), optionsOf(request));
}

/** Builds the world of a request and stands ready at time zero, measures taken. Throws as `worldOf` does. */
export function beginRun(request: RunRequest): RunUnderWay {
  const { scenario, replay = { token: '', command: '' }, notes = [] } = request;
  const calibration = calibrationOf(request);
  const simulation = assemble(scenario, calibration, optionsOf(request));
  const measures = new Measures(simulation, scenario.expectations);
  for (const observer of request.observers ?? []) simulation.observe(observer);
  let outcome: Outcome | undefined;
  return {
    simulation,
    advance: (events) => {
      outcome = simulation.run({ events: simulation.events + events });
      return outcome.ended !== 'paused';
    },
    finish: () => {
      const end = outcome ?? simulation.run({ events: simulation.events });
      const { name, question, path, falls } = scenario;
      const context = {
        scenario: { name, question, path, falls },
        outcome: end,
        replayToken: replay.token,
        command: replay.command,
        overrides: overridesIn(calibration),
        notes,
      };
      return { report: measures.report(context), outcome: end, simulation };
    },
  };
}

function overridesIn(calibration: Calibration): Report['provenance']['overrides'] {
  return calibration
    .entries()
    .filter((entry) => entry.isOverridden)
    .map(({ name, text }) => ({ knob: name, value: text, isRead: !calibration.isIdle(name) }));
}

/** Runs a scenario to its end. Throws as `beginRun` does, and a `SimulationError` where the simulator is at fault. */
export function runScenario(request: RunRequest): ScenarioRun {
  const run = beginRun(request);
  run.advance(Infinity);
  return run.finish();
}

function calibrationOf(request: RunRequest): Calibration {
  const resolution = resolve(overridesOf(request));
  if (resolution.ok) return resolution.calibration;
  throw new RangeError(resolution.problems.map(({ knob, rule }) => `${knob}: ${rule}`).join('; '));
}

function optionsOf(request: RunRequest): AssemblyOptions {
  const { seed, mode = 'fast', ties, budget, replace } = request;
  return {
    mode,
    ...(seed === undefined ? {} : { seed }),
    ...(ties === undefined ? {} : { ties }),
    ...(budget === undefined ? {} : { budget }),
    ...(replace === undefined ? {} : { replace }),
  };
}
