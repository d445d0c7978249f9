/**
 * Input of the stepper: single keys on a terminal, one command a line anywhere else.
 *
 * On a terminal, commands without an argument act at the touch of their key; those that need one (g, f, a, t) ask for it on a line of its own.
 */
import { createInterface, emitKeypressEvents } from 'node:readline';
import type { Interface, Key } from 'node:readline';
import type { Host } from '../host.ts';
import type { StepSession } from './session.ts';

/** Keys that need more than themselves, with the question asked. */
const QUESTIONS: Readonly<Record<string, string>> = { g: 'go to (90s, #120, start, end): ', f: 'find: ', a: 'actor: ', t: 'table: ' };

/** Keys that act at once. */
const AT_ONCE: Readonly<Record<string, string>> = {
  n: 'n',
  right: 'n',
  down: 'n',
  space: 'n',
  return: 'n',
  b: 'b',
  p: 'b',
  left: 'b',
  up: 'b',
  pagedown: 'n 20',
  pageup: 'b 20',
  home: 'g start',
  end: 'g end',
  w: 'w',
  y: 'y',
  s: 's',
  h: 'h',
  q: 'q',
  escape: 'q',
};

/** Reads commands from stdin until it ends or someone quits. */
export async function converse(session: StepSession, host: Host): Promise<void> {
  await (process.stdin.isTTY && host.isOutTerminal ? keys(session, host) : lines(session, host));
}

async function lines(session: StepSession, host: Host): Promise<void> {
  const reader = createInterface({ input: process.stdin, crlfDelay: Infinity });
  for await (const line of reader) {
    if (line.trim() === '') continue;
    if (answer(session, host, line) === 'over') break;
  }
  reader.close();
}

async function keys(session: StepSession, host: Host): Promise<void> {
  const { stdin } = process;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    await new Promise<void>((done) => {
      let asking: Interface | undefined;
      const ask = (key: string): void => {
        stdin.setRawMode(false);
        asking = createInterface({ input: stdin, output: process.stdout });
        asking.question(QUESTIONS[key] ?? '', (text) => {
          asking?.close();
          asking = undefined;
          stdin.setRawMode(true);
          stdin.resume();
          answer(session, host, `${key} ${text}`);
        });
      };
      const onKey = (_text: string | undefined, key: Key): void => {
        if (asking !== undefined) return;
        const name = key.name ?? key.sequence ?? '';
        const isOver = (key.ctrl === true && (name === 'c' || name === 'd')) || obey(name, { session, host, ask }) === 'over';
        if (!isOver) return;
        stdin.off('keypress', onKey);
        done();
      };
      stdin.on('keypress', onKey);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
  }
}

function obey(key: string, to: { readonly session: StepSession; readonly host: Host; readonly ask: (key: string) => void }): 'over' | 'on' {
  const line = AT_ONCE[key];
  if (line !== undefined) return answer(to.session, to.host, line);
  if (Object.hasOwn(QUESTIONS, key)) to.ask(key);
  return 'on';
}

function answer(session: StepSession, host: Host, line: string): 'over' | 'on' {
  const reply = session.execute(line);
  if (reply.lines.length > 0) host.out(`${reply.lines.join('\n')}\n`);
  return reply.isOver ? 'over' : 'on';
}
