/** `idflow run`: one run of a scenario, its report, and what it means as an exit code. */
import path from 'node:path';
import { beginRun } from '../../experiments/run.ts';
import type { RunUnderWay, ScenarioRun } from '../../experiments/run.ts';
import type { RunJournal } from '../../report/export/index.ts';
import type { Invocation } from '../invocation.ts';
import { derivedFor } from '../architecture-choice.ts';
import { driveToEnd } from '../drive.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { replayCommand, settingWords, tokenOf } from '../reproduction.ts';
import type { Choices } from '../reproduction.ts';
import { needScenario } from '../scenario-file.ts';
import { choicesOf } from '../watched-run.ts';
import type { LoadedScenario } from '../scenario-file.ts';

/** Width of the report where it is written to a file [columns]. */
const FILE_COLUMNS = 100;

interface FinishedRun extends ScenarioRun {
  /** What the exports are made of; undefined where none are wanted. */
  readonly journal: RunJournal | undefined;
}

/** Runs a scenario and prints its report. */
export async function run(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = underArchitecture(await needScenario(invocation.targets[0] ?? ''), invocation);
  const choices = choicesOf(invocation, loaded);
  tellNotes(loaded, invocation, host);
  return runAndPrint(loaded, choices, { invocation, host });
}

/** The scenario as the architecture that was asked for has it; what was set up for it stands among the notes. */
function underArchitecture(loaded: LoadedScenario, { architectures }: Invocation): LoadedScenario {
  if (architectures.length === 0) return loaded;
  const [derived] = derivedFor(loaded.scenario, architectures.slice(-1));
  if (derived === undefined) return loaded;
  const notes = [`architecture ${derived.architecture}: ${derived.notes.join('; ')}`, ...loaded.notes];
  return { ...loaded, scenario: derived.scenario, notes };
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
  const { report, journal } = await finished(loaded, choices, { invocation, host });
  if (invocation.out !== undefined && journal !== undefined) {
    const { renderText } = await import('../../report/terminal/index.ts');
    const text = renderText(report, { columns: FILE_COLUMNS, colour: 0, verbose: true });
    (await import('../run-folder.ts')).writeRunFolder(invocation.out, { journal, report, text });
    host.err(`wrote ${path.join(invocation.out, 'index.html')}`);
  }
  if (invocation.output === 'json') host.out(`${JSON.stringify(report, null, 2)}\n`);
  else {
    const { renderText } = await import('../../report/terminal/index.ts');
    host.out(
      renderText(report, { columns: host.columns, colour: host.color === 'none' ? 0 : 1, verbose: invocation.detail === 'verbose' }),
    );
  }
  if (loaded.scenario.incident !== undefined && invocation.output !== 'json') {
    const name = loaded.scenario.path === loaded.reference ? loaded.reference : loaded.scenario.incident.id;
    host.err(`an incident: idflow incidents ${name} --run re-enacts it with its cure, and without its cause, too`);
  }
  return exitCodeOf(report.verdict.result);
}

async function finished(
  loaded: LoadedScenario,
  choices: Choices,
  { invocation, host }: { readonly invocation: Invocation; readonly host: Host },
): Promise<FinishedRun> {
  const again = reproductionOf(loaded, choices, invocation);
  const tracePath = await traceTarget(invocation);
  const trace =
    tracePath === undefined
      ? undefined
      : (await import('../trace-file.ts')).openTrace(tracePath, { scenario: loaded.reference, seed: choices.seed, replay: again.token });
  const underWay = beginRun({
    scenario: loaded.scenario,
    ...choices,
    mode: invocation.mode,
    replay: again,
    notes: [...loaded.warnings, ...loaded.notes],
    observers: trace === undefined ? [] : [trace.observer],
  });
  const journal = invocation.out === undefined ? undefined : await journalOf(underWay);
  try {
    await driveToEnd(underWay, host, { replayAt: (event) => reproductionOf(loaded, choices, invocation, event).command });
  } catch (error) {
    trace?.abandon();
    throw error;
  }
  const run = underWay.finish();
  trace?.close(run.outcome);
  return { ...run, journal };
}

/** A token says nothing of architectures: such a run is named by its command line. */
function reproductionOf(
  loaded: LoadedScenario,
  choices: Choices,
  { architectures, set }: Pick<Invocation, 'architectures' | 'set'>,
  event?: number,
): { readonly token: string; readonly command: string } {
  const architecture = architectures.at(-1);
  if (architecture === undefined) {
    const token = tokenOf(loaded, choices, event);
    return { token, command: replayCommand(token) };
  }
  const settings = settingWords(set);
  const ties = choices.ties === 'shuffled' ? ' --ties shuffled' : '';
  return { token: '', command: `idflow run ${loaded.reference} --architecture ${architecture} --seed ${choices.seed}${settings}${ties}` };
}

/** Where the trace goes; a folder for the run is made ready on the way. */
async function traceTarget({ out, trace }: Invocation): Promise<string | undefined> {
  if (out === undefined) return trace;
  const { prepareRunFolder, TRACE_NAME } = await import('../run-folder.ts');
  prepareRunFolder(out);
  return trace ?? path.join(out, TRACE_NAME);
}

async function journalOf({ simulation }: RunUnderWay): Promise<RunJournal> {
  const { RunJournal: Journal } = await import('../../report/export/index.ts');
  const journal = new Journal(simulation);
  simulation.observe(journal);
  return journal;
}
