/** What a command line asks for, and the one form of it that is understood without the argument reader. */
import type { CommandName } from './usage-rule.ts';

/** Which part of a run a diagram shows, as written. */
interface SliceWords {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly actors: readonly string[];
  readonly pod: string | undefined;
}

/** No slice: the whole run. */
const WHOLE: SliceWords = { from: undefined, to: undefined, actors: [], pod: undefined };

/** What the command line asks for. */
export interface Invocation {
  readonly command: CommandName;
  /** Scenario names or files, a token, a pattern, ids of incidents, or a shell: what the command takes without a flag. */
  readonly targets: readonly string[];
  readonly seed: string | undefined;
  /** `knob=value`, as written. */
  readonly set: readonly string[];
  /** Architectures, as written; none: the scenario's own, or all. */
  readonly architectures: readonly string[];
  readonly trace: string | undefined;
  /** Folder for everything of the run. */
  readonly out: string | undefined;
  /** Slice of a diagram, as written. */
  readonly slice: SliceWords;
  readonly mode: 'fast' | 'recorded';
  readonly ties: 'fixed' | 'shuffled';
  readonly output: 'text' | 'json';
  readonly detail: 'plain' | 'verbose';
  readonly color: 'auto' | 'off';
  /** Whether incidents are run, or only listed. */
  readonly incidentsRun: boolean;
  /** Seeds of a sweep [1]. */
  readonly replications: number;
}

/**
 * The invocation of `run NAME` without any option; undefined for every other command line.
 *
 * The plainest run is the one people wait for most often, and the argument reader takes a quarter of its time. A test holds both to the
 * same answer.
 */
export function plainRun(args: readonly string[]): Invocation | undefined {
  const [command, target, ...more] = args;
  if (command !== 'run' || target === undefined || more.length > 0 || !/^\w[\w./-]*$/u.test(target)) return undefined;
  return {
    command,
    targets: [target],
    seed: undefined,
    set: [],
    architectures: [],
    trace: undefined,
    out: undefined,
    slice: WHOLE,
    mode: 'fast',
    ties: 'fixed',
    output: 'text',
    detail: 'plain',
    color: 'auto',
    incidentsRun: false,
    replications: 1,
  };
}
