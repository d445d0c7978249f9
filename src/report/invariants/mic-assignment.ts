/** Invariants of how pods come to their identities: L1, L5 and L8 of the behaviour of MIC. */
import { minutes } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { AzureAssignedIdentity, Pod } from '../../model/kubernetes.ts';
import { keyIn } from '../../model/kubernetes.ts';
import type { DesiredAssignment } from '../../model/mic-rows.ts';
import type { PlaceInRun } from '../document/index.ts';
import { identityOf, isAssigned, isNeeded, isSameResource, podKeyOf, resourceOfNode, USER_ASSIGNED, wantedFor } from '../entitlement.ts';
import { placeOf, placeOfWrite } from '../watcher.ts';
import type { Run, Write } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';
import { MicHealth } from './mic-health.ts';
import type { Since } from './mic-health.ts';

/** More than a watch takes, a cycle that was already under way, and the sleep after it; far less than a resync. */
const BEGUN_WITHIN = minutes(3);

/**
 * `boundPodAssigned`: time counts while MIC has nothing else to do, sees what the API server has, and nobody refuses it anything. Known to
 * fall, until the next event comes along: W2, W5, W6, W9, W26, and for good by names that two pods or two AzureIdentities share (W40, W41);
 * and behind a machine that holds a cycle up for more than ten minutes (W29).
 */
export function boundPodAssigned(run: Run): Invariant {
  const record = new InvariantRecord('boundPodAssigned');
  const health = new MicHealth(run);
  const waiting = new Map<string, { readonly since: Since; readonly place: PlaceInRun }>();
  const look = (at: Moment): void => {
    for (const [key, { since, place }] of waiting) {
      const pod = run.table('pods').get(key);
      const [missing] = pod === undefined ? [] : unserved(run, pod);
      const isLate = health.leader !== '' && health.spareSince(since, at) > BEGUN_WITHIN;
      if (missing === undefined || isLate) {
        record.check();
        waiting.delete(key);
      }
      if (missing !== undefined && isLate)
        record.breach(place, `${key} is bound to ${missing.identityKey}, and MIC had three idle minutes without assigning it`);
    }
  };
  return {
    record,
    onFact: (stamped) => health.onFact(stamped),
    onWrite(write) {
      for (const pod of podsConcerned(run, write)) {
        const key = keyIn(pod.metadata.namespace, pod.metadata.name);
        if (waiting.has(key) || unserved(run, pod).length === 0) continue;
        waiting.set(key, { since: health.now(write.entry.at), place: placeOfWrite(write, key) });
      }
    },
    onSettled(at) {
      if (health.onSettled(at)) look(at);
    },
    onEnd: look,
  };
}

/** Pods that a write may newly entitle: a pod itself, those that a binding selects, those on a node, those of an assignment that fell back. */
function podsConcerned(run: Run, write: Write): readonly Pod[] {
  if (write.table === 'pods') {
    const { before, after } = write.entry;
    return after !== undefined && (before?.spec !== after.spec || before.metadata.labels !== after.metadata.labels) ? [after] : [];
  }
  if (write.table === 'azureIdentityBindings') return run.table('pods').by('selector', write.entry.after?.spec.selector ?? '');
  if (write.table === 'nodes') return write.entry.before === undefined ? run.table('pods').by('node', write.entry.key) : [];
  if (write.table === 'azureIdentities') {
    const bindings = run.table('azureIdentityBindings').by('namespace', write.entry.after?.metadata.namespace ?? '');
    const named = bindings.filter(({ spec }) => spec.azureIdentity === write.entry.after?.metadata.name);
    return named.flatMap(({ spec }) => run.table('pods').by('selector', spec.selector));
  }
  if (write.table !== 'azureAssignedIdentities' || write.entry.before === undefined || !isAssigned(run, write.entry.before)) return [];
  const pod = run.table('pods').get(podKeyOf(write.entry.before));
  return pod === undefined ? [] : [pod];
}

/** What a pod is entitled to, in Azure too, and has not been assigned. */
function unserved(run: Run, pod: Pod): readonly DesiredAssignment[] {
  const wanted = wantedFor(run, pod).filter((row) => isAttachable(run, row));
  if (wanted.length === 0) return wanted;
  const key = keyIn(pod.metadata.namespace, pod.metadata.name);
  const assigned = run.table('azureAssignedIdentities').by('pod', key);
  return wanted.filter((row) => !assigned.some((one) => isAssigned(run, one) && isOf(one, row)));
}

