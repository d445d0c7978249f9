/** Mistakes on the command line in words: yargs finds them, this says what would be right. */
import { nearestNames } from '../model/calibration/suggestion.ts';

/** All commands. */
export const COMMANDS = [
  'run',
  'list',
  'validate',
  'step',
  'diagram',
  'why',
  'sweep',
  'compare',
  'audit',
  'replay',
  'knobs',
  'table',
  'incidents',
  'completion',
] as const;

/** Name of a command. */
export type CommandName = (typeof COMMANDS)[number];

/** Options there are, for suggestions. */
const FLAGS = [
  'seed',
  'architecture',
  'architectures',
  'set',
  'json',
  'trace',
  'out',
  'from',
  'to',
  'actors',
  'pod',
  'fast',
  'recorded',
  'ties',
  'verbose',
  'no-color',
  'replications',
  'run',
  'help',
  'version',
];

/** What yargs found wrong, as one sentence that helps. */
export function usageRule(message: string, args: readonly string[]): string {
  const [first] = args;
  if (first === undefined) return 'a command is missing; idflow --help lists them';
  if (!first.startsWith('-') && !COMMANDS.some((name) => name === first))
    return `no command "${first}"${meant(nearestNames(first, COMMANDS))}`;
  const unknown = /^Unknown arguments?: (.*)$/u.exec(message)?.[1];
  if (unknown !== undefined) {
    const [name = ''] = unknown.split(', ');
    const isFlag = args.some((arg) => arg.startsWith(`--${name}`) || arg === `-${name}`);
    if (!isFlag) return `${first} takes no further "${name}"; idflow ${first} --help says what it takes`;
    return `${first} has no option --${name}${meant(
      nearestNames(
        name,
        FLAGS.filter((flag) => flag !== name),
      ).map((flag) => `--${flag}`),
    )}`;
  }
  if (message.startsWith('Not enough non-option')) return `${first} needs more: idflow ${first} --help says what`;
  const valueless = /^Not enough arguments following: (.*)$/u.exec(message)?.[1];
  if (valueless !== undefined) return `--${valueless} needs a value`;
  const exclusive = /^Arguments (\S+) and (\S+) are mutually exclusive$/u.exec(message);
  if (exclusive !== null) return `--${exclusive[1] ?? ''} and --${exclusive[2] ?? ''} exclude each other`;
  const choice = /Argument: (\S+), Given: (.*), Choices: (.*)$/mu.exec(message);
  if (choice !== null) return `${choice[1] ?? ''} is one of ${choice[3] ?? ''}, not ${choice[2] ?? ''}`;
  return message;
}

function meant(names: readonly string[]): string {
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`;
}
