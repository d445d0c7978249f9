/**
 * A run as NDJSON, one JSON object a line: a header, then what happened in order. The form is described in docs/TRACE.md.
 *
 * Lines are gathered and written in large pieces; the caller closes the file, whatever happens.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Observer } from '../kernel/world.ts';
import type { Identity } from '../model/vocabulary.ts';
import { TRACE_FORMAT } from '../report/document/trace-format.ts';
import { InputFailure } from './failure.ts';

/** Characters gathered before they are written. */
const PIECE = 1 << 16;

/** A trace being written. */
export interface TraceFile {
  readonly observer: Observer<Identity>;
  /** Writes what is left, with a last line that says how the run ended, and closes the file. */
  close(end: { readonly ended: string; readonly at: number; readonly events: number; readonly fingerprint: string }): void;
  /** Closes the file as it is. */
  abandon(): void;
}

/**
 * Opens a trace file; an existing one is replaced.
 *
 * @throws InputFailure if the file cannot be written
 */
export function openTrace(path: string, header: { readonly scenario: string; readonly seed: string; readonly replay: string }): TraceFile {
  const file = opened(path);
  let gathered = '';
  const write = (line: object): void => {
    gathered += `${JSON.stringify(line)}\n`;
    if (gathered.length >= PIECE) flush();
  };
  const flush = (): void => {
    writeSync(file, gathered);
    gathered = '';
  };
  write({ line: 'header', format: TRACE_FORMAT, ...header });
  return {
    observer: {
      onDelivery: ({ event, at, actor, kind, from, message, trigger }) => {
        write({ line: 'delivery', event, at, actor, kind, from, trigger, message });
      },
      onFact: ({ at, event, actor, fact }) => {
        write({ line: 'fact', event, at, actor, fact });
      },
      onWrite: (table, entry, actor) => {
        write({ line: 'write', event: entry.cause, at: entry.at, actor, table, key: entry.key, after: entry.after ?? null });
      },
      onLoss: (loss) => {
        write({ line: 'loss', ...loss });
      },
    },
    close: (end) => {
      write({ line: 'end', ...end });
      flush();
      closeSync(file);
    },
    abandon: () => {
      flush();
      closeSync(file);
    },
  };
}

function opened(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^\w+: (.*), open .*$/u, '$1') : String(error);
    throw new InputFailure([`--trace ${path}: cannot be written: ${reason}`]);
  }
}
