/** `idflow why`: the causes of a token, an assignment, a leftover, a violation or a race of a run, or why it is not there yet. */
import { beginRun } from '../../experiments/run.ts';
import { ORIGIN } from '../../kernel/time.ts';
import { explain, readQuestion, RunRecord } from '../../report/why/index.ts';
import { driveToEnd } from '../drive.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { InputFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { knobSettings } from '../knob-settings.ts';
import { replayCommand, tokenOf } from '../reproduction.ts';
import { needScenario } from '../scenario-file.ts';
import { styleFor } from '../style.ts';
import { whyLines } from '../why-text.ts';
import { tellNotes } from './run.ts';

/** Runs a scenario and answers a question about it. Exit 3 where the run has nothing of the kind. */
export async function why(invocation: Invocation, host: Host): Promise<ExitCode> {
  const [file = '', ...words] = invocation.targets;
  const reading = readQuestion(words.join(' '));
  if (!reading.ok) throw new InputFailure([`idflow why: ${reading.rule}`]);
  const loaded = await needScenario(file);
  const overrides = knobSettings(invocation.set, loaded.scenario);
  const choices = { seed: invocation.seed ?? loaded.scenario.seed, overrides, ties: invocation.ties };
  tellNotes(loaded, invocation, host);
  const again = replayCommand(tokenOf(loaded, choices));
  const underWay = beginRun({ scenario: loaded.scenario, ...choices });
  const record = new RunRecord();
  const { simulation } = underWay;
  simulation.observe(record);
  // The whole chain is wanted, however old.
  simulation.retainTrace(() => ORIGIN);
  await driveToEnd(underWay, host, { replayAt: (event) => replayCommand(tokenOf(loaded, choices, event)) });
  const { report } = underWay.finish();
  const explanation = explain(reading.question, { trace: simulation.trace, now: simulation.now, record, report });
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
