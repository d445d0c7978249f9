/** Progress of work that takes longer than two seconds: one line on stderr that writes over itself; on a terminal only. */
import type { Host } from './host.ts';

/** How long nothing is shown [ms]. */
const QUIET_MS = 2_000;
/** How often the line is written anew [ms]. */
const REFRESH_MS = 200;

/** The line of progress. */
export interface Progress {
  /** Shows the text if it is time to. */
  show(text: () => string): void;
  /** Takes the line away. */
  end(): void;
}

/** Progress for a host; does nothing where nobody watches. */
export function progressOn(host: Pick<Host, 'isErrTerminal'>): Progress {
  if (!host.isErrTerminal) return { show: () => undefined, end: () => undefined };
  let next = performance.now() + QUIET_MS;
  let isShown = false;
  return {
    show: (text) => {
      const now = performance.now();
      if (now < next) return;
      next = now + REFRESH_MS;
      isShown = true;
      process.stderr.write(`\r\u001B[2K${text()}`);
    },
    end: () => {
      if (isShown) process.stderr.write('\r\u001B[2K');
      isShown = false;
    },
  };
}
