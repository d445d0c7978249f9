/** Rights that were taken away, and the accesses that services let in all the same: they learn of a removal late, or from a new token only. */
import type { Moment } from '../../kernel/time.ts';
import { isCovered } from '../../model/azure.ts';
import type { RoleAssignment } from '../../model/azure.ts';
import type { DirectoryClaim } from '../../model/directory.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { ServiceRow } from '../../model/workload.ts';
import type { Run, Write } from '../watcher.ts';
import type { DeletionRecord } from './deletion-record.ts';
import { isInForce } from './dues.ts';

/** What was taken away: a role assignment, or a membership or application role. */
type Right = { readonly assignment: RoleAssignment } | { readonly claim: DirectoryClaim };

interface Removal {
  readonly right: Right;
  readonly record: DeletionRecord;
}

/** The removals of a run. */
export class Removals {
  readonly #run: Run;
  readonly #all: Removal[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  /** Notes what the write takes away. */
  add(write: Write, record: DeletionRecord): void {
    if (write.table === 'roleAssignments' && write.entry.before !== undefined)
      this.#all.push({ right: { assignment: write.entry.before }, record });
    else if (write.table === 'directoryClaims' && write.entry.before !== undefined)
      this.#all.push({ right: { claim: write.entry.before }, record });
  }

  /** Counts an access that was let in for every removal that should have kept it out. */
  onAccess(fact: FactOf<'service-answered'>, at: Moment): void {
    if (this.#all.length === 0 || fact.status >= 400) return;
    const service = this.#run.table('services').get(fact.service);
    if (service === undefined) return;
    const concerned = this.#all.filter(({ right, record }) => record.accepted !== undefined && this.#gave(right, fact.objectId, service));
    if (concerned.length === 0 || this.#isEntitled(fact.objectId, service)) return;
    for (const { record } of concerned) {
      if (record.accepted === undefined) continue;
      record.accepted.count += 1;
      record.accepted.lastAt = at;
    }
  }

  /** Whether that right once let the principal use the service. */
  #gave(right: Right, objectId: string, service: ServiceRow): boolean {
    if ('assignment' in right) {
      const { principalId, scope } = right.assignment;
      return (
        isCovered(scope, service.scope) && (principalId === objectId || this.#claims(objectId).some(({ value }) => value === principalId))
      );
    }
    const { principalId, claim, value } = right.claim;
    if (principalId !== objectId) return false;
    if (claim === 'roles') return isRoleOf(right.claim, service);
    return this.#assignments(value).some(({ scope }) => isCovered(scope, service.scope));
  }

  /** Whether the principal has a right to the service now, of its own, by a group, or by an application role. */
  #isEntitled(objectId: string, service: ServiceRow): boolean {
    const standing = this.#claims(objectId).filter(({ removal }) => removal === undefined);
    if (standing.some((claim) => isRoleOf(claim, service))) return true;
    const holders = [objectId, ...standing.flatMap(({ claim, value }) => (claim === 'groups' ? [value] : []))];
    return holders.some((holder) =>
      this.#assignments(holder).some((assignment) => isInForce(assignment) && isCovered(assignment.scope, service.scope)),
    );
  }

  #claims(objectId: string): readonly DirectoryClaim[] {
    return this.#run.table('directoryClaims').by('principal', objectId);
  }

  #assignments(holder: string): readonly RoleAssignment[] {
    return this.#run.table('roleAssignments').by('principal', holder);
  }
}

function isRoleOf({ claim, value, audience }: DirectoryClaim, { kind, audience: own, appRole }: ServiceRow): boolean {
  return claim === 'roles' && kind === 'api' && audience === own && value === appRole;
}
