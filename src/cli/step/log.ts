/** Who did what in each event so far: one note an event, so that the stepper can name the causes of what it shows. */
import type { Observer } from '../../kernel/world.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Message } from '../../model/messages/index.ts';
import type { Identity } from '../../model/vocabulary.ts';

/** One event: who got what from whom. Its words are found when it is told. */
export interface EventNote {
  readonly event: number;
  readonly at: Moment;
  readonly actor: string;
  readonly from: string;
  readonly message: Message;
}

/** Notes by number of event. Going back and forth again writes the same notes over the old ones. */
export class EventLog {
  readonly #notes: EventNote[] = [];

  /** What looks on for this log. */
  readonly observer: Observer<Identity> = {
    onDelivery: ({ event, at, actor, from, message }) => {
      this.#notes[event] = { event, at, actor, from, message };
    },
  };

  /** Note of an event; undefined for events that have not happened. */
  of(event: number): EventNote | undefined {
    return this.#notes[event];
  }
}
