/** Ways in which a command ends early, as errors that `main` turns into text and an exit code. */

/** The user's input or usage is wrong. Carries every problem found, one a line, ready to print. */
export class InputFailure extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'InputFailure';
    this.lines = lines;
  }
}

/** The user pressed Ctrl-C. */
export class Interrupted extends Error {
  /** What the user may want to know: how far it came. */
  readonly text: string;

  constructor(text: string) {
    super(text);
    this.name = 'Interrupted';
    this.text = text;
  }
}

/** A mistake in the simulator, with the command that leads back to it. */
export class SimulatorBug extends Error {
  readonly replay: string;

  constructor(cause: Error, replay: string) {
    super(cause.message, { cause });
    this.name = 'SimulatorBug';
    this.replay = replay;
  }
}
