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
import { nearestNames } from '../../model/calibration/suggestion.ts';
import { needScenario } from '../scenario-file.ts';
import { choicesOf, watchedRun } from '../watched-run.ts';
import { tellNotes } from './run.ts';

/**
 * Runs a scenario and prints the diagram.
 *
 * @throws InputFailure for a pod and for actors that the run never had
 */
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
  refuseUnknown(slice, seen);
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

/** A name with a typing mistake would give an empty picture, which looks like an answer. */
function refuseUnknown({ pod, actors = [] }: DiagramSlice, { pods, messages }: RunJournal): void {
  const said = new Set(messages.flatMap(({ from, to }) => [from, to]));
  const problems = actors
    .filter((name) => [...said].every((actor) => !actor.startsWith(name)))
    .map((name) => `--actors ${name}: nobody of that name said anything in this run${meant(name, [...said])}`);
  if (pod !== undefined && [...pods].every((one) => !one.startsWith(pod) && !nameOf(one).startsWith(pod))) {
    const isQualified = pod.includes('/');
    const names = [...pods].map((one) => (isQualified ? one : nameOf(one)));
    problems.push(`--pod ${pod}: there was no such pod in this run${meant(pod, names)}`);
  }
  if (problems.length > 0) throw new InputFailure(problems);
}

function nameOf(pod: string): string {
  return pod.slice(pod.indexOf('/') + 1);
}

/** Names near what was written, taken whole or as the beginning that was meant: names of pods and actors end in what a controller gave them. */
function meant(wrong: string, names: readonly string[]): string {
  const stems = names.flatMap((name) => [
    name,
    name.replace(/-[a-z0-9]{5}$/u, ''),
    name.replace(/-[a-z0-9]+-[a-z0-9]{5}$/u, ''),
    name.replace(/\/.*$/u, ''),
  ]);
  const near = nearestNames(wrong, [...new Set(stems)]);
  return near.length > 0 ? `; did you mean ${near.join(' or ')}?` : `; there were: ${listed([...names].sort())}`;
}

/** So many names are listed. */
const MOST_NAMES = 8;

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
