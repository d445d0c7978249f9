/** Invariants of what MIC writes to ARM: S6 and S12 of the behaviour of MIC. */
import type { Moment } from '../../kernel/time.ts';
import type { ComputeResource } from '../../model/azure.ts';
import { isSameResource } from '../entitlement.ts';
import { placeOf } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/**
 * `patchTouchesOnlyNamed`: what MIC's operation changes is on the lists of its worker (a reconcile pass only adds), and the
 * system-assigned identity is left alone. Known to fall where others write between GET and PATCH (W19, W20) and where the set was empty
 * (W21).
 */
export function patchTouchesOnlyNamed(): Invariant {
  const record = new InvariantRecord('patchTouchesOnlyNamed');
  /** Lists of workers by replica, each with its time: an operation may outlive the process that began it. */
  const lists = new Map<string, WorkerLists[]>();
  let last: { readonly event: number; readonly before: ComputeResource; readonly after: ComputeResource } | undefined;
  return {
    record,
    onWrite(write) {
      if (write.table !== 'computeResources') return;
      const { before, after, cause } = write.entry;
      if (before !== undefined && after !== undefined) last = { event: cause, before, after };
    },
    onFact(stamped) {
      const { fact, at, event } = stamped;
      if (fact.type === 'mic-worker-started') {
        const { resource, add, remove } = fact;
        const own = (lists.get(fact.replica) ?? []).filter((one) => one.resource !== resource || one.until === undefined);
        lists.set(fact.replica, [...own, { resource, add: lowered(add), remove: lowered(remove), since: at, until: undefined }]);
      }
      if (fact.type === 'mic-worker-ended')
        for (const one of lists.get(fact.replica) ?? []) if (one.resource === fact.resource) one.until ??= at;
      if (fact.type !== 'arm-operation-ended' || !fact.client.startsWith('mic/') || fact.outcome !== 'Succeeded') return;
      record.check();
      const began = at - fact.took;
      const named = lists
        .get(fact.client)
        ?.findLast(({ resource, since, until }) => isSameResource(resource, fact.resource) && since <= began && began <= (until ?? at));
      const strange = [
        ...fact.removed.filter((id) => named?.remove.has(id.toLowerCase()) !== true).map((id) => `took ${id} off`),
        ...fact.added.filter((id) => named !== undefined && !named.add.has(id.toLowerCase())).map((id) => `added ${id}`),
        ...(last?.event === event && hasSystem(last.before) !== hasSystem(last.after) ? ['changed the system-assigned identity'] : []),
      ];
      for (const deed of strange) record.breach(placeOf(stamped, ''), `MIC's PATCH ${deed} on ${fact.resource}, which it did not mean to`);
    },
  };
}

/** What one worker meant to change, and when it worked. */
interface WorkerLists {
  readonly resource: string;
  readonly add: ReadonlySet<string>;
  readonly remove: ReadonlySet<string>;
  readonly since: Moment;
  /** Undefined while it works, or if it never ended. */
  until: Moment | undefined;
}

/** Most identities the resource provider takes in one request. */
const PATCH_LIMIT = 150;

/** What the resource provider says to more. */
const TOO_MANY = 'exceed limit';

/** `patchWithinLimit`: by what MIC's operations change, and by what ARM says to those it refuses. Nothing is known to break it. */
export function patchWithinLimit(): Invariant {
  const record = new InvariantRecord('patchWithinLimit');
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type === 'mic-cloud-operation-ended' && fact.error.includes(TOO_MANY))
        record.breach(placeOf(stamped, ''), `ARM refused a PATCH of ${fact.resource} for the number of its identities`);
      if (fact.type !== 'arm-operation-ended' || !fact.client.startsWith('mic/')) return;
      record.check();
      const entries = fact.added.length + fact.removed.length;
      if (entries > PATCH_LIMIT) record.breach(placeOf(stamped, ''), `one PATCH of ${fact.resource} changed ${String(entries)} identities`);
    },
  };
}

function lowered(ids: readonly string[]): ReadonlySet<string> {
  return new Set(ids.map((id) => id.toLowerCase()));
}

function hasSystem({ identityType }: ComputeResource): boolean {
  return identityType.startsWith('SystemAssigned');
}
