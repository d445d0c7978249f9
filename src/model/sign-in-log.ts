/**
 * When a sign-in can be read, and until when.
 *
 * Follows Microsoft's pages on latency and retention of sign-in logs: seconds to minutes in the portal; a workspace gets them later, and
 * nothing in the first days of an export; 30 days with a P1 or P2 licence, 7 without. Simplified: a workspace keeps rows as long as the
 * portal.
 */
import { ORIGIN, after, plus } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import type { Turn } from './vocabulary.ts';

/** Both moments of a sign-in of now. */
export function signInTimes(turn: Turn, subject: string): { readonly loggedAt: Moment; readonly keptUntil: Moment } {
  const isFree = turn.knob('entra.signInLog.licence') === 'free';
  const kept = turn.knob(isFree ? 'entra.signInLog.retention.free' : 'entra.signInLog.retention');
  return { loggedAt: readableAt(turn, subject), keptUntil: after(turn.now, kept) };
}

function readableAt(turn: Turn, subject: string): Moment {
  const delay = turn.draw('entra.signInLog.delay', subject);
  const where = turn.knob('entra.signInLog.readIn');
  if (where === 'portal') return after(turn.now, delay);
  const exported = after(turn.now, plus(delay, turn.draw('logAnalytics.ingestion', subject)));
  if (where === 'logAnalytics') return exported;
  const begun = after(ORIGIN, turn.drawAt('logAnalytics.firstSetup', 'sign-ins', 0));
  return exported > begun ? exported : begun;
}
