/** `idflow why`: the causes of a token, an assignment, a leftover, a violation or a race of a run, or why it is not there yet. */
import { ORIGIN } from '../../kernel/time.ts';
import { askableIn, explain, objectionsTo, readQuestion, RunRecord } from '../../report/why/index.ts';
import type { AnsweredRun } from '../../report/why/index.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { InputFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { replayCommand, tokenOf } from '../reproduction.ts';
import type { World } from '../../scenarios/assemble/index.ts';
import { needScenario } from '../scenario-file.ts';
import { styleFor } from '../style.ts';
import { whyLines } from '../why-text.ts';
import { choicesOf, watchedRun } from '../watched-run.ts';
import { tellNotes } from './run.ts';

/**
 * Runs a scenario and answers a question about it. Exit 3 where nothing of the kind happened in the run.
 *
 * @throws InputFailure for what is no question, or one about what the run does not have: a pod, a time, a name
 */
export async function why(invocation: Invocation, host: Host): Promise<ExitCode> {
  const [file = '', ...words] = invocation.targets;
  const text = words.join(' ');
  const reading = readQuestion(text);
  // Who asks nothing is shown what there is to ask; that takes the run.
  if (!reading.ok && text.trim() !== '') throw new InputFailure([`idflow why: ${reading.rule}`]);
  const loaded = await needScenario(file);
  const choices = choicesOf(invocation, loaded);
  tellNotes(loaded, invocation, host);
  const again = replayCommand(tokenOf(loaded, choices));
  const lookOn = (world: World): RunRecord => {
    const record = new RunRecord(world);
    world.observe(record);
    // The whole chain is wanted, however old.
    world.retainTrace(() => ORIGIN);
    return record;
  };
  const { simulation, report, seen: record } = await watchedRun(loaded, choices, lookOn, { invocation, host });
  const run = { trace: simulation.trace, now: simulation.now, record, report };
  if (!reading.ok) throw new InputFailure([`idflow why: ${reading.rule}`, ...listOf(run)]);
  const [objection, ...instead] = objectionsTo(reading.question, run);
  if (objection !== undefined) throw new InputFailure([`idflow why: ${objection}`, ...instead.map((line) => `  ${line}`)]);
  const explanation = explain(reading.question, run);
  if (invocation.output === 'json') {
    const { seed, fingerprint } = report.provenance;
    host.out(
      `${JSON.stringify({ format: 'idflow.why/1', question: reading.question, ...explanation, seed, fingerprint, again }, null, 2)}\n`,
    );
  } else {
    const lines = whyLines(explanation, { style: styleFor(host), columns: host.columns, detail: invocation.detail, again });
    host.out(`${lines.join('\n')}\n`);
  }
  return explanation.found === 'nothing' ? EXIT.inconclusive : EXIT.holds;
}

/** What can be asked of a run, a line for each kind of question. */
function listOf(run: AnsweredRun): readonly string[] {
  return ['  in this run:', ...askableIn(run).map((line) => `  ${line}`)];
}
