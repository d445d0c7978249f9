/** Invariants of AzureAssignedIdentities: how they come about, and how their status changes. See the behaviour of MIC, S3, S11, S14. */
import { hours } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { AssignedStatus, AzureAssignedIdentity, Pod } from '../../model/kubernetes.ts';
import { ASSIGNED_IDENTITY_FINALIZER, BINDING_LABEL, keyOf } from '../../model/kubernetes.ts';
import { identityOf, isAssigned, podKeyOf, resourceOfNode, USER_ASSIGNED } from '../entitlement.ts';
import { idsWithout } from '../identity-lists.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run, Write } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** `assignedOnlyAfterAttached`: when a status becomes Assigned, ARM shows the identity on the machine, or did since the last status. */
export function assignedOnlyAfterAttached(run: Run): Invariant {
  const record = new InvariantRecord('assignedOnlyAfterAttached');
  const lostAt = new Map<string, Moment>();
  const statusSince = new Map<string, Moment>();
  return {
    record,
    onWrite(write) {
      if (write.table === 'computeResources') {
        const { before, after, at } = write.entry;
        if (before === undefined || before.userAssigned === after?.userAssigned) return;
        for (const id of idsWithout(before.userAssigned, after?.userAssigned ?? [])) lostAt.set(`${before.id.toLowerCase()}|${id}`, at);
      } else if (write.table === 'azureAssignedIdentities') {
        const { key, before, after, at } = write.entry;
        if (after !== undefined && isAssigned(run, after) && !(before !== undefined && isAssigned(run, before))) {
          checkAttached(run, { record, write, assigned: after, lostAt, since: statusSince.get(key) ?? at });
        }
        if (after === undefined) statusSince.delete(key);
        else if (after.status.status !== before?.status.status) statusSince.set(key, at);
      }
    },
  };
}

function checkAttached(
  run: Run,
  of: {
    readonly record: InvariantRecord;
    readonly write: Write;
    readonly assigned: AzureAssignedIdentity;
    readonly lostAt: ReadonlyMap<string, Moment>;
    readonly since: Moment;
  },
): void {
  const identity = identityOf(of.assigned);
  const resource = resourceOfNode(run, of.assigned.spec.nodename);
  // A service principal is attached nowhere; a node that is gone cannot be looked up.
  if (identity === undefined || resource === undefined) return;
  of.record.check();
  const isThere =
    run
      .table('computeResources')
      .get(resource)
      ?.userAssigned.some((id) => id.toLowerCase() === identity) === true;
  if (isThere || (of.lostAt.get(`${resource}|${identity}`) ?? -1) >= of.since) return;
  of.record.breach(
    placeOfWrite(of.write, podKeyOf(of.assigned)),
    `${of.assigned.metadata.name} became Assigned though ${resource} has no ${identity}`,
  );
}

/** From each status to those that may follow it; `none`: the object is not there. */
const TRANSITIONS: Readonly<Record<'none' | AssignedStatus, readonly ('none' | AssignedStatus)[]>> = {
  none: ['Created'],
  '': ['', 'Created', 'Assigned', 'Unassigned', 'none'],
  Created: ['Created', 'Assigned', 'Unassigned', 'none'],
  // Failure-path deletions skip Unassigned; a confirmation may be repeated.
  Assigned: ['Assigned', 'Created', 'Unassigned', 'none'],
  Unassigned: ['Unassigned', 'Created', 'none'],
};

/** `statusTransitionsAllowed`. Objects that a person applies by hand are born as they are written. */
export function statusTransitionsAllowed(): Invariant {
  const record = new InvariantRecord('statusTransitionsAllowed');
  return {
    record,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { before, after } = write.entry;
      const subject = after ?? before;
      if (subject === undefined || (before === undefined && !isMade(subject))) return;
      record.check();
      const from = before?.status.status ?? 'none';
      const to = after?.status.status ?? 'none';
      if (TRANSITIONS[from].includes(to)) return;
      record.breach(placeOfWrite(write, podKeyOf(subject)), `${subject.metadata.name} went from ${from} to ${to}`);
    },
  };
}

