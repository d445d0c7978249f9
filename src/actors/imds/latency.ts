/**
 * How long IMDS itself takes. Its knobs are measured at NMI, so NMI's own time and the way there and back are inside and taken out here.
 *
 * A miss divides into Entra's share and IMDS's own: Entra answers as a real message after `entra.token.latency`; IMDS's share is the drawn
 * total times the part of its centre that Entra's centre leaves over. By default that is LN(0.05 s, 0.6) before LN(0.35 s, 0.6), together
 * close to LN(0.40 s, 0.6); for a first use LN(0.65 s, 0.84) before it, together close to LN(1 s, 0.84).
 */
import { ZERO, micros } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Time of an answer out of what IMDS has at hand. */
export function quickShare(turn: Turn, subject: string): Duration {
  return withoutTheWay(turn, turn.draw('imds.latency.cacheHit', subject));
}

/** Time to refuse an identity that is not there. */
export function notFoundShare(turn: Turn, subject: string): Duration {
  return withoutTheWay(turn, turn.draw('imds.latency.notFound', subject));
}

/** IMDS's own share of a fetch. */
export function fetchShare(turn: Turn, of: 'firstUse' | 'cacheMiss', subject: string): Duration {
  const knob = `imds.latency.${of}` as const;
  const centre = turn.knob(knob);
  if (centre === 0) return ZERO;
  const own = Math.max(0, 1 - turn.knob('entra.token.latency') / centre);
  return withoutTheWay(turn, micros(turn.draw(knob, subject) * own));
}

function withoutTheWay(turn: Turn, seenAtNmi: Duration): Duration {
  const way = turn.knob('nmi.overhead') + 2 * turn.knob('link.node');
  return micros(Math.max(0, seenAtNmi - way));
}
