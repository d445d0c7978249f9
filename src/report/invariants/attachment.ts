/**
 * Invariants of what Assigned promises: that the identity is on the VM or scale set. Two of them, of which the first asks for the result
 * whoever broke it (S2 of the behaviour of MIC, N6 of NMI's), the second for what MIC does about losses that others cause (its L4).
 */
import { minutes, seconds } from '../../kernel/time.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { TableName } from '../../model/tables.ts';
import type { PlaceInRun } from '../document/index.ts';
import { identityOf, isAssigned, isNeeded, podKeyOf, resourceOfNode } from '../entitlement.ts';
import { idsWithout } from '../identity-lists.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run, Write } from '../watcher.ts';
import { Deadlines } from './deadlines.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';
import { MicHealth } from './mic-health.ts';

/** Whether the identity of a needed, Assigned AzureAssignedIdentity is off its VM or scale set; undefined where that cannot be said. */
function isAbsent(run: Run, assigned: AzureAssignedIdentity): boolean | undefined {
  const identity = identityOf(assigned);
  const resource = resourceOfNode(run, assigned.spec.nodename);
  const carrier = resource === undefined ? undefined : run.table('computeResources').get(resource);
  if (identity === undefined || carrier === undefined) return undefined;
  if (!isAssigned(run, assigned) || !isNeeded(run, assigned)) return false;
  return !carrier.userAssigned.some((id) => id.toLowerCase() === identity);
}

/** What a write of a VM or scale set took off it, as lower-case ids. */
function lostBy(write: Extract<Write, { readonly table: 'computeResources' }>): ReadonlySet<string> {
  return new Set(idsWithout(write.entry.before?.userAssigned ?? [], write.entry.after?.userAssigned ?? []));
}

/** MIC looks at what is on the machines each three minutes; a PATCH that puts something back takes its time too. */
const RESTORED_WITHIN = minutes(10);

/**
 * `assignedMeansAttached`: while MIC does not remove it, and but for times of less than a reconcile period, a cycle and a PATCH. Known to
 * fall where those are missing: a reconcile pass that one bad resource stops (W30) after a loss by MIC itself (W11 to W14), by a lost
 * update (W19), by others (W22), or after a read that lagged (W24).
 */
export function assignedMeansAttached(run: Run): Invariant {
  const record = new InvariantRecord('assignedMeansAttached');
  /** AzureAssignedIdentities that are Assigned and whose identity is not on their VM or scale set, since when. */
  const missing = new Deadlines(record, (since, until) => until - since > RESTORED_WITHIN);
  const look = (assigned: AzureAssignedIdentity, write: Write): void => {
    const key = keyOf(assigned);
    const absent = isAbsent(run, assigned);
    if (absent === false) missing.end(key, write.entry.at);
    else if (absent === true)
      missing.begin(key, placeOfWrite(write, podKeyOf(assigned)), `${key} stayed Assigned although ARM had long taken its identity away`);
  };
  return {
    record,
    onWrite(write) {
      if (write.table === 'azureAssignedIdentities') {
        const { after, key, at } = write.entry;
        if (after === undefined) missing.excuse(key);
        else if (isAssigned(run, after)) {
          record.check();
          look(after, write);
        } else missing.end(key, at);
      } else if (write.table === 'computeResources') {
        const lost = lostBy(write);
        if (lost.size === 0 && missing.size === 0) return;
        for (const assigned of run.table('azureAssignedIdentities').all()) {
          if (lost.has(identityOf(assigned) ?? '') || missing.has(keyOf(assigned))) look(assigned, write);
        }
      }
    },
    onEnd(at) {
      missing.endAll(at);
    },
  };
}

/** Tables whose changes can end the need for an identity, or its absence. */
const DECIDERS: ReadonlySet<TableName> = new Set(['computeResources', 'pods', 'azureIdentityBindings', 'azureIdentities']);

/** A reconcile period of three minutes, the cycle before it, and a PATCH of a scale set. */
const HEALED_WITHIN = seconds(180 + 120);

/**
 * `lossHealed`: an identity that somebody else took off, while an Assigned AzureAssignedIdentity stands for it, is back within a
 * reconcile period, a wait and a PATCH, as long as one MIC leads. Known to fall where a slow resource holds the loop up (W29) and where one
 * that is missing stops the pass (W30).
 */
export function lossHealed(run: Run): Invariant {
  const record = new InvariantRecord('lossHealed');
  const health = new MicHealth(run);
  let ledSince = -Infinity;
  let mics: { readonly event: number; readonly resource: string } | undefined;
  const lost = new Deadlines(record, (since, until) => health.leader !== '' && until - Math.max(since, ledSince) > HEALED_WITHIN);
  let fresh: { readonly key: string; readonly resource: string; readonly place: PlaceInRun }[] = [];
  return {
    record,
    onFact(stamped) {
      const { fact, at, event } = stamped;
      health.onFact(stamped);
      if (fact.type === 'mic-leading' || fact.type === 'mic-caches-synced') ledSince = at;
      if (fact.type === 'arm-operation-ended' && fact.client.startsWith('mic/')) mics = { event, resource: fact.resource };
    },
    onWrite(write) {
      if (write.table === 'azureAssignedIdentities') {
        const { key, after, at } = write.entry;
        if (lost.has(key) && (after === undefined || isAbsent(run, after) === false)) lost.end(key, at);
        return;
      }
      if (lost.size > 0 && DECIDERS.has(write.table)) {
        for (const key of lost.names()) {
          const assigned = run.table('azureAssignedIdentities').get(key);
          if (assigned === undefined || isAbsent(run, assigned) === false) lost.end(key, write.entry.at);
        }
      }
      if (write.table !== 'computeResources' || write.entry.after === undefined) return;
      const gone = lostBy(write);
      if (gone.size === 0) return;
      for (const assigned of run.table('azureAssignedIdentities').all()) {
        if (!gone.has(identityOf(assigned) ?? '') || isAbsent(run, assigned) !== true) continue;
        fresh.push({ key: keyOf(assigned), resource: write.entry.key, place: placeOfWrite(write, podKeyOf(assigned)) });
      }
    },
    onSettled(_at, event) {
      for (const { key, resource, place } of fresh) {
        if (mics?.event === event && mics.resource === resource) continue;
        record.check();
        lost.begin(key, place, `${key} is Assigned, and what somebody took off its machine was not put back within five minutes`);
      }
      fresh = [];
    },
    onEnd(at) {
      lost.endAll(at);
    },
  };
}
