/**
 * Reconcile (§4.9): every 3 minutes, that what is Assigned is on its resource. It only ever adds.
 *
 * Follows pkg/mic/mic.go (reconcileIdentityAssignment, generateIdentityAssignmentState, generateIdentityAssignmentDiff). It runs in the
 * loop's own goroutine, never beside a cycle. Simplified: a pass in which neither assigned identities, nor resources, nor nodes have
 * changed since the last one that found all in place is left out, its GETs with it, as long as no fault touches ARM or this process.
 */
import type { Turn } from '../../model/vocabulary.ts';
import { missingIdentities } from '../../model/mic/assignment-survey.ts';
import { beginTask } from './cloud.ts';
import type { CloudOutcome } from './cloud.ts';
import { noteAssignedChanges } from './desired-set.ts';
import type { MicState } from './state.ts';
import { moveNodes, surveyNow } from './survey.ts';

/** Key of the pass's task at ARM; no resource is named so. */
export const RECONCILE_TASK = '<reconcile>';

/** Whether a pass is over. */
export type PassOutcome = 'over' | 'going';

/** Whether a pass could find anything. */
export function isPassNeeded(state: MicState, turn: Turn): boolean {
  const changed = turn.drain('computeResources').length + takeIn(state, turn);
  const isTouched = turn.isTouched('arm') || turn.isTouched(turn.self);
  return changed > 0 || isTouched || !state.isReconciled;
}

/** Begins a pass: everything is read from the caches now, ARM resource by resource. */
export function beginPass(state: MicState, turn: Turn): PassOutcome {
  const since = takeIn(state, turn);
  const resources = surveyNow(turn);
  if (typeof resources === 'string') return endPass(state, resources, turn);
  state.pass = { phase: 'reading', resources, at: 0, missing: [], added: 0, failures: 0, since };
  return readNext(state, turn);
}

/** Takes in what changed about assigned identities and nodes; answers how much. */
function takeIn(state: MicState, turn: Turn): number {
  const nodes = turn.drain('nodes');
  const changes = noteAssignedChanges(state, turn);
  if (nodes.length > 0) moveNodes(nodes, turn);
  return nodes.length + changes;
}

/** ARM told one resource's identities, or took its repair. */
export function onPassOutcome(state: MicState, outcome: CloudOutcome, turn: Turn): PassOutcome {
  const { pass } = state;
  if (pass === undefined) return 'going';
  if (pass.phase === 'reading') {
    // Faithful: one resource that cannot be read ends the pass for the whole cluster (W30).
    if (!outcome.ok) return endPass(state, outcome.error, turn);
    note(state, outcome.ids);
    pass.at += 1;
    return readNext(state, turn);
  }
  if (outcome.ok) pass.added += outcome.sent;
  else pass.failures += 1;
  pass.at += 1;
  return repairNext(state, turn);
}

function readNext(state: MicState, turn: Turn): PassOutcome {
  const { pass } = state;
  const resource = pass?.resources[pass.at];
  if (pass === undefined) return 'going';
  if (resource === undefined) {
    pass.phase = 'repairing';
    pass.at = 0;
    return repairNext(state, turn);
  }
  const { kind, name } = resource;
  const outcome = beginTask(state, RECONCILE_TASK, { resource: { kind, name }, goal: 'read', add: [], remove: [] }, turn);
  return outcome === undefined ? 'going' : onPassOutcome(state, outcome, turn);
}

function repairNext(state: MicState, turn: Turn): PassOutcome {
  const { pass } = state;
  if (pass === undefined) return 'going';
  const next = pass.missing[pass.at];
  if (next === undefined) return endPass(state, '', turn);
  const { kind, name } = next;
  const outcome = beginTask(state, RECONCILE_TASK, { resource: { kind, name }, goal: 'update', add: [...next.ids], remove: [] }, turn);
  return outcome === undefined ? 'going' : onPassOutcome(state, outcome, turn);
}

function note(state: MicState, present: readonly string[]): void {
  const { pass } = state;
  const resource = pass?.resources[pass.at];
  if (pass === undefined || resource === undefined) return;
  const ids = missingIdentities(resource.wanted, present);
  if (ids.length > 0) pass.missing.push({ kind: resource.kind, name: resource.name, ids });
}

function endPass(state: MicState, aborted: string, turn: Turn): PassOutcome {
  const { pass } = state;
  state.pass = undefined;
  state.isReconciled = aborted === '' && (pass === undefined || pass.added + pass.failures + pass.since === 0);
  turn.fact({ type: 'mic-reconciled', replica: turn.self, added: pass?.added ?? 0, aborted });
  return 'over';
}
