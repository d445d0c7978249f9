/** Invariants of who may have which token. Behaviour of NMI, N2, L3, L5. */
import { before as earlier, minutes } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { PlaceInRun } from '../document/index.ts';
import { isAssigned } from '../entitlement.ts';
import { placeOf } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import { BindingHistory } from './binding-history.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** How long NMI's caches, MIC's queue, ARM and IMDS may lag behind the API server together. */
const STALENESS = minutes(10);

/**
 * `tokenOnlyIfBound`. Known to fall for pods that take over an address or a name, and while a watch is frozen (W6, W9, W13).
 */
export function tokenOnlyIfBound(run: Run): Invariant {
  const record = new InvariantRecord('tokenOnlyIfBound');
  const history = new BindingHistory(run);
  return {
    record,
    onWrite: (write) => history.onWrite(write),
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type !== 'token-answered' || fact.servedBy !== 'nmi') return;
      const pod = run.table('pods').get(fact.pod);
      if (pod === undefined || history.isExcepted(pod)) return;
      record.check();
      if (history.wasBound(pod, fact.appId, earlier(at, STALENESS))) return;
      record.breach(placeOf(stamped, fact.pod), `${fact.pod} got a token of ${fact.appId}, to which nothing had bound it`);
    },
  };
}

/** `noNewTokenAfterUnbinding`: whichever way it comes. Known to fall while a node has no rules, for another pod may keep the identity there. */
export function noNewTokenAfterUnbinding(run: Run): Invariant {
  const record = new InvariantRecord('noNewTokenAfterUnbinding');
  const history = new BindingHistory(run);
  return {
    record,
    onWrite: (write) => history.onWrite(write),
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type !== 'token-answered' || (fact.servedBy !== 'nmi' && fact.servedBy !== 'imds')) return;
      const pod = run.table('pods').get(fact.pod);
      if (pod === undefined || pod.spec.hostNetwork || history.isExcepted(pod)) return;
      const unbound = history.unboundSince(pod, fact.appId);
      if (unbound === undefined) return;
      record.check();
      if (at - unbound > STALENESS)
        record.breach(placeOf(stamped, fact.pod), `${fact.pod} got a token of ${fact.appId} long after it had been unbound`);
    },
  };
}

/** An application that asks again gets there within this once its identity is Assigned: a denial, its own wait, and a slow IMDS. */
const SERVED_WITHIN = minutes(10);

/** `boundPodServed`. Known to fall for an application that does not ask again after a 403 (W16). */
export function boundPodServed(run: Run): Invariant {
  const record = new InvariantRecord('boundPodServed');
  const waiting = new Map<string, PlaceInRun>();
  const assignedAt = new Map<string, Moment>();
  return {
    record,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { before, after, at, key } = write.entry;
      if (after === undefined || !isAssigned(run, after)) assignedAt.delete(key);
      else if (before === undefined || !isAssigned(run, before)) assignedAt.set(key, at);
    },
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'token-asked' && fact.ordinal === 1) {
        record.check();
        waiting.set(fact.pod, placeOf(stamped, fact.pod));
      } else if (fact.type === 'token-answered' || fact.type === 'container-ended') waiting.delete(fact.pod);
    },
    onEnd(at) {
      for (const [pod, place] of waiting) {
        const all = run.table('azureAssignedIdentities').by('pod', pod);
        const since = all.length === 0 ? undefined : Math.max(...all.map((assigned) => assignedAt.get(keyOf(assigned)) ?? Infinity));
        if (since === undefined || at - Math.max(since, place.atUs) <= SERVED_WITHIN) continue;
        record.breach(place, `${pod} was bound and its identity Assigned for ten minutes, and it never got a token`);
      }
    },
  };
}
