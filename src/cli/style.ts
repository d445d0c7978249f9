/** Colours of what the command line itself writes; with colours off, every function hands its text on as it is. */
import { Chalk } from 'chalk';
import type { Host } from './host.ts';

/** Ways to write a piece of text. */
export interface Style {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
  name(text: string): string;
}

/** Styles for a host. */
export function styleFor(host: Pick<Host, 'color'>): Style {
  const chalk = new Chalk({ level: host.color === 'none' ? 0 : 1 });
  return {
    strong: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
    good: (text) => chalk.green(text),
    bad: (text) => chalk.red(text),
    doubtful: (text) => chalk.yellow(text),
    name: (text) => chalk.cyan(text),
  };
}
