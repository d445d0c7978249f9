/**
 * Outages of Entra: for a while a share of all token requests fails, whoever asks.
 *
 * Follows the monthly attainment that Microsoft publishes: two bad months in four years. The first outage is as far from the start as any
 * is from the one before, since the time between them has no memory.
 */
import { after } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** An outage under way. */
export interface Outage {
  /** When it ends. */
  readonly until: Moment;
  /** Share of requests that fail [0 to 1]. */
  readonly severity: number;
}

interface WithOutage {
  outage: Outage | undefined;
}

/** Sets the time of the next outage, counted from now. */
export function awaitOutage(turn: Turn): void {
  turn.setTimer('outage', turn.draw('entra.outage.interarrival', 'entra'), { type: 'OutageDue' }, { label: 'idle' });
}

/** An outage begins; where one is under way, that one ends. */
export function onOutageDue(state: WithOutage, _message: MessageOf<'OutageDue'>, turn: Turn): void {
  const severity = turn.draw('entra.outage.severity', 'entra');
  const until = after(turn.now, turn.draw('entra.outage.duration', 'entra'));
  state.outage = { until, severity };
  turn.fact({ type: 'entra-outage-began', until, severity });
  awaitOutage(turn);
}

/** Whether an outage makes this request fail. */
export function isStruck(state: WithOutage, turn: Turn, subject: string): boolean {
  const { outage } = state;
  return outage !== undefined && turn.now < outage.until && turn.uniform('outage', subject) < outage.severity;
}
