/** Callers of ARM by any name, for tests in which it matters who calls: each acts out its own script and remembers the answers. */
import type { Simulation } from '../../src/kernel/simulation.ts';
import type { Duration, Moment } from '../../src/kernel/time.ts';
import type { ArmCall } from '../../src/model/messages/arm.ts';
import type { MessageOf } from '../../src/model/messages/index.ts';
import { defineActor } from '../../src/model/vocabulary.ts';
import type { Identity, IdentityActor } from '../../src/model/vocabulary.ts';

/** One call at a time. */
interface CallLine {
  readonly at: Duration;
  readonly call: ArmCall;
}

/** An answer, when and to whom. */
export type Heard = MessageOf<'ArmResponse'> & { readonly client: string; readonly at: Moment };

/** What callers say, by their actor id, and what they have heard so far. */
export class Callers {
  readonly heard: Heard[] = [];
  readonly #scripts: Readonly<Record<string, readonly CallLine[]>>;

  constructor(scripts: Readonly<Record<string, readonly CallLine[]>>) {
    this.#scripts = scripts;
  }

  /** The actor behind all of them. */
  get actor(): IdentityActor<object, MessageOf<'Start' | 'RetryDue' | 'ArmResponse'>> {
    return defineActor<object, MessageOf<'Start' | 'RetryDue' | 'ArmResponse'>>({
      kind: 'caller',
      initial: () => ({}),
      handlers: {
        Start: (_state, _message, turn) => {
          for (const [n, { at }] of this.#linesOf(turn.self).entries())
            turn.setTimer(`line-${String(n).padStart(4, '0')}`, at, { type: 'RetryDue', request: String(n) }, { label: 'idle' });
        },
        RetryDue: (_state, { request }, turn) => {
          const line = this.#linesOf(turn.self)[Number(request)];
          if (line !== undefined) turn.send('arm', { type: 'ArmRequest', request, call: line.call });
        },
        ArmResponse: (_state, message, turn) => {
          this.heard.push({ ...message, client: turn.self, at: turn.now });
        },
      },
    });
  }

  /** Brings them to life. */
  join(sim: Simulation<Identity>): void {
    for (const id of Object.keys(this.#scripts)) sim.add({ id, kind: 'caller' }, { type: 'Start' });
  }

  #linesOf(id: string): readonly CallLine[] {
    return this.#scripts[id] ?? [];
  }
}
