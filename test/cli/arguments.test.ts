/** Command lines as they are read: what is asked for, what is wrong, what help says. */
import { describe, expect, test } from 'vitest';
import { readArguments } from '../../src/cli/arguments.ts';
import { completeWords } from '../../src/cli/completion-words.ts';
import { plainRun } from '../../src/cli/invocation.ts';
import { packagedNames, packageVersion } from '../../src/cli/package-folder.ts';
import { COMMANDS } from '../../src/cli/usage-rule.ts';

const about = { version: '1.2.3', columns: 100 };

function textOf(...args: readonly string[]): string {
  const reading = readArguments(args, about);
  return reading.kind === 'text' ? reading.text : `no text: ${JSON.stringify(reading)}`;
}

function ruleOf(line: string): string {
  const reading = readArguments(line === '' ? [] : line.split(' '), about);
  return reading.kind === 'mistake' ? reading.rule : `no mistake: ${JSON.stringify(reading)}`;
}

test('everything a run can be told arrives as written', () => {
  const line = [
    'run',
    '--set',
    'a.b=1',
    'my/file.yaml',
    '--seed',
    '007',
    '--set',
    'c.d=U(1s, 2s)',
    '--json',
    '--recorded',
    '--ties',
    'shuffled',
    '--no-color',
    '--out',
    'runs/7',
  ];
  expect(readArguments(line, about)).toEqual({
    kind: 'command',
    invocation: {
      command: 'run',
      targets: ['my/file.yaml'],
      seed: '007',
      set: ['a.b=1', 'c.d=U(1s, 2s)'],
      architectures: [],
      trace: undefined,
      out: 'runs/7',
      slice: { from: undefined, to: undefined, actors: [], pod: undefined },
      mode: 'recorded',
      ties: 'shuffled',
      output: 'json',
      detail: 'plain',
      color: 'off',
      incidentsRun: false,
      replications: 1,
    },
  });
});

test('the short way for a plain run reads it as the argument reader does, and leaves every other line to it', () => {
  for (const target of ['aks-sql-token', 'a/b.yaml', '7']) {
    expect({ kind: 'command', invocation: plainRun(['run', target]) }).toEqual(readArguments(['run', target], about));
  }
  for (const line of [
    [],
    ['run'],
    ['run', '--help'],
    ['run', 'a', '--json'],
    ['list', 'a'],
    ['run', '-h'],
    ['run', 'a', 'b'],
    ['run', ''],
  ]) {
    expect(plainRun(line)).toBeUndefined();
  }
});

test('several files and a number of seeds', () => {
  expect(readArguments(['validate', 'a.yaml', 'b.yaml'], about)).toMatchObject({ invocation: { targets: ['a.yaml', 'b.yaml'] } });
  expect(readArguments(['sweep', 'x', '-n', '7'], about)).toMatchObject({ invocation: { replications: 7 } });
  expect(readArguments(['knobs'], about)).toMatchObject({ invocation: { command: 'knobs', targets: [] } });
});

describe('mistakes are told with what would be right', () => {
  test.each([
    ['', 'a command is missing; idflow --help lists them'],
    ['swep x', 'no command "swep"; did you mean step or sweep?'],
    ['frobnicate', 'no command "frobnicate"'],
    ['run', 'run needs more: idflow run --help says what'],
    ['run a b', 'run takes no further "b"; idflow run --help says what it takes'],
    ['run a --sede 5', 'run has no option --sede; did you mean --seed or --set?'],
    ['step a --fast', 'step has no option --fast'],
    ['run a --seed', '--seed needs a value'],
    ['run a --fast --recorded', '--fast and --recorded exclude each other'],
    ['run a --ties random', 'ties is one of "fixed", "shuffled", not "random"'],
    ['sweep a -n 0', '-n is a whole number from 1'],
    ['sweep a -n many', '-n is a whole number from 1'],
  ])('%j: %s', (line, rule) => {
    expect(ruleOf(line)).toBe(rule);
  });
});

test('--version says the version of the package', () => {
  expect(textOf('--version')).toBe('1.2.3\n');
  expect(packageVersion()).toMatch(/^\d+[.]\d+[.]\d+$/);
});

