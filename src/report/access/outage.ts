/**
 * Outage: for how long processes could not get a token that they asked for.
 *
 * An outage begins with an asking of which a try was refused, and ends with a token, or with the process. Its time up to each refused try
 * counts for the cause of that try, the rest for the cause of the last. Not counted: refusals of pods that have
 * no right to what they ask for, a wait that ends well without a refused try (that is latency), and a refresh ahead of time that fails
 * while the token before it still serves.
 */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { SelectableWorkloads } from '../../model/selectors.ts';
import { selectableWorkloads } from '../selectable-workloads.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers, Run, Stamped, Watcher } from '../watcher.ts';
import type { OutageCause } from './causes.ts';
import { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger.ts';
import { entitledIds } from './reach.ts';

interface Stretch {
  readonly cause: OutageCause;
  readonly from: Moment;
  readonly to: Moment;
  /** Askings that ended without a token [1]. */
  failed: number;
}

/** A process that asks for tokens of one identity. */
interface Asking {
  readonly pod: string;
  readonly identity: string;
  /** Until when its time has been counted -- changes. */
  mark: Moment;
  stretches: Stretch[];
}

/** Watches who does not get tokens. */
export class Outage implements Watcher {
  readonly #run: Run;
  readonly #workloads: SelectableWorkloads;
  readonly #ledger = new Ledger<OutageCause>();
  /** By process and client id. */
  readonly #askings = new Map<string, Asking>();
  readonly #byRequest = new Map<string, Asking>();
  /** What NMI last answered to each process. */
  readonly #saidByNmi = new Map<string, FactOf<'nmi-answered'>>();
  /** Status with which IMDS refused during the present try of a process. */
  readonly #refusedByImds = new Map<string, number>();

  constructor(run: Run) {
    this.#run = run;
    this.#workloads = selectableWorkloads(run);
  }

  readonly #handlers: FactHandlers<void> = {
    'token-asked': (fact, { at }) => {
      this.#onAsked(fact, at);
    },
    'nmi-answered': (fact) => {
      this.#saidByNmi.set(fact.sender, fact);
    },
    'imds-answered': (fact) => {
      if (fact.status !== 200) this.#refusedByImds.set(fact.sender, fact.status);
    },
    'token-try-ended': (fact, { at }) => {
      if (fact.status !== 200 && !isProbe(fact)) this.#onRefused(fact, at);
      this.#refusedByImds.delete(fact.pod);
    },
    'token-failed': (fact) => {
      this.#onFailed(fact);
    },
    'token-answered': (fact, { at }) => {
      this.#onAnswered(fact, at);
    },
    'container-ended': ({ pod }, { at }) => {
      this.#onEnded(pod, at);
    },
  };

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  /** By pod, identity (client id asked for, `''` for the default one) and cause, until a moment. `tokens`: askings that failed. */
  entries(at: Moment): readonly LedgerEntry<OutageCause>[] {
    const sum = this.#ledger.copy();
    for (const asking of this.#askings.values()) post(sum, asking, at);
    return sum.entries();
  }

  #onAsked({ pod, request, clientId }: FactOf<'token-asked'>, at: Moment): void {
    const key = `${pod} ${clientId}`;
    const asking = this.#askings.get(key) ?? { pod, identity: clientId.toLowerCase(), mark: at, stretches: [] };
    // Between two askings of an outage there is no token either.
    if (asking.stretches.length === 0) asking.mark = at;
    this.#askings.set(key, asking);
    this.#byRequest.set(request, asking);
  }

  #onRefused(fact: FactOf<'token-try-ended'>, at: Moment): void {
    const asking = this.#byRequest.get(fact.request);
    if (asking === undefined) return;
    if (!this.#isEntitled(asking)) {
      post(this.#ledger, asking, asking.mark);
      asking.stretches = [];
      return;
    }
    asking.stretches.push({
      cause: causeOf(fact, this.#saidByNmi.get(fact.pod), this.#refusedByImds.get(fact.pod)),
      from: asking.mark,
      to: at,
      failed: 0,
    });
    asking.mark = at;
  }

  /** Whether the process may hope for what it asks for. One that is in no pod always may. */
  #isEntitled({ pod: key, identity }: Asking): boolean {
    const pod = this.#run.table('pods').get(key);
    const entitled = pod === undefined ? undefined : entitledIds(this.#run, pod, this.#workloads);
    if (entitled === undefined) return true;
    return identity === '' ? [...entitled].some((id) => id !== '') : entitled.has(identity);
  }

  #onFailed({ request, purpose }: FactOf<'token-failed'>): void {
    const asking = this.#byRequest.get(request);
    this.#byRequest.delete(request);
    const last = asking?.stretches.at(-1);
    if (purpose === 'background' && asking !== undefined) asking.stretches = [];
    else if (last !== undefined) last.failed += 1;
  }

  #onAnswered({ pod, request, requestedClientId, servedBy }: FactOf<'token-answered'>, at: Moment): void {
    const asking = this.#byRequest.get(request) ?? this.#askings.get(`${pod} ${requestedClientId}`);
    this.#byRequest.delete(request);
    if (asking === undefined) return;
    // A token out of its own cache: it had one all the time.
    if (servedBy !== 'clientCache') post(this.#ledger, asking, at);
    asking.stretches = [];
  }

  #onEnded(pod: string, at: Moment): void {
    for (const [key, asking] of this.#askings) {
      if (asking.pod !== pod) continue;
      post(this.#ledger, asking, at);
      this.#askings.delete(key);
    }
  }
}

/** Enters an outage that ends now, or is open now. */
function post(ledger: Ledger<OutageCause>, { pod, identity, mark, stretches }: Asking, at: Moment): void {
  for (const { cause, from, to, failed } of stretches) ledger.add({ pod, identity, cause }, from, to, failed);
  const last = stretches.at(-1);
  if (last !== undefined) ledger.add({ pod, identity, cause: last.cause }, mark, at);
}

/** A client that looks whether there is an endpoint takes any answer below 500 for a yes. */
function isProbe({ attempt, status }: FactOf<'token-try-ended'>): boolean {
  return attempt === 0 && status > 0 && status < 500;
}

function causeOf(
  { status, servedBy }: FactOf<'token-try-ended'>,
  nmi: FactOf<'nmi-answered'> | undefined,
  refusedByImds: number | undefined,
): OutageCause {
  if (status < 0) return 'clientTimeout';
  if (status === 0) return 'unreachable';
  if (servedBy === 'aad') return status >= 500 ? 'entraFailing' : 'entraRefused';
  if (servedBy === 'imds') return ofImds(status);
  if (nmi === undefined) return 'nmiRefused';
  // NMI hands on what it was told; otherwise it speaks for itself.
  if (refusedByImds !== undefined) return ofImds(refusedByImds);
  if (nmi.clientId !== '') return status >= 500 ? 'entraFailing' : 'entraRefused';
  if (nmi.pod === '' && nmi.status !== 400 && nmi.status !== 403) return 'podUnknown';
  if (nmi.found === 'Created') return 'stillCreated';
  // With its flag for that, NMI says 503 and Retry-After in the place of 404.
  return nmi.identity === '' && (nmi.status === 404 || nmi.status === 503) ? 'notAssigned' : 'nmiRefused';
}

function ofImds(status: number): OutageCause {
  if (status === 429) return 'imdsThrottled';
  if (status === 404 || status === 410) return 'imdsUpdating';
  return status >= 500 ? 'imdsFailing' : 'imdsRefused';
}
