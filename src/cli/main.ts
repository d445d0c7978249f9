#!/usr/bin/env node
/** Entry of the command line: reads the arguments, loads the one command they ask for, and turns how it ended into an exit code. */
import { plainRun } from './invocation.ts';
import type { Invocation } from './invocation.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { InputFailure, Interrupted, SimulatorBug } from './failure.ts';
import { processHost } from './host.ts';
import type { Host } from './host.ts';

process.exitCode = await perform(process.argv.slice(2));

async function perform(args: readonly string[]): Promise<ExitCode> {
  if (args[0] === '__complete') {
    const { completeWords } = await import('./completion-words.ts');
    const words = completeWords(args.slice(1));
    processHost('off').out(words.map((word) => `${word}\n`).join(''));
    return EXIT.holds;
  }
  const plain = plainRun(args);
  if (plain !== undefined) return guarded(plain, processHost('auto'));
  const { readArguments } = await import('./arguments.ts');
  const { packageVersion } = await import('./package-folder.ts');
  const host = processHost(args.includes('--no-color') ? 'off' : 'auto');
  const reading = readArguments(args, { version: packageVersion(), columns: host.columns });
  switch (reading.kind) {
    case 'text':
      host.out(reading.text);
      return EXIT.holds;
    case 'mistake':
      host.err(`idflow: ${reading.rule}`);
      return EXIT.badInput;
    case 'command':
      return guarded(reading.invocation, host);
  }
}

async function guarded(invocation: Invocation, host: Host): Promise<ExitCode> {
  try {
    return await dispatch(invocation, host);
  } catch (error) {
    return failed(error, { invocation, host });
  }
}

/** Each command in a module of its own, loaded only when it is asked for: starting must be quick. */
async function dispatch(invocation: Invocation, host: Host): Promise<ExitCode> {
  switch (invocation.command) {
    case 'run':
      return (await import('./commands/run.ts')).run(invocation, host);
    case 'list':
      return (await import('./commands/list.ts')).list(invocation, host);
    case 'validate':
      return (await import('./commands/validate.ts')).validate(invocation, host);
    case 'step':
      return (await import('./commands/step.ts')).step(invocation, host);
    case 'diagram':
      return (await import('./commands/diagram.ts')).diagram(invocation, host);
    case 'why':
      return (await import('./commands/why.ts')).why(invocation, host);
    case 'sweep':
      return (await import('./commands/sweep.ts')).sweep(invocation, host);
    case 'compare':
      return (await import('./commands/compare.ts')).compare(invocation, host);
    case 'audit':
      return (await import('./commands/audit.ts')).audit(invocation, host);
    case 'replay':
      return (await import('./commands/replay.ts')).replay(invocation, host);
    case 'knobs':
      return (await import('./commands/knobs.ts')).knobs(invocation, host);
    case 'table':
      return (await import('./commands/table.ts')).table(invocation, host);
    case 'incidents':
      return (await import('./commands/incidents.ts')).incidents(invocation, host);
    case 'completion':
      return (await import('./commands/completion.ts')).completion(invocation, host);
  }
}

function failed(error: unknown, { invocation, host }: { readonly invocation: Invocation; readonly host: Host }): ExitCode {
  if (error instanceof InputFailure) {
    for (const line of error.lines) host.err(line);
    return EXIT.badInput;
  }
  if (error instanceof Interrupted) {
    host.err(error.text);
    return EXIT.interrupted;
  }
  host.err(`idflow: a mistake in the simulator: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof SimulatorBug) host.err(`to see it again: ${error.replay}`);
  if (invocation.detail === 'verbose' && error instanceof Error) host.err(stackOf(error));
  else host.err('--verbose shows where in the program');
  return EXIT.bug;
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
