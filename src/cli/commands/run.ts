/** `idflow run`: one run of a scenario, its report, and what it means as an exit code. */
import { beginRun } from '../../experiments/run.ts';
import type { ScenarioRun } from '../../experiments/run.ts';
import type { Overrides } from '../../model/calibration/index.ts';
import type { Invocation } from '../invocation.ts';
import { driveToEnd } from '../drive.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { knobSettings } from '../knob-settings.ts';
import { replayCommand, tokenOf } from '../reproduction.ts';
import type { Choices } from '../reproduction.ts';
import { needScenario } from '../scenario-file.ts';
import type { LoadedScenario } from '../scenario-file.ts';

/** Runs a scenario and prints its report. */
export async function run(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = await needScenario(invocation.targets[0] ?? '');
  const overrides: Overrides = knobSettings(invocation.set, loaded.scenario);
  const choices = { seed: invocation.seed ?? loaded.scenario.seed, overrides, ties: invocation.ties };
  tellNotes(loaded, invocation, host);
  return runAndPrint(loaded, choices, { invocation, host });
}

/** Says on stderr what the loader noticed: warnings always, mere notes to those who want to know. */
export function tellNotes(loaded: LoadedScenario, invocation: Pick<Invocation, 'detail'>, host: Host): void {
  for (const warning of loaded.warnings) host.err(`warning: ${warning}`);
  if (invocation.detail === 'verbose') for (const note of loaded.notes) host.err(`note: ${note}`);
}

/** Runs what was chosen, prints the report as text or JSON, and answers the verdict as an exit code. */
export async function runAndPrint(
  loaded: LoadedScenario,
  choices: Choices,
  { invocation, host }: { readonly invocation: Invocation; readonly host: Host },
): Promise<ExitCode> {
  const { report } = await finished(loaded, choices, { invocation, host });
  if (invocation.output === 'json') host.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    const { renderText } = await import('../../report/terminal/index.ts');
    host.out(
      renderText(report, { columns: host.columns, colour: host.color === 'none' ? 0 : 1, verbose: invocation.detail === 'verbose' }),
    );
  }
  return exitCodeOf(report.verdict.result);
}

async function finished(
  loaded: LoadedScenario,
  choices: Choices,
  { invocation, host }: { readonly invocation: Invocation; readonly host: Host },
): Promise<ScenarioRun> {
  const token = tokenOf(loaded, choices);
  const trace =
    invocation.trace === undefined
      ? undefined
      : (await import('../trace-file.ts')).openTrace(invocation.trace, { scenario: loaded.reference, seed: choices.seed, replay: token });
  const underWay = beginRun({
    scenario: loaded.scenario,
    ...choices,
    mode: invocation.mode,
    replay: { token, command: replayCommand(token) },
    notes: [...loaded.warnings, ...loaded.notes],
    observers: trace === undefined ? [] : [trace.observer],
  });
  try {
    await driveToEnd(underWay, host, { replayAt: (event) => replayCommand(tokenOf(loaded, choices, event)) });
  } catch (error) {
    trace?.abandon();
    throw error;
  }
  const run = underWay.finish();
  trace?.close(run.outcome);
  return run;
}
