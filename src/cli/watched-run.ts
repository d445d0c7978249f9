/** Runs of commands that look on and then tell what they saw. */
import { beginRun } from '../experiments/run.ts';
import type { ScenarioRun } from '../experiments/run.ts';
import { driveToEnd } from './drive.ts';
import type { Host } from './host.ts';
import type { Invocation } from './invocation.ts';
import { knobSettings } from './knob-settings.ts';
import { replayCommand, tokenOf } from './reproduction.ts';
import type { Choices } from './reproduction.ts';
import type { LoadedScenario } from './scenario-file.ts';

/**
 * What the command line says about a run.
 *
 * @throws InputFailure where a setting is wrong
 */
export function choicesOf({ set, seed, ties }: Invocation, { scenario }: LoadedScenario): Choices {
  return { seed: seed ?? scenario.seed, overrides: knobSettings(set, scenario), ties };
}

/**
 * Runs to the end. `lookOn` is called before the first event, and what it answers is handed back.
 *
 * @throws Interrupted and SimulatorBug as `driveToEnd` does
 */
export async function watchedRun<T>(
  loaded: LoadedScenario,
  choices: Choices,
  lookOn: (simulation: ScenarioRun['simulation']) => T,
  { invocation, host }: { readonly invocation: Invocation; readonly host: Host },
): Promise<ScenarioRun & { readonly seen: T }> {
  const underWay = beginRun({ scenario: loaded.scenario, ...choices, mode: invocation.mode });
  const seen = lookOn(underWay.simulation);
  await driveToEnd(underWay, host, { replayAt: (event) => replayCommand(tokenOf(loaded, choices, event)) });
  return { ...underWay.finish(), seen };
}
