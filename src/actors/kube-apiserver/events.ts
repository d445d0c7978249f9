/** Events are kept for `api.eventTtl`, as `kube-apiserver --event-ttl` says. Simplified: those of one minute go together, at its end. */
import { minutes } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { minuteOf } from '../../model/tables.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Sees to it that the events of the present minute go in time: one timer a minute in which there are any. */
export function limitLife(turn: Turn): void {
  const minute = minuteOf(turn.now);
  if (turn.table('events').count('minute', minute) > 0) return;
  const isOver = (minutes(1) - (turn.now % minutes(1))) as Duration;
  const delay = (isOver + turn.knob('api.eventTtl')) as Duration;
  turn.setTimer(`events|${minute}`, delay, { type: 'EventsExpired', minute }, { label: 'other' });
}

/** Forgets the events of a minute. */
export function expire(minute: string, turn: Turn): void {
  const events = turn.table('events');
  for (const { metadata } of events.by('minute', minute)) events.delete(`${metadata.namespace}/${metadata.name}`);
}
