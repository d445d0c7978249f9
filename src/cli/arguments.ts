/**
 * The command line: commands, options, help and examples, read by yargs. Reading does nothing: it answers what is wanted.
 *
 * Nothing but yargs is imported here, so help and mistakes are answered at once; what a command needs is loaded when it runs.
 */
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { usageRule } from './usage-rule.ts';
import type { CommandName } from './usage-rule.ts';
import { invocationOf } from './invocation-of.ts';
import type { Reading } from './invocation-of.ts';

const SCENARIO = { type: 'string', describe: 'name of a packaged scenario, or path of a file' } as const;

/** Options by name, as more than one command takes them. */
const OPTION = {
  seed: { type: 'string', requiresArg: true, describe: "seed of the run; default: the scenario's own" },
  set: { type: 'string', array: true, nargs: 1, describe: 'set a knob: --set nmi.lookup.interval=1s (see idflow knobs)' },
  json: { type: 'boolean', describe: 'one JSON document instead of text' },
  verbose: { type: 'boolean', describe: 'more: notes of the loader, details, stack traces' },
  color: { type: 'boolean', default: true, describe: 'colours, on a terminal; --no-color for none' },
  ties: { choices: ['fixed', 'shuffled'] as const, default: 'fixed' as const, describe: 'order of simultaneous events' },
} as const;

/** Reads a command line (without the program's own name). */
export function readArguments(args: readonly string[], about: { readonly version: string; readonly columns: number }): Reading {
  let command: CommandName | undefined;
  const chosen = (name: CommandName) => (): void => {
    command = name;
  };
  const parser = commands(base(about), chosen);
  let reading: Reading = { kind: 'text', text: '' };
  void parser.parse([...args], {}, (error: Error | null | undefined, argv: Record<string, unknown>, output: string) => {
    if (error !== null && error !== undefined) reading = { kind: 'mistake', rule: usageRule(error.message, args) };
    else if (output !== '') reading = { kind: 'text', text: `${output}\n` };
    else if (command !== undefined) reading = invocationOf(command, argv);
  });
  return reading;
}

function base({ version, columns }: { readonly version: string; readonly columns: number }): Argv {
  return yargs()
    .scriptName('idflow')
    .detectLocale(false)
    .usage('idflow: what happens, when, when Azure pods and machines use managed identities.\n\nUsage: $0 <command> [options]')
    .wrap(Math.min(columns, 110))
    .parserConfiguration({ 'parse-numbers': false, 'parse-positional-numbers': false })
    .strict()
    .demandCommand(1, 'a command is missing; idflow --help lists them')
    .exitProcess(false)
    .showHelpOnFail(false)
    .help('help')
    .alias('help', 'h')
    .version('version', version)
    .alias('version', 'V')
    .example('$0 run aks-sql-token', 'the main scenario, with its report')
    .example('$0 run aks-sql-token --set vmss.patch.duration.serverSide=60s', 'what if a PATCH of the scale set took a minute?')
    .example('$0 sweep aks-sql-token -n 50', 'fifty seeds: means with 95 % intervals')
    .example('$0 step aks-sql-token', 'walk through it, forth and back')
    .example('$0 knobs mic', 'every number of MIC that can be set, with its source')
    .epilogue('Exit codes: 0 all expectations hold, 1 one fell, 2 bad input, 3 undecided, 70 a mistake in the simulator, 130 interrupted.');
}

function commands(parser: Argv, chosen: Chosen): Argv {
  return otherCommands(scenarioCommands(parser, chosen), chosen);
}

/** Notes the command that was found. */
type Chosen = (name: CommandName) => () => void;

