/** Invariants of how long tokens take: at NMI, at the client, and over an outage. Behaviour of NMI, L1, L2, L7, L8. */
import { hours, micros, seconds } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { placeOf } from '../watcher.ts';
import type { PlaceInRun } from '../document/index.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** Five scans for the pod with 300 ms between, and NMI's own time. */
const SCANS = micros(1_700_000);

/** `assignedServedAtOnce`: beside the way to IMDS, a request that finds its identity Assigned waits for nothing but the pod's address. */
export function assignedServedAtOnce(): Invariant {
  const record = new InvariantRecord('assignedServedAtOnce');
  const upstream = new Map<string, Duration>();
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'nmi-upstream-ended') upstream.set(`${fact.node} ${fact.request}`, fact.took);
      if (fact.type !== 'nmi-answered') return;
      const name = `${fact.node} ${fact.request}`;
      const there = upstream.get(name);
      upstream.delete(name);
      if (fact.found !== 'Assigned' || fact.status !== 200 || there === undefined) return;
      record.check();
      if (fact.took - there <= SCANS) return;
      record.breach(placeOf(stamped, fact.sender), `NMI on ${fact.node} kept ${fact.sender} waiting although its identity was Assigned`);
    },
  };
}

/** 1.2 s of scans, 100 s of looks, and five dials of 30 s with 112 s of sleep between and after them; and what NMI itself takes. */
const LONGEST_ANSWER = seconds(364);

/** `nmiAnswersInTime`, with the default flags. A limit of its own may hold a read of a Secret back for longer. */
export function nmiAnswersInTime(): Invariant {
  const record = new InvariantRecord('nmiAnswersInTime');
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'nmi-answered') return;
      record.check();
      if (fact.took > LONGEST_ANSWER)
        record.breach(placeOf(stamped, fact.sender), `NMI on ${fact.node} took more than 364 s for a request of ${fact.sender}`);
    },
  };
}

/** Above the longest schedule there is: 32 tries at an NMI that takes its time. */
const LONGEST_ASKING = hours(4);

/** `clientsGiveUp`. Known to fall for clients without a time-out whose packets are dropped. */
export function clientsGiveUp(): Invariant {
  const record = new InvariantRecord('clientsGiveUp');
  /** The asking under way of each process. */
  const open = new Map<string, PlaceInRun>();
  const end = (pod: string, at: Moment): void => {
    const since = open.get(pod);
    if (since === undefined) return;
    open.delete(pod);
    if (at - since.atUs > LONGEST_ASKING) record.breach(since, `${pod} was still asking for a token four hours later`);
  };
  return {
    record,
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type === 'container-ended') open.delete(fact.pod);
      else if (fact.type === 'token-failed' || (fact.type === 'token-answered' && fact.servedBy !== 'clientCache')) end(fact.pod, at);
      else if (fact.type === 'token-asked') {
        record.check();
        open.set(fact.pod, placeOf(stamped, fact.pod));
      }
    },
    onEnd(at) {
      for (const pod of [...open.keys()]) end(pod, at);
    },
  };
}

/** A token with at least this much life left needs no outage to end. */
const MARGIN = seconds(300);

/**
 * `tokenBridgesOutage`: a client with a token that has more than five minutes left uses it when its refresh fails. Known to fall for
 * clients that throw the failure of a refresh although the old token is good.
 */
export function tokenBridgesOutage(): Invariant {
  const record = new InvariantRecord('tokenBridgesOutage');
  const expiries = new Map<string, Moment>();
  /** The token each client keeps, by process; only of clients that were seen to use a kept one. */
  const kept = new Map<string, Moment>();
  /** A refresh that failed in this event while the kept token was good. */
  const failed = new Map<string, PlaceInRun>();
  return {
    record,
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type === 'aad-token-issued') expiries.set(fact.uti, fact.expiresAt);
      else if (fact.type === 'container-ended') {
        kept.delete(fact.pod);
      } else if (fact.type === 'token-answered') {
        failed.delete(fact.pod);
        const expiresAt = expiries.get(fact.uti);
        if (fact.servedBy === 'clientCache' && expiresAt !== undefined) kept.set(fact.pod, expiresAt);
      } else if (fact.type === 'token-failed') {
        const expiresAt = kept.get(fact.pod);
        if (expiresAt === undefined || expiresAt - at <= MARGIN || fact.purpose !== 'inline') return;
        record.check();
        failed.set(fact.pod, placeOf(stamped, fact.pod));
      }
    },
    onSettled() {
      for (const [pod, place] of failed) record.breach(place, `${pod} failed with a token at hand that was good`);
      failed.clear();
    },
  };
}
