/** `idflow sweep`: a scenario under many seeds, its measures with confidence intervals, and how often its expectations held. */
import { merge, NO_SHARDS, resultOf, runShard, summarize, seedOfShard } from '../../experiments/sweep.ts';
import type { SweepPlan, SweepSummary } from '../../experiments/sweep.ts';
import { SimulationError } from '../../kernel/world.ts';
import type { Invocation } from '../invocation.ts';
import { noteInterrupts } from '../drive.ts';
import { exitCodeOf } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { SimulatorBug } from '../failure.ts';
import type { Host } from '../host.ts';
import { knobSettings } from '../knob-settings.ts';
import { progressOn } from '../progress.ts';
import { replayCommand, settingWords, tokenOf } from '../reproduction.ts';
import { needScenario } from '../scenario-file.ts';
import { sweepText } from '../sweep-text.ts';
import { tellNotes } from './run.ts';

/** Sweeps a scenario. */
export async function sweep(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = await needScenario(invocation.targets[0] ?? '');
  const overrides = knobSettings(invocation.set, loaded.scenario);
  tellNotes(loaded, invocation, host);
  const plan: SweepPlan = {
    scenario: loaded.scenario,
    overrides,
    seed: invocation.seed ?? loaded.scenario.seed,
    replications: invocation.replications,
  };
  const commandOf = (index: number, event?: number): string =>
    replayCommand(tokenOf(loaded, { seed: seedOfShard(plan, index), overrides, ties: 'fixed' }, event));
  const settings = settingWords(invocation.set);
  const command = `npx idflow sweep ${loaded.reference} -n ${String(plan.replications)} --seed ${plan.seed}${settings}`;
  const summary = await summaryOf(plan, host, commandOf);
  if (invocation.output === 'json') {
    const falls = summary.expectations.flatMap(({ text, firstFall }) =>
      firstFall === undefined ? [] : [{ text, replay: commandOf(firstFall) }],
    );
    host.out(
      `${JSON.stringify({ format: 'idflow.sweep/1', scenario: loaded.reference, seed: plan.seed, command, ...summary, falls }, null, 2)}\n`,
    );
  } else host.out(sweepText(summary, { plan, host, detail: invocation.detail, commandOf, command }));
  return exitCodeOf(summary.verdict);
}

async function summaryOf(plan: SweepPlan, host: Host, commandOf: (index: number, event?: number) => string): Promise<SweepSummary> {
  const progress = progressOn(host);
  const interrupts = noteInterrupts();
  let result = NO_SHARDS;
  try {
    for (let index = 0; index < plan.replications; index += 1) {
      result = merge(result, resultOf(shardOf(plan, index, commandOf)));
      progress.show(() => `${String(index + 1)} of ${String(plan.replications)} seeds`);
      await interrupts.breathe(() => `interrupted after ${String(index + 1)} of ${String(plan.replications)} seeds`);
    }
  } finally {
    progress.end();
    interrupts.end();
  }
  return summarize(result);
}

function shardOf(plan: SweepPlan, index: number, commandOf: (index: number, event?: number) => string): ReturnType<typeof runShard> {
  try {
    return runShard(plan, index);
  } catch (error) {
    throw error instanceof SimulationError ? new SimulatorBug(error, commandOf(index, error.event)) : error;
  }
}
