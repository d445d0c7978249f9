/** `idflow compare`: one workload under several architectures, in one table. */
import { compare as columnsOf, faultTime, runsOf } from '../../experiments/compare/index.ts';
import { COMPARED_FAULTS } from '../../experiments/compare/faults.ts';
import type { ArchitectureColumn, ComparisonPlan } from '../../experiments/compare/index.ts';
import { SimulationError } from '../../kernel/world.ts';
import { ARCHITECTURES } from '../../scenarios/architecture/names.ts';
import { derivedFor } from '../architecture-choice.ts';
import { comparisonText } from '../compare-text.ts';
import { noteInterrupts } from '../drive.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { SimulatorBug } from '../failure.ts';
import type { Host } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { knobSettings } from '../knob-settings.ts';
import { progressOn } from '../progress.ts';
import { needScenario } from '../scenario-file.ts';
import { tellNotes } from './run.ts';
import { settingWords } from '../reproduction.ts';

/** Compares architectures. What the scenario expects is not judged: it was written for one of them. */
export async function compare(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = await needScenario(invocation.targets[0] ?? '');
  const scenarios = derivedFor(loaded.scenario, invocation.architectures);
  const overrides = knobSettings(invocation.set, loaded.scenario);
  tellNotes(loaded, invocation, host);
  const plan: ComparisonPlan = { scenarios, overrides, seed: invocation.seed ?? loaded.scenario.seed };
  const names = scenarios.map(({ architecture }) => architecture).join(',');
  const settings = settingWords(invocation.set);
  const command = `idflow compare ${loaded.reference} --architectures ${names} --seed ${plan.seed}${settings}`;
  const made = await runAll(plan, host, command);
  const faultAtUs = faultTime(loaded.scenario.horizon);
  if (invocation.output === 'json') {
    const head = { format: 'idflow.compare/1', scenario: loaded.reference, seed: plan.seed, faultAtUs, command };
    const faults = COMPARED_FAULTS.map(({ name, title }) => ({ name, title }));
    const architectures = made.map(({ architecture, ...column }) => ({ architecture, title: ARCHITECTURES[architecture], ...column }));
    host.out(`${JSON.stringify({ ...head, faults, architectures }, null, 2)}\n`);
    return EXIT.holds;
  }
  const alone = `idflow run ${loaded.reference} --architecture ${scenarios[0]?.architecture ?? ''} --seed ${plan.seed}${settings}`;
  host.out(comparisonText(made, { scenario: loaded.reference, seed: plan.seed, faultAtUs, host, command, alone }));
  return EXIT.holds;
}

async function runAll(plan: ComparisonPlan, host: Host, command: string): Promise<readonly ArchitectureColumn[]> {
  const progress = progressOn(host);
  const interrupts = noteInterrupts();
  const all = runsOf(plan);
  try {
    const work = columnsOf(plan);
    for (let done = 1; ; done += 1) {
      const step = work.next();
      if (step.done === true) return step.value;
      progress.show(() => `${String(done)} of ${String(all)} runs: ${step.value}`);
      await interrupts.breathe(() => `interrupted after ${String(done)} of ${String(all)} runs`);
    }
  } catch (error) {
    throw error instanceof SimulationError ? new SimulatorBug(error, command) : error;
  } finally {
    progress.end();
    interrupts.end();
  }
}