/** Commands about a scenario or its run. */
function scenarioCommands(parser: Argv, chosen: Chosen): Argv {
  return parser
    .command('run <scenario>', 'run a scenario and print its report', runOptions, chosen('run'))
    .command('list', 'list the packaged scenarios with their questions', plainOptions, chosen('list'))
    .command(
      'validate <files..>',
      'check scenario files; all problems at once',
      (y) => plainOptions(y.positional('files', { ...SCENARIO, array: true })),
      chosen('validate'),
    )
    .command('step <scenario>', 'walk through a run event by event, forth and back', stepOptions, chosen('step'))
    .command(
      'diagram <scenario>',
      'draw who said what to whom in a slice of a run, as a Mermaid sequence diagram',
      diagramOptions,
      chosen('diagram'),
    )
    .command(
      'why <scenario> [question..]',
      'tell the causes of a token, an assignment, a leftover, a violation or a race',
      whyOptions,
      chosen('why'),
    )
    .command('sweep <scenario>', 'run a scenario under many seeds', sweepOptions, chosen('sweep'))
    .command(
      'compare <scenario>',
      'run the same workload under other architectures, undisturbed and under faults, in one table',
      compareOptions,
      chosen('compare'),
    )
    .command(
      'audit <scenario>',
      'print the logs of a run: who used which service, as an auditor would see it, beside the truth',
      auditOptions,
      chosen('audit'),
    );
}

/** Commands about tokens, knobs, tables and the program itself. */
function otherCommands(parser: Argv, chosen: Chosen): Argv {
  return parser
    .command(
      'replay <token>',
      'run again what a token stands for; open the stepper if it points at an event',
      (y) => plainOptions(y.positional('token', { type: 'string', describe: 'token from a report or a failure' })),
      chosen('replay'),
    )
    .command(
      'knobs [pattern]',
      'list the numbers of the world that --set can change',
      (y) => plainOptions(y.positional('pattern', { type: 'string', describe: 'part of a name, or with stars: mic.*' })),
      chosen('knobs'),
    )
    .command(
      'table <name>',
      'print a table that comes out of many small runs',
      (y) =>
        plainOptions(
          y.positional('name', { choices: ['give-up'], describe: 'give-up: when each token client gives up, whatever it meets' }),
        ),
      chosen('table'),
    )
    .command('incidents [ids..]', 'list the real incidents, or re-enact them', incidentOptions, chosen('incidents'))
    .command(
      'completion <shell>',
      'print a completion script',
      (y) =>
        y
          .positional('shell', { choices: ['bash', 'zsh'], describe: 'your shell' })
          .example('source <(idflow completion bash)', 'in ~/.bashrc'),
      chosen('completion'),
    );
}

function plainOptions(y: Argv): Argv {
  return y.options({ json: OPTION.json, verbose: OPTION.verbose, color: OPTION.color });
}

function runOptions(y: Argv): Argv {
  return y
    .positional('scenario', SCENARIO)
    .options({
      architecture: {
        type: 'string',
        requiresArg: true,
        describe: 'how pods get tokens: secret, bare-imds, standard, managed, workload-identity',
      },
      seed: OPTION.seed,
      set: OPTION.set,
      json: OPTION.json,
      trace: { type: 'string', requiresArg: true, describe: 'write every delivery and fact to this file (NDJSON, docs/TRACE.md)' },
      out: {
        type: 'string',
        requiresArg: true,
        describe: 'write everything of the run into this folder: report, trace, timeline, diagram, logs …',
      },
      fast: { type: 'boolean', describe: 'plain state, no snapshots (the default)' },
      recorded: { type: 'boolean', describe: 'checked state, as the stepper uses it: slower, same result' },
      ties: OPTION.ties,
      verbose: OPTION.verbose,
      color: OPTION.color,
    })
    .conflicts('fast', 'recorded')
    .example('$0 run aks-sql-token --seed 7 --json', 'another seed, for a program to read')
    .example('$0 run ./my.yaml --set nmi.lookup.interval=1s --set mic.clientQps=20', 'several knobs')
    .example('$0 run aks-sql-token --trace trace.ndjson', 'keep every event')
    .example('$0 run aks-sql-token --out run1', 'a folder with all there is, and an index.html');
}

