/** Makes an invocation of what the argument reader found. */
import type { Invocation } from './invocation.ts';
import type { CommandName } from './usage-rule.ts';

/** What came of reading: a command, a text to show (help, version), or a mistake. */
export type Reading =
  | { readonly kind: 'command'; readonly invocation: Invocation }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'mistake'; readonly rule: string };

/** The invocation, or what is wrong with it. `argv`: arguments by name, as yargs gives them. */
export function invocationOf(command: CommandName, argv: Record<string, unknown>): Reading {
  const replications = command === 'sweep' ? Number(argv['n']) : 1;
  if (!Number.isInteger(replications) || replications < 1) return { kind: 'mistake', rule: '-n is a whole number from 1' };
  const targets = ['scenario', 'question', 'files', 'token', 'pattern', 'name', 'ids', 'shell'].flatMap((name) => texts(argv[name]));
  return {
    kind: 'command',
    invocation: {
      command,
      targets,
      seed: texts(argv['seed']).at(-1),
      set: texts(argv['set']),
      architectures: [...texts(argv['architecture']), ...texts(argv['architectures']).flatMap((names) => names.split(','))],
      trace: texts(argv['trace']).at(-1),
      out: texts(argv['out']).at(-1),
      slice: {
        from: texts(argv['from']).at(-1),
        to: texts(argv['to']).at(-1),
        actors: texts(argv['actors']).flatMap((names) => names.split(',')),
        pod: texts(argv['pod']).at(-1),
      },
      mode: argv['recorded'] === true ? 'recorded' : 'fast',
      ties: argv['ties'] === 'shuffled' ? 'shuffled' : 'fixed',
      output: argv['json'] === true ? 'json' : 'text',
      detail: argv['verbose'] === true ? 'verbose' : 'plain',
      color: argv['color'] === false ? 'off' : 'auto',
      incidentsRun: argv['run'] === true,
      replications,
    },
  };
}

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
