/** Whether a kept token may still be used, and whether it is time for a new one. */
import { between } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { Keeping } from './profile.ts';

/** What a client holds. */
export interface KeptToken {
  /** When the client got it. */
  readonly receivedAt: Moment;
  readonly expiresAt: Moment;
}

/** The rule of half the life, as calibrated. */
export interface HalfLifeRule {
  readonly state: 'on' | 'off';
  /** Life from which a token counts as long-lived. */
  readonly minimumLife: Duration;
}

/** What a use may do with a kept token. */
export type Verdict = 'fresh' | 'refresh' | 'unusable';

/** Judges a kept token at a moment. `lastTry`: when a refresh was last tried. */
export function judge(
  keeping: Keeping,
  token: KeptToken,
  at: { readonly now: Moment; readonly lastTry: Moment | undefined; readonly rule: HalfLifeRule },
): Verdict {
  const left = between(at.now, token.expiresAt);
  if (keeping.cache === 'none' || left <= keeping.unusableBefore || left <= 0) return 'unusable';
  const life = between(token.receivedAt, token.expiresAt);
  const isPastHalf = keeping.halfLife === 'yes' && at.rule.state === 'on' && life > at.rule.minimumLife && left * 2 <= life;
  if (!isPastHalf && left > keeping.refreshBefore) return 'fresh';
  const isTooSoon = at.lastTry !== undefined && at.now - at.lastTry < keeping.refreshGap;
  return isTooSoon ? 'fresh' : 'refresh';
}
