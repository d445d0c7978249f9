/** Invariants of what MIC writes to ARM: S6 and S12 of the behaviour of MIC. */
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
  const lists = new Map<string, { readonly add: ReadonlySet<string>; readonly remove: ReadonlySet<string> }>();
  let last: { readonly event: number; readonly before: ComputeResource; readonly after: ComputeResource } | undefined;
  return {
    record,
    onWrite(write) {
      if (write.table !== 'computeResources') return;
      const { before, after, cause } = write.entry;
      if (before !== undefined && after !== undefined) last = { event: cause, before, after };
    },
    onFact(stamped) {
      const { fact, event } = stamped;
      if (fact.type === 'mic-worker-started') lists.set(fact.resource, { add: lowered(fact.add), remove: lowered(fact.remove) });
      if (fact.type === 'mic-worker-ended') lists.delete(fact.resource);
      if (fact.type !== 'arm-operation-ended' || !fact.client.startsWith('mic/') || fact.outcome !== 'Succeeded') return;
      record.check();
      const named = [...lists].find(([resource]) => isSameResource(resource, fact.resource))?.[1];
      const strange = [
        ...fact.removed.filter((id) => named?.remove.has(id.toLowerCase()) !== true).map((id) => `took ${id} off`),
        ...fact.added.filter((id) => named !== undefined && !named.add.has(id.toLowerCase())).map((id) => `put ${id} on`),
        ...(last?.event === event && hasSystem(last.before) !== hasSystem(last.after) ? ['changed the system-assigned identity'] : []),
      ];
      for (const deed of strange) record.breach(placeOf(stamped, ''), `MIC's PATCH ${deed} on ${fact.resource}, which it did not mean to`);
    },
  };
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
