/**
 * What MIC asks the API server only for its lock. The run plays those calls as a standing exchange without messages while all is well, so
 * they are reckoned from how long who led and who stood by.
 *
 * Follows client-go v0.23.17 tools/leaderelection: the leader gets and updates the lock every retry period; a candidate gets it, and waits
 * for as long again and up to 1.2 times more (`JitterFactor`).
 */
import type { Moment } from '../../kernel/time.ts';
import type { Observer } from '../../kernel/world.ts';
import type { Identity } from '../../model/vocabulary.ts';
import { handleFact } from '../../report/watcher.ts';
import type { FactHandlers, Run, Stamped } from '../../report/watcher.ts';

/** Calls of a leader in each period [1]. */
const CALLS_OF_LEADER = 2;

/** Watches one run. */
export class LockCalls implements Observer<Identity> {
  readonly #run: Run;
  readonly #roles = new Map<string, { readonly role: 'leader' | 'candidate'; readonly since: Moment }>();
  readonly #time = { leader: 0, candidate: 0 };
  readonly #handlers: FactHandlers<void> = {
    'mic-started': ({ replica }, { at }) => {
      this.#become(replica, 'candidate', at);
    },
    'mic-leading': ({ replica }, { at }) => {
      this.#become(replica, 'leader', at);
    },
    'mic-stopped': ({ replica }, { at }) => {
      this.#become(replica, undefined, at);
    },
  };

  /** The run is filled and has not begun. */
  constructor(run: Run) {
    this.#run = run;
  }

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  /** Calls up to that moment [1]; asked once, at the end. */
  until(end: Moment): number {
    for (const replica of [...this.#roles.keys()]) this.#become(replica, undefined, end);
    const { leader, candidate } = this.#time;
    return (CALLS_OF_LEADER * leader) / this.#run.knob('mic.lease.retryPeriod') + candidate / this.#run.knob('mic.lease.candidateWait');
  }

  #become(replica: string, role: 'leader' | 'candidate' | undefined, at: Moment): void {
    const before = this.#roles.get(replica);
    if (before !== undefined) this.#time[before.role] += at - before.since;
    if (role === undefined) this.#roles.delete(replica);
    else this.#roles.set(replica, { role, since: at });
  }
}
