/** `idflow incidents`: the catalogue of real incidents; with `--run`, re-enacted, their figures beside the reported ones. */
import { isAsReported, isIncident, runIncident } from '../../experiments/incidents.ts';
import type { IncidentResult, IncidentScenario } from '../../experiments/incidents.ts';
import { SimulationError } from '../../kernel/world.ts';
import type { Overrides } from '../../model/calibration/index.ts';
import { noteInterrupts } from '../drive.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { InputFailure, SimulatorBug } from '../failure.ts';
import type { Host } from '../host.ts';
import { incidentsText, resultsText } from '../incidents-text.ts';
import type { Invocation } from '../invocation.ts';
import { knobSettings } from '../knob-settings.ts';
import { nearestNames } from '../../model/calibration/suggestion.ts';
import { incidentFiles, incidentIdOf } from '../package-folder.ts';
import { progressOn } from '../progress.ts';
import { readScenario } from '../scenario-file.ts';

/** Lists the incidents, or runs them: all, or those whose ids are given. */
export async function incidents(invocation: Invocation, host: Host): Promise<ExitCode> {
  const scenarios = await incidentsIn(filesOf(invocation.targets));
  const isJson = invocation.output === 'json';
  if (!invocation.incidentsRun) {
    const entries = scenarios.map(({ incident: { id, title, issues, version, cure } }) => ({
      id,
      title,
      issues,
      version,
      cure: cure?.change ?? null,
    }));
    host.out(isJson ? `${JSON.stringify({ incidents: entries }, null, 2)}\n` : incidentsText(scenarios, host));
    return EXIT.holds;
  }
  for (const scenario of scenarios) knobSettings(invocation.set, scenario);
  const [first] = scenarios;
  const overrides = first === undefined ? {} : knobSettings(invocation.set, first);
  const results = await resultsOf(scenarios, { overrides, seed: invocation.seed }, host);
  const shown = results.map(({ id, title, reproduced, cured, absent, figures }) => ({ id, title, reproduced, cured, absent, figures }));
  host.out(isJson ? `${JSON.stringify({ incidents: shown }, null, 2)}\n` : resultsText(results, scenarios, host));
  return results.every(isAsReported) ? EXIT.holds : EXIT.fell;
}

/** Files of the packaged incidents with these ids, in the order of the catalogue, then those that are paths; all packaged ones if none is given. */
function filesOf(targets: readonly string[]): readonly string[] {
  const files = incidentFiles();
  if (targets.length === 0) return files;
  const known = files.map(incidentIdOf);
  const paths = targets.filter(isPath);
  const wanted = new Set(targets.filter((target) => !isPath(target)).map((id) => id.toUpperCase()));
  const unknown = [...wanted].filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new InputFailure(unknown.map((id) => `no incident ${id}${meant(nearestNames(id, known))}`));
  return [...files.filter((file) => wanted.has(incidentIdOf(file))), ...paths];
}

/** Whatever has a folder or an ending is a file, as it is for `idflow run`. */
function isPath(target: string): boolean {
  return /[./\\]/u.test(target);
}

function meant(names: readonly string[]): string {
  return names.length === 0 ? '; idflow incidents lists them' : `; did you mean ${names.join(' or ')}?`;
}

/** Loads them all, so that what is wrong with any of them is told at once. */
async function incidentsIn(files: readonly string[]): Promise<readonly IncidentScenario[]> {
  const found: IncidentScenario[] = [];
  const problems: string[] = [];
  for (const file of files) {
    const loading = await readScenario(file);
    if (!loading.ok) problems.push(...loading.lines);
    else if (isIncident(loading.loaded.scenario)) found.push(loading.loaded.scenario);
    else problems.push(`${file}:1:1 incident: is missing, so there is no cure to re-enact; idflow run ${file} runs it`);
  }
  if (problems.length > 0) throw new InputFailure(problems);
  return found;
}

interface Choices {
  readonly overrides: Overrides;
  readonly seed: string | undefined;
}

async function resultsOf(
  scenarios: readonly IncidentScenario[],
  { overrides, seed }: Choices,
  host: Host,
): Promise<readonly IncidentResult[]> {
  const progress = progressOn(host);
  const interrupts = noteInterrupts();
  const results: IncidentResult[] = [];
  try {
    for (const scenario of scenarios) {
      progress.show(() => `${String(results.length)} of ${String(scenarios.length)} incidents, now ${scenario.incident.id}`);
      await interrupts.breathe(() => `interrupted before ${scenario.incident.id}`);
      results.push(resultOf(scenario, { overrides, seed }));
    }
  } finally {
    progress.end();
    interrupts.end();
  }
  return results;
}

function resultOf(scenario: IncidentScenario, { overrides, seed }: Choices): IncidentResult {
  try {
    return runIncident({ scenario, overrides, ...(seed === undefined ? {} : { seed }) });
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    const words = ['idflow run', scenario.path, ...(seed === undefined ? [] : ['--seed', seed])];
    throw new SimulatorBug(
      error,
      [...words, ...Object.entries(overrides).map(([knob, value]) => `--set ${knob}=${String(value)}`)].join(' '),
    );
  }
}
