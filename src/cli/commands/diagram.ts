/** `idflow diagram`: a slice of a run as a Mermaid sequence diagram on stdout. */
import { after, ORIGIN, parseDuration } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { mermaidDiagram, RunJournal } from '../../report/export/index.ts';
import type { DiagramSlice } from '../../report/export/index.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { InputFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import type { World } from '../../scenarios/assemble/index.ts';
import { needScenario } from '../scenario-file.ts';
import { choicesOf, watchedRun } from '../watched-run.ts';
import { tellNotes } from './run.ts';

/** Runs a scenario and prints the diagram. */
export async function diagram(invocation: Invocation, host: Host): Promise<ExitCode> {
  const loaded = await needScenario(invocation.targets[0] ?? '');
  const choices = choicesOf(invocation, loaded);
  const slice = sliceOf(invocation);
  tellNotes(loaded, invocation, host);
  const lookOn = (simulation: World): RunJournal => {
    const journal = new RunJournal(simulation);
    simulation.observe(journal);
    return journal;
  };
  const { seen } = await watchedRun(loaded, choices, lookOn, { invocation, host });
  host.out(mermaidDiagram(seen, slice));
  return EXIT.holds;
}

/**
 * The slice as moments.
 *
 * @throws InputFailure with every option that cannot be read
 */
function sliceOf({ slice }: Invocation): DiagramSlice {
  const problems: string[] = [];
  const momentOf = (name: string, text: string | undefined): Moment | undefined => {
    if (text === undefined) return undefined;
    const duration = parseDuration(text);
    if (duration === undefined) problems.push(`--${name} ${text}: is no time since the start; write 2m, 90s or 1h30m`);
    return duration === undefined ? undefined : after(ORIGIN, duration);
  };
  const [from, to] = [momentOf('from', slice.from), momentOf('to', slice.to)];
  if (from !== undefined && to !== undefined && from > to) problems.push('--from lies after --to');
  if (problems.length > 0) throw new InputFailure(problems);
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(slice.actors.length === 0 ? {} : { actors: slice.actors }),
    ...(slice.pod === undefined ? {} : { pod: slice.pod }),
  };
}
