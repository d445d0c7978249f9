/**
 * Outage: for how long processes could not get a token that they asked for.
 *
 * An outage begins with an asking of which a try was refused, and ends with a token, or with the process. Its time up to a refused try
 * that got an answer counts for that answer. Where a try got none, and after the last one, each moment counts for what was in the way
 * then: NMI took the pod for another, no AzureAssignedIdentity of it was Assigned, IMDS or Entra refused NMI. A moment at which nothing
 * of that is known counts for what was in the way before it (in a try without an answer: for what came next in it).
 * Not counted: refusals of pods that have no right to what they ask for, a wait that ends well without a refused try (that is latency),
 * and a refresh ahead of time that fails while the token before it still serves.
 */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { SelectableWorkloads } from '../../model/selectors.ts';
import { selectableWorkloads } from '../selectable-workloads.ts';
import { podKeyOf } from '../entitlement.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers, Run, Stamped, Watcher, Write } from '../watcher.ts';
import type { OutageCause } from './causes.ts';
import { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger.ts';
import { causeOfRefusal, obstacleOf } from './obstacles.ts';
import type { TrySigns } from './obstacles.ts';
import { entitledIds } from './reach.ts';

interface Stretch {
  readonly cause: OutageCause;
  readonly from: Moment;
  readonly to: Moment;
  /** Askings that ended without a token [1]. */
  failed: number;
}

/** A time during which one thing was known to be in the way, or nothing. */
interface Phase {
  readonly obstacle: OutageCause | undefined;
  readonly from: Moment;
}

/** A process that asks for tokens of one identity. */
interface Asking {
  readonly pod: string;
  readonly identity: string;
  /** Until when its time has been counted -- changes. */
  mark: Moment;
  stretches: Stretch[];
  /** What has been in the way since then; the last goes on. */
  phases: Phase[];
}

/** Watches who does not get tokens. */
export class Outage implements Watcher {
  readonly #run: Run;
  readonly #workloads: SelectableWorkloads;
  readonly #ledger = new Ledger<OutageCause>();
  /** By process and client id. */
  readonly #askings = new Map<string, Asking>();
  readonly #byRequest = new Map<string, Asking>();
  readonly #byPod = new Map<string, Set<Asking>>();
  /** What is known of the present try of each process, and what NMI last took it for. */
  readonly #signs = new Map<string, TrySigns>();

  constructor(run: Run) {
    this.#run = run;
    this.#workloads = selectableWorkloads(run);
  }

  readonly #handlers: FactHandlers<void> = {
    'token-asked': (fact, { at }) => {
      this.#onAsked(fact, at);
    },
    'nmi-answered': (fact, { at }) => {
      this.#onSign(fact.sender, { nmi: fact, ...(fact.pod === '' ? { isTakenForOther: false } : {}) }, at);
    },
    'nmi-resolved': ({ sender, resolved }, { at }) => {
      this.#onSign(sender, { isTakenForOther: resolved !== '' && resolved !== sender }, at);
    },
    'imds-answered': (fact, { at }) => {
      this.#onSign(fact.sender, { imds: fact.status === 200 ? undefined : fact }, at);
    },
    'token-try-ended': (fact, { at }) => {
      if (fact.status !== 200 && !isProbe(fact)) this.#onRefused(fact, at);
      this.#onSign(fact.pod, { imds: undefined }, at);
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

  /** An AzureAssignedIdentity of a pod that asks comes, changes or goes. */
  onWrite({ table, entry }: Write): void {
    if (table !== 'azureAssignedIdentities') return;
    const assigned = entry.after ?? entry.before;
    if (assigned !== undefined) this.#look(podKeyOf(assigned), entry.at);
  }

  /** By pod, identity (client id asked for, `''` for the default one) and cause, until a moment. `tokens`: askings that failed. */
  entries(at: Moment): readonly LedgerEntry<OutageCause>[] {
    const sum = this.#ledger.copy();
    for (const asking of this.#askings.values()) post(sum, asking, at);
    return sum.entries();
  }

  #onAsked({ pod, request, clientId }: FactOf<'token-asked'>, at: Moment): void {
    const key = `${pod} ${clientId}`;
    const asking = this.#askings.get(key) ?? { pod, identity: clientId.toLowerCase(), mark: at, stretches: [], phases: [] };
    // Between two askings of an outage there is no token either.
    if (asking.stretches.length === 0) this.#begin(asking, at);
    this.#askings.set(key, asking);
    const ofPod = this.#byPod.get(pod);
    if (ofPod === undefined) this.#byPod.set(pod, new Set([asking]));
    else ofPod.add(asking);
    this.#byRequest.set(request, asking);
  }

  #onSign(pod: string, sign: Partial<TrySigns>, at: Moment): void {
    this.#signs.set(pod, { ...(this.#signs.get(pod) ?? { isTakenForOther: false }), ...sign });
    this.#look(pod, at);
  }

  /** Notes what is in the way from now on, where that has changed. */
  #look(pod: string, at: Moment): void {
    for (const asking of this.#byPod.get(pod) ?? []) {
      if (asking.phases.length === 0) continue;
      const obstacle = this.#obstacleOf(asking);
      if (obstacle !== asking.phases.at(-1)?.obstacle) asking.phases.push({ obstacle, from: at });
    }
  }

  #begin(asking: Asking, at: Moment): void {
    asking.mark = at;
    asking.phases = [{ obstacle: this.#obstacleOf(asking), from: at }];
  }

  #obstacleOf({ pod, identity }: Asking): OutageCause | undefined {
    const signs = this.#signs.get(pod) ?? { isTakenForOther: false };
    return obstacleOf(this.#run, this.#workloads, { pod, identity, signs });
  }

  #onRefused(fact: FactOf<'token-try-ended'>, at: Moment): void {
    const asking = this.#byRequest.get(fact.request);
    if (asking === undefined) return;
    if (!this.#isEntitled(asking)) {
      post(this.#ledger, asking, asking.mark);
      end(asking);
      return;
    }
    if (fact.status < 0) asking.stretches.push(...unanswered(asking, at));
    else {
      const cause = causeOfRefusal(fact, this.#signs.get(fact.pod) ?? { isTakenForOther: false });
      asking.stretches.push({ cause, from: asking.mark, to: at, failed: 0 });
    }
    this.#begin(asking, at);
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
    if (purpose === 'background' && asking !== undefined) end(asking);
    else if (last !== undefined) last.failed += 1;
  }

  #onAnswered({ pod, request, requestedClientId, servedBy }: FactOf<'token-answered'>, at: Moment): void {
    const asking = this.#byRequest.get(request) ?? this.#askings.get(`${pod} ${requestedClientId}`);
    this.#byRequest.delete(request);
    if (asking === undefined) return;
    // A token out of its own cache: it had one all the time.
    if (servedBy !== 'clientCache') post(this.#ledger, asking, at);
    end(asking);
  }

  #onEnded(pod: string, at: Moment): void {
    for (const [key, asking] of this.#askings) {
      if (asking.pod !== pod) continue;
      post(this.#ledger, asking, at);
      this.#askings.delete(key);
    }
    this.#byPod.delete(pod);
    this.#signs.delete(pod);
  }
}

function end(asking: Asking): void {
  asking.stretches = [];
  asking.phases = [];
}

/** Enters an outage that ends now, or is open now. */
function post(ledger: Ledger<OutageCause>, { pod, identity, stretches, phases }: Asking, at: Moment): void {
  for (const { cause, from, to, failed } of stretches) if (from < to || failed > 0) ledger.add({ pod, identity, cause }, from, to, failed);
  let cause = stretches.at(-1)?.cause;
  if (cause === undefined) return;
  for (const [index, { obstacle, from }] of phases.entries()) {
    cause = obstacle ?? cause;
    const to = phases[index + 1]?.from ?? at;
    if (from < to && from < at) ledger.add({ pod, identity, cause }, from, to < at ? to : at);
  }
}

/** A try that got no answer, by what was in the way of it. */
function unanswered({ phases }: Asking, at: Moment): readonly Stretch[] {
  let before: OutageCause | undefined;
  return phases.map(({ obstacle, from }, index) => {
    const next = phases.slice(index).find((phase) => phase.obstacle !== undefined)?.obstacle;
    before = obstacle ?? next ?? before;
    return { cause: before ?? 'clientTimeout', from, to: phases[index + 1]?.from ?? at, failed: 0 };
  });
}

/** A client that looks whether there is an endpoint takes any answer below 500 for a yes. */
function isProbe({ attempt, status }: FactOf<'token-try-ended'>): boolean {
  return attempt === 0 && status > 0 && status < 500;
}
