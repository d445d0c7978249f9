/** Invariants of managed identities and their machines: what goes together, and what outlives what. Follows the founding document. */
import { minutes } from '../../kernel/time.ts';
import { isAlive, isInForce, principalOf } from '../cleanup/dues.ts';
import type { PlaceInRun } from '../document/index.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run, Write } from '../watcher.ts';
import { Deadlines } from './deadlines.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** Machine and principal go together, in either order, within this time: two systems take part. */
const TOGETHER_WITHIN = minutes(10);

/** `systemAssignedDiesWithResource`. Switching the identity off deletes its principal as well. */
export function systemAssignedDiesWithResource(run: Run): Invariant {
  const record = new InvariantRecord('systemAssignedDiesWithResource');
  /** Principals of which one half has gone and the other has not, by object id. */
  const waiting = new Deadlines(record, (since, until) => until - since > TOGETHER_WITHIN);
  return {
    record,
    onWrite(write) {
      if (write.table === 'computeResources') {
        const { before, after, at } = write.entry;
        const objectId = before?.systemAssigned?.principalId;
        if (before === undefined || objectId === undefined || after?.systemAssigned?.principalId === objectId) return;
        record.check();
        if (waiting.has(objectId)) waiting.end(objectId, at);
        else if (isAlive(principalOf(run, objectId))) {
          const text = `${before.name} lost its system-assigned identity, but ${objectId} lives on`;
          waiting.begin(objectId, placeOfWrite(write, ''), text);
        }
      } else if (isEndOfPrincipal(write) && write.entry.before?.kind === 'systemAssigned') {
        const { objectId, resourceId } = write.entry.before;
        record.check();
        if (waiting.has(objectId)) waiting.end(objectId, write.entry.at);
        else if (run.table('computeResources').get(resourceId.toLowerCase())?.systemAssigned?.principalId === objectId) {
          waiting.begin(objectId, placeOfWrite(write, ''), `${objectId} was deleted, but ${resourceId} still has it`);
        }
      }
    },
    onEnd(at) {
      waiting.endAll(at);
    },
  };
}

/** `userAssignedSurvives`: no user-assigned identity goes in the event that ends a VM or scale set. */
export function userAssignedSurvives(): Invariant {
  const record = new InvariantRecord('userAssignedSurvives');
  let machines: string[] = [];
  let lost: { readonly place: PlaceInRun; readonly name: string }[] = [];
  return {
    record,
    onWrite(write) {
      if (write.table === 'computeResources' && write.entry.after === undefined && write.entry.before !== undefined) {
        if (write.entry.before.userAssigned.length === 0) return;
        record.check();
        machines.push(write.entry.before.name);
      } else if (write.table === 'userAssignedIdentities' && write.entry.after === undefined) {
        lost.push({ place: placeOfWrite(write, ''), name: write.entry.before?.name ?? write.entry.key });
      }
    },
    onSettled() {
      for (const { place, name } of machines.length === 0 ? [] : lost)
        record.breach(place, `${name} was deleted with ${machines.join(', ')}`);
      machines = [];
      lost = [];
    },
  };
}

/** `roleAssignmentsLinger`: no role assignment of a principal goes in the event that deletes it. */
export function roleAssignmentsLinger(): Invariant {
  const record = new InvariantRecord('roleAssignmentsLinger');
  const gone = new Set<string>();
  let lost: { readonly place: PlaceInRun; readonly principalId: string; readonly role: string }[] = [];
  return {
    record,
    onWrite(write) {
      if (isEndOfPrincipal(write)) {
        record.check();
        gone.add(write.entry.before?.objectId ?? '');
      } else if (write.table === 'roleAssignments') {
        const { before, after } = write.entry;
        if (before === undefined || !isInForce(before) || (after !== undefined && isInForce(after))) return;
        lost.push({ place: placeOfWrite(write, ''), principalId: before.principalId, role: before.role });
      }
    },
    onSettled() {
      for (const { place, principalId, role } of lost)
        if (gone.has(principalId)) record.breach(place, `${role} of ${principalId} went with its principal`);
      gone.clear();
      lost = [];
    },
  };
}

type PrincipalWrite = Extract<Write, { readonly table: 'servicePrincipals' }>;

/** Whether a write deletes a service principal, softly or for good. */
function isEndOfPrincipal(write: Write): write is PrincipalWrite {
  if (write.table !== 'servicePrincipals') return false;
  const { before, after } = write.entry;
  return before !== undefined && before.deletedAt === undefined && (after === undefined || after.deletedAt !== undefined);
}
