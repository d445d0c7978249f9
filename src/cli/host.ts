/**
 * The process as commands see it: where text goes, how wide and how colourful it may be.
 *
 * A reader that goes away (`idflow run … | head`) is not an error: what is written to it afterwards is lost, and the exit code stays.
 */

/** What a command may do with the outside. */
export interface Host {
  /** Writes to stdout, as it is. */
  out(text: string): void;
  /** Writes a line to stderr. */
  err(line: string): void;
  /** Whether people, not programs, read stdout and stderr. */
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  /** Columns of stdout [1]. */
  readonly columns: number;
  /** `none`: no escapes at all. */
  readonly color: 'none' | 'basic';
}

/** Columns where nobody said how many there are: a page of a terminal that is no terminal. */
const DEFAULT_COLUMNS = 80;

/** The host of this process. `color`: what the user asked for. */
export function processHost(color: 'auto' | 'off'): Host {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    err: (line) => {
      process.stderr.write(`${line}\n`);
    },
    isOutTerminal: process.stdout.isTTY,
    isErrTerminal: process.stderr.isTTY,
    columns: columnsOf(process.stdout.isTTY ? process.stdout.columns : undefined, process.env['COLUMNS']),
    color: color === 'off' ? 'none' : colorOf(process.env, process.stdout),
  };
}

function columnsOf(terminal: number | undefined, variable: string | undefined): number {
  const wanted = Number(variable);
  if (terminal !== undefined && terminal > 0) return terminal;
  return Number.isInteger(wanted) && wanted > 0 ? wanted : DEFAULT_COLUMNS;
}

/** NO_COLOR (no-color.org) and FORCE_COLOR say it outright; else a terminal has colours unless it is a dumb one. */
function colorOf(env: NodeJS.ProcessEnv, stream: { readonly isTTY: boolean }): Host['color'] {
  if ((env['NO_COLOR'] ?? '') !== '') return 'none';
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] === '0' ? 'none' : 'basic';
  return stream.isTTY && env['TERM'] !== 'dumb' ? 'basic' : 'none';
}