function incidentOptions(y: Argv): Argv {
  return plainOptions(y)
    .positional('ids', { type: 'string', array: true, describe: 'only these, such as INC-01, or a file of your own; default: all' })
    .options({ run: { type: 'boolean', describe: 're-enact them' }, seed: OPTION.seed, set: OPTION.set })
    .example('$0 incidents --run', 'the whole catalogue')
    .example('$0 incidents INC-01 INC-13 --run --json', 'two of them, for a program to read')
    .example('$0 incidents ./my-incident.yaml --run', 'one of your own');
}

function diagramOptions(y: Argv): Argv {
  return y
    .positional('scenario', SCENARIO)
    .options({
      from: { type: 'string', requiresArg: true, describe: 'first moment, such as 2m' },
      to: { type: 'string', requiresArg: true, describe: 'last moment' },
      actors: { type: 'string', requiresArg: true, describe: 'actor ids or their beginnings, with commas: nmi,imds,pod/shop' },
      pod: { type: 'string', requiresArg: true, describe: 'namespace/name of a pod, or its beginning: only what concerns it' },
      seed: OPTION.seed,
      set: OPTION.set,
      ties: OPTION.ties,
      verbose: OPTION.verbose,
      color: OPTION.color,
    })
    .example('$0 diagram aks-sql-token --pod shop/orders --from 2m --to 3m', 'the first token of a pod');
}

/** What `at TIME` means in a question. */
const AT_TIME =
  'at TIME (12:03, 1:12:03 or 12m3s since the start of the run) asks for the token that a pod was waiting for then, else for its next one; ' +
  'of assignments and facts for the first from then on.';

function whyOptions(y: Argv): Argv {
  return y
    .positional('scenario', SCENARIO)
    .positional('question', {
      type: 'string',
      array: true,
      describe: 'token of pod NAME [at TIME]; assignment of pod NAME; leftover [NAME]; violation of INVARIANT; race CLASS; event N',
    })
    .options({ seed: OPTION.seed, set: OPTION.set, json: OPTION.json, ties: OPTION.ties, verbose: OPTION.verbose, color: OPTION.color })
    .epilogue(AT_TIME)
    .example("$0 why aks-sql-token 'token of pod orders'", 'why its first token took so long')
    .example("$0 why aks-sql-token 'race askedBeforeAssigned'", 'what led to the first of these races');
}

function stepOptions(y: Argv): Argv {
  return y
    .positional('scenario', SCENARIO)
    .options({ seed: OPTION.seed, set: OPTION.set, ties: OPTION.ties, verbose: OPTION.verbose, color: OPTION.color })
    .epilogue(
      'Keys: n next, b back, g go to a time or event, f find, w what changed, y why, a state of an actor, h help, q quit.\n' +
        'Without a terminal, stdin is read as one command a line: printf "n 5\\nw\\n" | idflow step aks-sql-token',
    );
}

function sweepOptions(y: Argv): Argv {
  return y
    .positional('scenario', SCENARIO)
    .options({
      n: { alias: 'replications', type: 'number', requiresArg: true, default: 20, describe: 'number of seeds' },
      seed: OPTION.seed,
      set: OPTION.set,
      json: OPTION.json,
      verbose: OPTION.verbose,
      color: OPTION.color,
    })
    .example('$0 sweep aks-sql-token -n 200 --json', 'two hundred seeds as data');
}

function compareOptions(y: Argv): Argv {
  return y
    .positional('scenario', SCENARIO)
    .options({
      architectures: { type: 'string', requiresArg: true, describe: 'which, with commas; default: all five' },
      seed: OPTION.seed,
      set: OPTION.set,
      json: OPTION.json,
      verbose: OPTION.verbose,
      color: OPTION.color,
    })
    .example('$0 compare architectures --architectures secret,standard,workload-identity', 'three of them');
}

function auditOptions(y: Argv): Argv {
  return y
    .positional('scenario', SCENARIO)
    .options({ seed: OPTION.seed, set: OPTION.set, ties: OPTION.ties, json: OPTION.json, verbose: OPTION.verbose, color: OPTION.color })
    .example('$0 audit aks-sql-token', 'who read the database?');
}
