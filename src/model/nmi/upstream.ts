/**
 * How NMI asks IMDS again, and what it makes of the outcome. Follows go-autorest adal v0.9.23 `token.go:retryForIMDS` and
 * aad-pod-identity v1.8.17 `pkg/auth/errors.go`.
 */
import type { Duration } from '../../kernel/time.ts';

/** adal's schedule at IMDS. */
export interface AdalSchedule {
  readonly attempts: number;
  /** Sleep after each failed attempt, the last included. */
  readonly delays: readonly Duration[];
}

/** Whether adal asks again after such an answer; 0 stands for no connection. */
function isRetriedByAdal(status: number): boolean {
  return status === 0 || status === 404 || status === 408 || status === 410 || status === 429 || (status >= 500 && status <= 599);
}

/** What follows the answer to the attempt of number `attempt` (from 0). */
export interface AfterAnswer {
  readonly kind: 'done' | 'again';
  /** Sleep before that. Faithful: adal also sleeps after its last attempt, and only then fails. */
  readonly sleep: Duration | undefined;
}

/** What adal does with an answer. */
export function afterAnswer(status: number, attempt: number, schedule: AdalSchedule): AfterAnswer {
  if (!isRetriedByAdal(status)) return { kind: 'done', sleep: undefined };
  const sleep = schedule.delays[Math.min(attempt, schedule.delays.length - 1)];
  return { kind: attempt + 1 < schedule.attempts ? 'again' : 'done', sleep };
}

/** Kind of error a failed acquisition ends in: an answer of the issuer, or no usable answer at all. */
export function errorKind(status: number): 'tokenError' | 'healthCheckError' {
  return status === 0 ? 'healthCheckError' : 'tokenError';
}