test('help lists every command with one line each, examples and exit codes', () => {
  expect(textOf('--help')).toMatchInlineSnapshot(`
    "idflow: what happens, when, when Azure pods and machines use managed identities.

    Usage: idflow <command> [options]

    Commands:
      idflow run <scenario>               run a scenario and print its report
      idflow list                         list the packaged scenarios with their questions
      idflow validate <files..>           check scenario files; all problems at once
      idflow step <scenario>              walk through a run event by event, forth and back
      idflow diagram <scenario>           draw who said what to whom in a slice of a run, as a Mermaid
                                          sequence diagram
      idflow why <scenario> [question..]  tell the causes of a token, an assignment, a leftover, a
                                          violation or a race
      idflow sweep <scenario>             run a scenario under many seeds
      idflow compare <scenario>           run the same workload under other architectures, undisturbed
                                          and under faults, in one table
      idflow audit <scenario>             print the logs of a run: who used which service, as an auditor
                                          would see it, beside the truth
      idflow replay <token>               run again what a token stands for; open the stepper if it
                                          points at an event
      idflow knobs [pattern]              list the numbers of the world that --set can change
      idflow table <name>                 print a table that comes out of many small runs
      idflow incidents [ids..]            list the real incidents, or re-enact them
      idflow completion <shell>           print a completion script

    Options:
      -h, --help     Show help                                                                 [boolean]
      -V, --version  Show version number                                                       [boolean]

    Examples:
      idflow run aks-sql-token                            the main scenario, with its report
      idflow run aks-sql-token --set                      what if a PATCH of the scale set took a
      vmss.patch.duration.serverSide=60s                  minute?
      idflow sweep aks-sql-token -n 50                    fifty seeds: means with 95 % intervals
      idflow step aks-sql-token                           walk through it, forth and back
      idflow knobs mic                                    every number of MIC that can be set, with its
                                                          source

    Exit codes: 0 all expectations hold, 1 one fell, 2 bad input, 3 undecided, 70 a mistake in the
    simulator, 130 interrupted.
    "
  `);
});

test('help of run', () => {
  expect(textOf('run', '--help')).toMatchInlineSnapshot(`
    "idflow run <scenario>

    run a scenario and print its report

    Positionals:
      scenario  name of a packaged scenario, or path of a file                       [string] [required]

    Options:
      -h, --help          Show help                                                            [boolean]
      -V, --version       Show version number                                                  [boolean]
          --architecture  how pods get tokens: secret, bare-imds, standard, managed, workload-identity
                                                                                                [string]
          --seed          seed of the run; default: the scenario's own                          [string]
          --set           set a knob: --set nmi.lookup.interval=1s (see idflow knobs)            [array]
          --json          one JSON document instead of text                                    [boolean]
          --trace         write every delivery and fact to this file (NDJSON, docs/TRACE.md)    [string]
          --out           write everything of the run into this folder: report, trace, timeline,
                          diagram, logs …                                                       [string]
          --fast          plain state, no snapshots (the default)                              [boolean]
          --recorded      checked state, as the stepper uses it: slower, same result           [boolean]
          --ties          order of simultaneous events [choices: "fixed", "shuffled"] [default: "fixed"]
          --verbose       more: notes of the loader, details, stack traces                     [boolean]
          --color         colours, on a terminal; --no-color for none          [boolean] [default: true]

    Examples:
      idflow run aks-sql-token --seed 7 --json            another seed, for a program to read
      idflow run ./my.yaml --set nmi.lookup.interval=1s   several knobs
      --set mic.clientQps=20
      idflow run aks-sql-token --trace trace.ndjson       keep every event
      idflow run aks-sql-token --out run1                 a folder with all there is, and an index.html
    "
  `);
});

test('every command has a help of its own that names it', () => {
  for (const command of COMMANDS) expect(textOf(command, '--help')).toMatch(new RegExp(`^idflow ${command}`));
});

describe('completion', () => {
  test('commands at first, then what the command takes', () => {
    expect(completeWords([''])).toEqual([...COMMANDS, '--help', '--version'].sort());
    expect(completeWords(['s'])).toEqual(['step', 'sweep']);
    expect(completeWords(['run', ''])).toEqual(packagedNames());
    expect(completeWords(['run', 'aks-sql-token', '--se'])).toEqual(['--seed', '--set']);
    expect(completeWords(['run', 'x', '--set', 'nmi.lookup.int'])).toEqual(['nmi.lookup.interval=']);
    expect(completeWords(['completion', ''])).toEqual(['bash', 'zsh']);
    expect(completeWords(['incidents', 'INC-0'])).toContain('INC-01');
    expect(completeWords(['incidents', 'INC-01', '--r'])).toEqual(['--run']);
    expect(completeWords(['run', 'x', '--trace', ''])).toEqual([]);
    expect(completeWords(['nonsense', ''])).toEqual([]);
  });

  test('every option it offers is one the command has', () => {
    for (const command of COMMANDS) {
      const help = textOf(command, '--help');
      for (const flag of completeWords([command, '-'])) expect(help).toContain(flag === '--no-color' ? '--no-color' : flag);
    }
  });
});
