/** What a command tells the shell. The same table stands in the README. */

/** Exit codes by meaning. */
export const EXIT = {
  /** All expectations hold; or there was nothing to judge. */
  holds: 0,
  /** An expectation or an invariant fell. */
  fell: 1,
  /** Bad input or usage; everything that is wrong is on stderr, nothing on stdout. */
  badInput: 2,
  /** Undecided: no samples, or an interval that straddles the bound. */
  inconclusive: 3,
  /** A mistake in the simulator. */
  bug: 70,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

/** One of them. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Exit code of a judged run. */
export function exitCodeOf(verdict: 'holds' | 'fell' | 'inconclusive'): ExitCode {
  return EXIT[verdict];
}