/** Objects that were there a while ago count: MIC decides by caches that lag. */
const REMEMBERED = hours(1);
/** How often what is long gone is forgotten [writes]. */
const SWEEP_EVERY = 4096;

/** `noAssignmentWithoutBinding`: pod with node and label, binding and AzureIdentity all exist, or did within the last hour. */
export function noAssignmentWithoutBinding(run: Run): Invariant {
  const record = new InvariantRecord('noAssignmentWithoutBinding');
  const remembered = new Remembered();
  return {
    record,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') {
        remembered.note(write);
        return;
      }
      const { before, after } = write.entry;
      if (before !== undefined || after === undefined || !isMade(after)) return;
      record.check();
      const missing = missingFor(run, remembered, after);
      if (missing !== '') record.breach(placeOfWrite(write, podKeyOf(after)), `${after.metadata.name} was created without ${missing}`);
    },
  };
}

function missingFor(run: Run, remembered: Remembered, assigned: AzureAssignedIdentity): string {
  const { azureBindingRef: binding, azureIdentityRef: identity, nodename } = assigned.spec;
  const now = run.table('pods').get(podKeyOf(assigned));
  const versions = [...(now === undefined ? [] : [now]), ...remembered.podsOf(podKeyOf(assigned))];
  const fits = (pod: Pod): boolean => pod.spec.nodeName === nodename && pod.metadata.labels[BINDING_LABEL] === binding.spec.selector;
  if (!versions.some(fits)) return 'a pod with that node and label';
  if (run.table('azureIdentityBindings').get(keyOf(binding)) === undefined && !remembered.has('azureIdentityBindings', keyOf(binding)))
    return 'its binding';
  if (binding.spec.azureIdentity !== identity.metadata.name) return 'a binding that names its AzureIdentity';
  if (run.table('azureIdentities').get(keyOf(identity)) === undefined && !remembered.has('azureIdentities', keyOf(identity)))
    return 'its AzureIdentity';
  return identity.spec.type === USER_ASSIGNED && identity.spec.resourceID === '' ? 'a resource id in its AzureIdentity' : '';
}

/** Rows as they were before their last changes, for a while. */
class Remembered {
  readonly #rows = new Map<string, { readonly at: Moment; readonly pods: readonly Pod[] }>();
  #writes = 0;

  note(write: Write): void {
    if (write.table !== 'pods' && write.table !== 'azureIdentityBindings' && write.table !== 'azureIdentities') return;
    const { key, before, at } = write.entry;
    if (before === undefined) return;
    if (before.kind === 'Pod') {
      if (before.metadata.labels[BINDING_LABEL] === undefined || !hasMoved(before, write.entry.after as Pod | undefined)) return;
      this.#rows.set(`pods|${key}`, { at, pods: [...this.podsOf(key), before] });
    } else this.#rows.set(`${write.table}|${key}`, { at, pods: [] });
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY === 0) for (const [name, row] of this.#rows) if (row.at < at - REMEMBERED) this.#rows.delete(name);
  }

  has(table: string, key: string): boolean {
    return this.#rows.has(`${table}|${key}`);
  }

  podsOf(key: string): readonly Pod[] {
    return this.#rows.get(`pods|${key}`)?.pods ?? [];
  }
}

function hasMoved(before: Pod, after: Pod | undefined): boolean {
  if (after === undefined) return true;
  return before.spec.nodeName !== after.spec.nodeName || before.metadata.labels[BINDING_LABEL] !== after.metadata.labels[BINDING_LABEL];
}

/** Whether MIC made it: only MIC sets its finalizer. */
function isMade(assigned: AzureAssignedIdentity): boolean {
  return assigned.metadata.finalizers.includes(ASSIGNED_IDENTITY_FINALIZER);
}
