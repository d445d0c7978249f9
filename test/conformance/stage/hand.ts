/** The hand of the case: an actor for everybody who acts in a world from outside, and the answers it got. */
import { seconds } from '../../../src/kernel/time.ts';
import type { Message, MessageOf } from '../../../src/model/messages/index.ts';
import { defineActor } from '../../../src/model/vocabulary.ts';
import type { IdentityActor, Turn } from '../../../src/model/vocabulary.ts';
import type { World } from '../../../src/scenarios/assemble/index.ts';

/** What the hand can be told in answer. */
export type HandAnswer = MessageOf<
  'ApiResponse' | 'ArmResponse' | 'MetadataResponse' | 'ServiceResponse' | 'ProbeAnswer' | 'AadTokenResponse'
>;

type Inbox = HandAnswer | MessageOf<'Start' | 'StoryDue'>;

/** A wait in the far future: time can pass even where nobody has anything to do. */
const APPOINTMENT = seconds(1e9);

/** Acts at once in a running world, through messages and tables as everyone does. */
export class Hand {
  readonly #acts: ((turn: Turn) => void)[] = [];
  readonly #answers = new Map<string, HandAnswer>();
  #requests = 0;

  /** To put into the world in the place of the scripted human. */
  readonly actor: IdentityActor<object, Inbox> = defineActor<object, Inbox>({
    kind: 'operator',
    initial: () => ({}),
    handlers: {
      Start: (_state, _message, turn) => {
        turn.setTimer('appointment', APPOINTMENT, { type: 'StoryDue', step: '' }, { label: 'other' });
      },
      StoryDue: (_state, { step }, turn) => {
        if (step !== '') this.#acts[Number(step)]?.(turn);
      },
      ApiResponse: (_state, message) => this.#note(message),
      ArmResponse: (_state, message) => this.#note(message),
      MetadataResponse: (_state, message) => this.#note(message),
      ServiceResponse: (_state, message) => this.#note(message),
      ProbeAnswer: (_state, message) => this.#note(message),
      AadTokenResponse: (_state, message) => this.#note(message),
    },
  });

  /** A name for a request that none had before. */
  newRequest(): string {
    this.#requests += 1;
    return `case#${String(this.#requests)}`;
  }

  /** The answer to a request, once it is there. */
  answerTo(request: string): HandAnswer | undefined {
    return this.#answers.get(request);
  }

  /** Does something at this moment of the world. */
  act(world: World, what: (turn: Turn) => void): void {
    this.#acts.push(what);
    const step = String(this.#acts.length - 1);
    world.add({ id: `operator/hand-${step}`, kind: 'operator' }, { type: 'StoryDue', step });
    world.run({ at: world.now });
  }

  /** Sends a message to an actor at this moment; to one that is not there, `ifAbsent` comes back. */
  send(world: World, to: string, message: Message, ifAbsent?: HandAnswer): void {
    this.act(world, (turn) => {
      turn.send(to, message, ifAbsent === undefined ? {} : { ifAbsent });
    });
  }

  #note(answer: HandAnswer): void {
    this.#answers.set(answer.request, answer);
  }
}
