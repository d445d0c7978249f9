/** Replicas of the directory: a change is known to one of them first, and a request meets any of them. */
import { after } from '../../kernel/time.ts';
import type { Spread } from '../../model/directory.ts';
import { missChance } from '../../model/replication.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** Something the directory holds that came or went at a known time; absent: long ago, and not at all. */
interface Held {
  readonly spread?: Spread | undefined;
  readonly removal?: Spread | undefined;
}

/** A change that begins to spread now. */
export function spreadOf(turn: Turn, subject: string): Spread {
  return { from: turn.now, until: after(turn.now, turn.draw('mi.sp.replicationDelay', subject)) };
}

/** Whether the replica that this request meets holds something: new, it is not yet everywhere; removed, it is here and there still. */
export function isHeld(turn: Turn, { spread, removal }: Held, subject: string): boolean {
  return !(spread !== undefined && isBehind(turn, spread, subject)) && (removal === undefined || isBehind(turn, removal, subject));
}

/** Whether the replica met has not yet heard of a change. Only a chance that is neither nothing nor all is drawn. */
function isBehind(turn: Turn, change: Spread, subject: string): boolean {
  if (turn.now < change.from) return true;
  const row = { createdAt: change.from, replicatedAt: change.until };
  const chance = missChance(row, turn.knob('mi.sp.missProbDuringReplication'), turn.now);
  return chance === 1 || (chance > 0 && turn.uniform('replica', subject) < chance);
}
