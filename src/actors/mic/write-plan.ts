/** What a task writes after its GET: a delta in chunks, a cleared set, or the whole list, as the release has it. */
import type { ComputeResource } from '../../model/azure.ts';
import { isOrderDecisive, planIdentities, splitDelta } from '../../model/mic/identity-delta.ts';
import type { Wanted } from '../../model/mic/identity-delta.ts';
import { planList } from '../../model/mic/identity-list.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ArmTask } from './state.ts';

/** What becomes of a task once its resource is read. */
export type WritePlan = { readonly kind: 'nothing' | 'write' } | { readonly kind: 'refused'; readonly error: string };

/** Plans the write of a task by what the GET showed; undefined: as good as a resource without identities. */
export function planWrite(task: ArmTask, resource: ComputeResource | undefined, turn: Turn): WritePlan {
  const present = { type: resource?.identityType ?? '', ids: resource?.userAssigned ?? [] };
  const letterCase = behaves(turn, 'micComparesIdsWithoutCase') ? 'ignored' : 'significant';
  const wanted = { add: [...task.add], remove: [...task.remove], letterCase } as const;
  if (!behaves(turn, 'micPatchesIdentities')) return planWhole(task, resource, { ...wanted, first: listFirst(turn) }, turn);
  const plan = planIdentities(present, { ...wanted, first: firstList(wanted, task.resource.name, turn) });
  if (plan.kind === 'nothing') return plan;
  task.identityType = plan.type;
  task.form = plan.kind;
  if (plan.kind === 'delta') takeChunk(task, plan.delta, turn);
  return { kind: 'write' };
}

/** What the next PATCH of a delta takes; the rest waits for the one after it. */
export function takeChunk(task: ArmTask, delta: readonly ArmTask['delta'][number][], turn: Turn): void {
  const limit = behaves(turn, 'micSplitsWrites') ? turn.knob('mi.assign.maxIdentitiesPerRequest') : delta.length;
  const { first, rest } = splitDelta(
    delta.map(({ id, action }) => ({ id, action })),
    limit,
  );
  task.delta = [...first];
  task.sent += first.length;
  task.rest = [...rest];
}

function planWhole(task: ArmTask, resource: ComputeResource | undefined, wanted: Wanted, turn: Turn): WritePlan {
  const present = { type: resource?.identityType ?? '', ids: resource?.userAssigned ?? [] } as const;
  const plan = planList(present, wanted, { unchanged: behaves(turn, 'micBatchesByNode') ? 'skipped' : 'written' });
  if (plan.kind !== 'list') return plan;
  task.identityType = plan.type;
  task.form = 'list';
  task.sent = wanted.add.length + wanted.remove.length;
  task.model = { ids: [...plan.ids], capacity: resource?.capacity ?? 0 };
  return { kind: 'write' };
}

function listFirst(turn: Turn): Wanted['first'] {
  return behaves(turn, 'micRemovesBeforeAdding') ? 'remove' : 'add';
}

/** Faithful: the real loop runs over a map of two, whose order is reversed in one of eight runs (W23). */
function firstList(wanted: Pick<Wanted, 'add' | 'remove'>, subject: string, turn: Turn): Wanted['first'] {
  if (turn.knob('informer.listOrder') === 'given' || !isOrderDecisive(wanted)) return 'remove';
  return turn.uniform('mic/mapOrder', subject) < 1 / 8 ? 'add' : 'remove';
}
