/**
 * `idflow/testing`: build worlds, run them, assert named invariants, and get the shortest scenario that breaks one.
 *
 *   const run = check(scenario, { invariants: ['assignedOnlyAfterAttached'] });   // one scenario
 *   assertInvariants({ numRuns: 200, invariants: ['noRemovalWhileInUse'] });      // random ones, shrunk on failure
 */
export { arbitraryPlan } from './arbitrary-plan.ts';
export type { PlanOptions } from './arbitrary-plan.ts';
export { assertInvariants, describeCounterexample, findCounterexample } from './counterexample.ts';
export type { Counterexample, SearchOptions } from './counterexample.ts';
export { check, checkPlan } from './plan-run.ts';
export type { CheckOptions, CheckedRun, Violation } from './plan-run.ts';
export type { ReachedCorners } from './corners.ts';
export { ACTS, IDENTITIES, NAMESPACES, POD_NAMES, loadPlan, scenarioText } from './plan.ts';
export type { Act, IdentityName, NamespaceName, Plan, PlannedStep, PodName } from './plan.ts';
export { MANAGED_IDENTITY_PROPERTIES, MIC_PROPERTIES, NMI_PROPERTIES } from './properties.ts';
export type { Property } from './properties.ts';
export { loadScenario } from '../scenarios/load.ts';
export { INVARIANTS, INVARIANT_NAMES } from '../scenarios/schema/claim-names.ts';
export type { InvariantName } from '../scenarios/schema/claim-names.ts';
