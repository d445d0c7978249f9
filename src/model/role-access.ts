/**
 * Whether role assignments let a principal use a service, given how long grants and revocations take to spread.
 *
 * Follows Azure RBAC: scopes cover what lies under them; roles of the control plane carry no data actions. Spreading is per service and
 * assignment: each service hears of each assignment at its own time, once.
 */
import { after } from '../kernel/time.ts';
import type { Duration, Moment } from '../kernel/time.ts';
import { isCovered } from './azure.ts';
import type { RoleAssignment } from './azure.ts';
import type { ServiceRow } from './workload.ts';

/** When one service hears of assignments. */
export interface Propagation {
  readonly now: Moment;
  /** Time from an assignment to its effect here. */
  readonly grantDelay: (assignment: RoleAssignment) => Duration;
  /** Time from its removal to the end of its effect here. */
  readonly revokeDelay: (assignment: RoleAssignment) => Duration;
}

/** Roles that manage resources and identities but read no data. */
const CONTROL_PLANE: ReadonlySet<string> = new Set([
  'contributor',
  'managed identity contributor',
  'managed identity operator',
  'owner',
  'reader',
  'virtual machine contributor',
]);

/** Whether one of a principal's assignments is in effect at a service now. */
export function hasAccess(
  assignments: readonly RoleAssignment[],
  service: Pick<ServiceRow, 'scope' | 'kind'>,
  spread: Propagation,
): boolean {
  return assignments.some(
    (assignment) =>
      isCovered(assignment.scope, service.scope) && isFitting(assignment.role, service.kind) && isEffective(assignment, spread),
  );
}

/** Whether an assignment has begun and not ceased to have effect. */
export function isEffective(assignment: RoleAssignment, spread: Propagation): boolean {
  const { createdAt, deletedAt } = assignment;
  if (spread.now < after(createdAt, spread.grantDelay(assignment))) return false;
  return deletedAt === undefined || spread.now < after(deletedAt, spread.revokeDelay(assignment));
}

/** ARM serves any role; data services want one that is not of the control plane alone. */
function isFitting(role: string, kind: ServiceRow['kind']): boolean {
  return kind === 'arm' || !CONTROL_PLANE.has(role.toLowerCase());
}
