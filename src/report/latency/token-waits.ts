/** Measures how long tokens took and counts those that never came, from the facts of the token clients. */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { TokenSection } from '../document/index.ts';
import { PERCENTILE_METHOD, Sample } from '../sample.ts';
import { byText, handleFact, placeOf, Tally } from '../watcher.ts';
import type { FactHandlers, Run, Stamped, Watcher } from '../watcher.ts';
import { LatencyGroup } from './group.ts';
import { OpenWaits } from './open-waits.ts';

/** Separates the parts of a tally's key; occurs in no name. */
const SEPARATOR = '\u0000';

/** Token latency and token failures. */
export class TokenWaits implements Watcher {
  readonly first = new LatencyGroup('first token of a process, from the start of its container');
  readonly later = new LatencyGroup('each later token, from the asking');
  readonly all = new Sample();
  readonly open = new OpenWaits();
  readonly #run: Run;
  readonly #failures = new Tally<string>();
  readonly #tries = new Tally<string>();
  /** Last asking of each process that has no token yet: whether one of its askings failed with 403. */
  readonly #firstDenied = new Set<string>();
  readonly #handlers: FactHandlers<unknown> = {
    'token-asked': (fact, { at }) => this.#onAsked(fact, at),
    'token-answered': (fact, stamped) => this.#onAnswered(fact, stamped),
    'token-failed': (fact) => this.#onFailed(fact),
    'token-try-ended': ({ servedBy, status }) => {
      this.#tries.add(`${servedBy}${SEPARATOR}${String(status)}`);
      if (status > 0) this.#httpAnswers += 1;
      if (status === 403) this.#answers403 += 1;
    },
    'container-ended': ({ pod }) => {
      if (this.open.gone(pod) === 'unserved') this.#goneUnserved += 1;
      this.#firstDenied.delete(pod);
    },
  };
  #deniedProcesses = 0;
  #processes = 0;
  #asked = 0;
  #answered = 0;
  #fromClientCache = 0;
  #goneUnserved = 0;
  #httpAnswers = 0;
  #answers403 = 0;

  constructor(run: Run) {
    this.#run = run;
  }

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  /** Askings so far. */
  get asked(): number {
    return this.#asked;
  }

  /** Askings that ended without a token. */
  get failed(): number {
    return this.#failures.total;
  }

  /** Processes that asked and never got a token. */
  get neverServed(): number {
    return this.#goneUnserved + this.open.unserved;
  }

  /** Processes that asked. */
  get processes(): number {
    return this.#processes;
  }

  /** HTTP answers to requests for tokens, and how many were 403. */
  get denials(): { readonly answers: number; readonly answers403: number } {
    return { answers: this.#httpAnswers, answers403: this.#answers403 };
  }

  section(): TokenSection {
    const failed = this.failed;
    return {
      method: PERCENTILE_METHOD,
      first: this.first.section(),
      later: this.later.section(),
      all: this.all.waits(),
      fromClientCache: this.#fromClientCache,
      asked: this.#asked,
      answered: this.#answered,
      failed,
      pending: this.#asked - this.open.settled,
      neverServed: this.neverServed,
      ...this.#pendingPods(),
      failures: inOrder(this.#failures).map(([reason, status, count]) => ({ status, reason, count })),
      tries: inOrder(this.#tries).map(([servedBy, status, count]) => ({ servedBy, status, count })),
      denied: {
        answers: this.#httpAnswers,
        answers403: this.#answers403,
        share: ratio(this.#answers403, this.#httpAnswers),
        processes: this.#deniedProcesses,
        processesAsked: this.#processes,
        processesShare: ratio(this.#deniedProcesses, this.#processes),
      },
    };
  }

  #pendingPods(): Pick<TokenSection, 'unplacedPods' | 'unstartedPods'> {
    const pending = this.#run
      .table('pods')
      .all()
      .filter(({ status }) => status.phase === 'Pending');
    const unplacedPods = pending.filter(({ spec }) => spec.nodeName === undefined).length;
    return { unplacedPods, unstartedPods: pending.length - unplacedPods };
  }

  #onAsked(fact: FactOf<'token-asked'>, at: Moment): void {
    this.#asked += 1;
    if (fact.ordinal === 1) this.#processes += 1;
    this.open.asked({ process: fact.pod, request: fact.request, startedAt: fact.startedAt, at, ordinal: fact.ordinal });
  }

  #onAnswered(fact: FactOf<'token-answered'>, stamped: Stamped): void {
    this.#answered += 1;
    this.open.ended(fact.pod, fact.request);
    if (fact.isFirst) {
      this.open.served(fact.pod);
      this.#firstDenied.delete(fact.pod);
    }
    if (fact.servedBy === 'clientCache') {
      this.#fromClientCache += 1;
      return;
    }
    const waited = stamped.at - fact.since;
    const stretches = this.#run.trace.divide(stamped.event, fact.since);
    this.all.add(waited);
    (fact.isFirst ? this.first : this.later).add({ request: fact.request, place: placeOf(stamped, fact.pod), waited, stretches });
  }

  #onFailed(fact: FactOf<'token-failed'>): void {
    this.open.ended(fact.pod, fact.request);
    this.#failures.add(`${fact.reason}${SEPARATOR}${String(fact.status)}`);
    if (fact.status !== 403 || !this.open.isUnserved(fact.pod) || this.#firstDenied.has(fact.pod)) return;
    this.#firstDenied.add(fact.pod);
    this.#deniedProcesses += 1;
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Name, status and count of each key, most frequent first. */
function inOrder(tally: Tally<string>): readonly (readonly [name: string, status: number, count: number])[] {
  return [...tally.entries()]
    .sort((a, b) => b[1] - a[1] || byText(a[0], b[0]))
    .map(([key, count]) => {
      const [name = '', status = ''] = key.split(SEPARATOR);
      return [name, Number(status), count] as const;
    });
}
