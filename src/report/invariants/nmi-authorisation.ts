/** Invariants of who may have which token, and of what Assigned promises. Behaviour of NMI, N2, N6, L3, L5. */
import { before as earlier, minutes } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { PlaceInRun } from '../document/index.ts';
import { identityOf, isNeeded, podKeyOf, resourceOfNode } from '../entitlement.ts';
import { placeOf, placeOfWrite } from '../watcher.ts';
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

/** MIC looks at what is on the machines each three minutes; a PATCH that puts something back takes its time too. */
const RESTORED_WITHIN = minutes(10);

/** `assignedMeansAttached`: while MIC does not remove it, and but for what others take away until MIC's next reconcile. */
export function assignedMeansAttached(run: Run): Invariant {
  const record = new InvariantRecord('assignedMeansAttached');
  /** AzureAssignedIdentities that are Assigned and whose identity is not on their VM or scale set, since when. */
  const missing = new Map<string, PlaceInRun>();
  const judge = (key: string, until: Moment): void => {
    const since = missing.get(key);
    if (since === undefined) return;
    missing.delete(key);
    if (until - since.atUs > RESTORED_WITHIN) record.breach(since, `${key} stayed Assigned although ARM had long taken its identity away`);
  };
  const look = (assigned: AzureAssignedIdentity, at: Moment, place: () => PlaceInRun): void => {
    const key = keyOf(assigned);
    const identity = identityOf(assigned);
    const resource = resourceOfNode(run, assigned.spec.nodename);
    const carrier = resource === undefined ? undefined : run.table('computeResources').get(resource);
    if (identity === undefined || carrier === undefined) return;
    const isThere = carrier.userAssigned.some((id) => id.toLowerCase() === identity);
    if (isThere || assigned.status.status !== 'Assigned' || !isNeeded(run, assigned)) judge(key, at);
    else if (!missing.has(key)) missing.set(key, place());
  };
  return {
    record,
    onWrite(write) {
      const { at } = write.entry;
      if (write.table === 'azureAssignedIdentities') {
        const { after, key } = write.entry;
        if (after === undefined) missing.delete(key);
        else if (after.status.status === 'Assigned') {
          record.check();
          look(after, at, () => placeOfWrite(write, podKeyOf(after)));
        } else judge(key, at);
      } else if (write.table === 'computeResources') {
        const lost = lostBetween(write.entry.before?.userAssigned ?? [], write.entry.after?.userAssigned ?? []);
        if (lost.size === 0 && missing.size === 0) return;
        for (const assigned of run.table('azureAssignedIdentities').all()) {
          if (lost.has(identityOf(assigned) ?? '') || missing.has(keyOf(assigned)))
            look(assigned, at, () => placeOfWrite(write, podKeyOf(assigned)));
        }
      }
    },
    onEnd(at) {
      for (const key of [...missing.keys()]) judge(key, at);
    },
  };
}

function lostBetween(before: readonly string[], after: readonly string[]): ReadonlySet<string> {
  const left = new Set(after.map((id) => id.toLowerCase()));
  return new Set(before.map((id) => id.toLowerCase()).filter((id) => !left.has(id)));
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
      if (after?.status.status !== 'Assigned') assignedAt.delete(key);
      else if (before?.status.status !== 'Assigned') assignedAt.set(key, at);
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
