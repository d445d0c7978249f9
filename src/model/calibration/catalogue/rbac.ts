/**
 * Role assignments: how long they take, how many there may be (`rbac.*`).
 */
import { choice, count, duration, flag } from '../entry.ts';
import { H, L, M, span } from '../evidence.ts';
import { LN, trunc, U } from '../distribution.ts';
import type { KnobSpec } from '../knob.ts';

// prettier-ignore
/** Knobs of role assignments. One knob is two lines: name and default above, meaning below. */
export const rbacKnobs = {
  'rbac.grant.delay': duration(trunc(LN(90, 1), 5, 600), 's', M('A-RBAC ≤ 10 min; field waits 60–300 s; body [est]', span(60, 300)),
    'Time from a new role assignment to the first allowed request.'),
  'rbac.revoke.delay': duration(trunc(LN(120, 0.9), 5, 600), 's', M('A-RBAC ≤ 10 min; body [est]'),
    'Time from a removed role assignment to the first refused request.'),
  'rbac.aksClusterIdentity.isSlow': flag('off', M('AKS-MI up to 60 min'),
    'Whether grants to the identity of the cluster, as ARM checks them for MIC, take rbac.aksClusterIdentity.worst.'),
  'rbac.aksClusterIdentity.worst': duration(U(0, 3600), 's', M('AKS-MI up to 60 min'),
    'Slow variant of rbac.grant.delay for the identity of a cluster.'),
  'rbac.mgScope.dataActionDelay': duration(U(3600, 21_600), 's', L('A-RBAC “several hours”; bounds [est]'),
    'Time for data actions granted at a management group.'),
  'rbac.assignments.max': count(4000, 'per subscription', H('A-RLIM, PI-DOC'),
    'Most role assignments of a subscription.', { minimum: 1 }),
  'rbac.assignments.max.before2022': count(2000, 'per subscription', H('A-RLIM, PI-DOC'),
    'The same in 2020–21.', { minimum: 1 }),
  'rbac.orphanAssignment': choice(['kept', 'removed'], H('E-BP'),
    'What becomes of role assignments whose identity is deleted.'),
} as const satisfies Readonly<Record<string, KnobSpec>>;