function isOf({ spec }: AzureAssignedIdentity, row: DesiredAssignment): boolean {
  const { name, namespace } = spec.azureIdentityRef.metadata;
  return keyIn(namespace, name) === row.identityKey && spec.nodename === row.node;
}

/** Whether node, machine and identity exist: what MIC needs to assign anything. */
function isAttachable(run: Run, row: DesiredAssignment): boolean {
  const resource = resourceOfNode(run, row.node);
  if (run.table('nodes').get(row.node) === undefined || resource === undefined) return false;
  if (row.identityType !== USER_ASSIGNED) return true;
  return run.table('computeResources').get(resource) !== undefined && doesExist(run, row.resourceID);
}

function doesExist(run: Run, identity: string): boolean {
  return run.table('userAssignedIdentities').get(identity.toLowerCase()) !== undefined;
}

/** What the resource provider says, and MIC looks for, when single identities are to blame. */
const BLAMING = ['FailedIdentityOperation', 'LinkedAuthorizationFailed'];

/**
 * `goodDespiteBad`: when a worker fails because of single identities, the others of its list are on the VM or scale set all the same. Known
 * to fall where ARM names more bad ones than MIC tries again for, hides a name, or blames one that is there already (W26), and for chunks
 * behind the first (W28); and before 1.6.3, which does not try again.
 */
export function goodDespiteBad(run: Run): Invariant {
  const record = new InvariantRecord('goodDespiteBad');
  const lists = new Map<string, readonly string[]>();
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'mic-worker-started') lists.set(`${fact.replica}|${fact.resource}`, fact.add);
      if (fact.type !== 'mic-worker-ended') return;
      const key = `${fact.replica}|${fact.resource}`;
      const wanted = lists.get(key) ?? [];
      lists.delete(key);
      const carrier = run
        .table('computeResources')
        .all()
        .find(({ name }) => isSameResource(name, fact.resource));
      if (carrier === undefined || fact.error.includes('StatusCode=429') || !BLAMING.some((word) => fact.error.includes(word))) return;
      const isBad = (id: string): boolean =>
        !doesExist(run, id) || (fact.error.includes('LinkedAuthorizationFailed') && fact.error.toLowerCase().includes(id.toLowerCase()));
      if (![...wanted, ...carrier.userAssigned].some(isBad)) return;
      const present = new Set(carrier.userAssigned.map((id) => id.toLowerCase()));
      const good = wanted.filter((id) => !isBad(id));
      if (good.length > 0) record.check();
      const [starved] = good.filter((id) => !present.has(id.toLowerCase()));
      if (starved !== undefined)
        record.breach(placeOf(stamped, ''), `${starved} is good and is not on ${fact.resource} because of another`);
    },
  };
}

/** A resync of ten minutes, the cycle before it, and a PATCH. */
const RETRIED_WITHIN = minutes(15);

/**
 * `createdGetsAssigned`: a Created AzureAssignedIdentity that a pod needs is Assigned within 15 minutes in which a MIC leads, sees what there
 * is, and nobody refuses it anything. It lives by the resync of AzureIdentities and bindings: without that it falls (W9).
 */
export function createdGetsAssigned(run: Run): Invariant {
  const record = new InvariantRecord('createdGetsAssigned');
  const health = new MicHealth(run);
  const waiting = new Map<string, PlaceInRun>();
  const look = (at: Moment): void => {
    for (const [key, place] of waiting) {
      const assigned = run.table('azureAssignedIdentities').get(key);
      const isOpen = assigned?.status.status === 'Created' && isNeeded(run, assigned) && doesExist(run, identityOf(assigned) ?? '');
      const isLate = health.leader !== '' && at - Math.max(place.atUs, health.calm.at) > RETRIED_WITHIN;
      if (isOpen && !isLate) continue;
      record.check();
      waiting.delete(key);
      if (isOpen) record.breach(place, `${key} stayed Created for 15 minutes in which nothing kept MIC from assigning it`);
    }
  };
  return {
    record,
    onFact: (stamped) => health.onFact(stamped),
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { key, before, after } = write.entry;
      if (after?.status.status !== 'Created') waiting.delete(key);
      if (after?.status.status === 'Created' && before?.status.status !== 'Created') waiting.set(key, placeOfWrite(write, podKeyOf(after)));
      else if (before?.status.status === 'Created' && after?.status.status === 'Assigned') record.check();
    },
    onSettled(at) {
      if (health.onSettled(at)) look(at);
    },
    onEnd: look,
  };
}
