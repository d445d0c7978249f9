/**
 * How MIC fares, for invariants that give it time: who leads, how long it has had nothing to do, and whether anything stood in its way.
 *
 * What MIC shall bring about is due within a time in which it could have: while a leader with filled caches runs no cycle, or one that has
 * taken ten minutes, and sees what the API server has. That time is kept on a clock of its own. A refusal by ARM or by the API server, a failed worker, a new leader and a
 * cache that stood still begin it anew.
 */
import { micros, minutes, seconds } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { podOfReplica } from '../watcher.ts';
import type { FactHandlers, Run, Stamped } from '../watcher.ts';
import { handleFact } from '../watcher.ts';

/** What MIC's leader has caches of. */
const CACHED = ['pods', 'nodes', 'azureIdentities', 'azureIdentityBindings', 'azureAssignedIdentities'] as const;
/** A change that takes longer to a cache than any watch does: the watch stands still. */
const BLIND_AFTER = seconds(11);
/** A cycle that takes longer is no excuse: one of its machines holds everybody up (W29). */
const LONGEST_CYCLE = minutes(10);
/** How often caches are looked at. */
const LOOK_EVERY = seconds(10);

/** A moment, and the time MIC has had by then. */
export interface Since {
  readonly at: Moment;
  readonly spare: Duration;
}

/** Looks on at the MIC processes of a run. */
export class MicHealth {
  readonly #run: Run;
  #leader = '';
  #isSynced = false;
  #busySince: number | undefined;
  #isBlind = false;
  /** Time up to `#countedTo` in which MIC was free to act. */
  #spare = 0;
  #countedTo: Moment;
  #calm: Since;
  #lookedAt = -Infinity;
  readonly #handlers: FactHandlers<unknown>;

  constructor(run: Run) {
    this.#run = run;
    this.#countedTo = run.now;
    this.#calm = { at: run.now, spare: micros(0) };
    this.#handlers = this.#makeHandlers();
  }

  /** Actor of the process that leads; `''` while none does. */
  get leader(): string {
    return this.#leader;
  }

  /** Whether, when last looked at, a cache of the leader stood still. */
  get isBlind(): boolean {
    return this.#isBlind;
  }

  /** Since when nothing has stood in MIC's way. */
  get calm(): Since {
    return this.#calm;
  }

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  /** Looks at the caches, if it is time to; answers whether it was. */
  onSettled(at: Moment): boolean {
    if (at - this.#lookedAt < LOOK_EVERY) return false;
    this.#lookedAt = at;
    this.#count(at);
    const since = this.#leader === '' ? [] : CACHED.map((table) => this.#run.unseenSince(this.#leader, table));
    this.#isBlind = since.some((moment) => moment !== undefined && at - moment > BLIND_AFTER);
    if (this.#isBlind) this.trouble(at);
    return true;
  }

  /** Now, on both clocks. */
  now(at: Moment): Since {
    this.#count(at);
    return { at, spare: micros(this.#spare) };
  }

  /** Time MIC has been free to act since then, or since the last trouble if that was later. */
  spareSince(since: Since, at: Moment): Duration {
    this.#count(at);
    return micros(this.#spare - Math.max(since.spare, this.#calm.spare));
  }

  /** Something stood in MIC's way: whatever it owes, it has all its time again. */
  trouble(at: Moment): void {
    this.#calm = this.now(at);
  }

  #count(at: Moment): void {
    const from = this.#busySince === undefined ? this.#countedTo : Math.max(this.#countedTo, this.#busySince + LONGEST_CYCLE);
    if (this.#leader !== '' && this.#isSynced && !this.#isBlind && at > from) this.#spare += at - from;
    this.#countedTo = at;
  }

  #makeHandlers(): FactHandlers<unknown> {
    const stopped = (replica: string, at: Moment): void => {
      if (podOfReplica(replica) !== podOfReplica(this.#leader)) return;
      this.trouble(at);
      this.#leader = '';
      this.#isSynced = false;
      this.#busySince = undefined;
    };
    const busy = (since: Moment | undefined, at: Moment): void => {
      this.#count(at);
      this.#busySince = since;
    };
    return {
      'mic-leading': ({ replica }, { at }) => {
        this.trouble(at);
        this.#leader = replica.startsWith('mic/') ? replica : `mic/${replica}`;
        this.#isSynced = false;
      },
      'mic-caches-synced': (_fact, { at }) => {
        this.trouble(at);
        this.#isSynced = true;
      },
      'mic-stopped': ({ replica }, { at }) => stopped(replica, at),
      'container-ended': ({ pod }, { at }) => stopped(pod, at),
      'mic-cycle-started': (_fact, { at }) => busy(at, at),
      'mic-cycle-ended': (_fact, { at }) => busy(undefined, at),
      'mic-reconciled': ({ added, aborted }, { at }) => (added > 0 || aborted !== '' ? this.trouble(at) : undefined),
      'mic-worker-ended': ({ error }, { at }) => (error === '' ? undefined : this.trouble(at)),
      'mic-assigned-identity-written': ({ error }, { at }) => (error === '' ? undefined : this.trouble(at)),
      'arm-answered': ({ client, status }, { at }) => (isRefusal(client, status) ? this.trouble(at) : undefined),
      'api-answered': ({ client, status }, { at }) => (isRefusal(client, status) ? this.trouble(at) : undefined),
    };
  }
}

function isRefusal(client: string, status: number): boolean {
  return client.startsWith('mic/') && status >= 400 && status !== 404;
}
