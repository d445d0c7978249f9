/** Invariants of MIC's processes: one thing at a time within one, one writer among all, none without the lease. Behaviour of MIC, S9, S10, S15. */
import type { Moment } from '../../kernel/time.ts';
import { isOwnRecord } from '../../model/mic/lease.ts';
import { isRead } from '../reads.ts';
import { handleFact, placeOf, podOfReplica } from '../watcher.ts';
import type { FactHandlers, Run, Stamped } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** `oneCycleAtATime`. */
export function oneCycleAtATime(): Invariant {
  const record = new InvariantRecord('oneCycleAtATime');
  const running = new Map<string, number>();
  const end = ({ replica }: { readonly replica: string }): unknown => running.delete(podOfReplica(replica));
  const handlers: FactHandlers<unknown> = {
    'mic-cycle-started': ({ replica: name, cycle }, stamped) => {
      const replica = podOfReplica(name);
      record.check();
      const other = running.get(replica);
      running.set(replica, cycle);
      if (other !== undefined)
        record.breach(placeOf(stamped, replica), `${replica} began cycle ${String(cycle)} during cycle ${String(other)}`);
    },
    'mic-reconciled': ({ replica: name }, stamped) => {
      const replica = podOfReplica(name);
      record.check();
      const other = running.get(replica);
      if (other !== undefined) record.breach(placeOf(stamped, replica), `${replica} reconciled during cycle ${String(other)}`);
    },
    'mic-cycle-ended': end,
    'mic-started': end,
    'mic-stopped': end,
    // A killed process states nothing: its container's end tells.
    'container-ended': ({ pod }) => running.delete(`mic/${pod}`),
  };
  return { record, onFact: (stamped) => handleFact(handlers, stamped) };
}

/**
 * `onePatchPerResource`: while an operation of a MIC process runs on a VM or scale set, that process sends no second PATCH there. Known to
 * fall after 15 minutes of polling, for ARM may still be at work. What a process left behind that died, its successor in the same pod need
 * not know (W37).
 */
export function onePatchPerResource(): Invariant {
  const record = new InvariantRecord('onePatchPerResource');
  /** Moments at which ARM answered PATCHes, by client and VM or scale set. */
  const patches = new Map<string, Moment[]>();
  /** When the present process of each client had its caches full: before, it sends no PATCH, and what arrives is of the one before it. */
  const began = new Map<string, number>();
  /** The event in which ARM broke an operation off for a later one, and the key of it. */
  let preempted = '';
  const breach = (stamped: Stamped, key: string): void =>
    record.breach(placeOf(stamped, ''), `a second PATCH was sent while one was under way: ${key.replace('|', ' on ')}`);
  return {
    record,
    onFact(stamped) {
      const { fact, at, event } = stamped;
      if (fact.type === 'mic-started') began.set(fact.replica, Infinity);
      if (fact.type === 'mic-caches-synced') began.set(fact.replica, at);
      if (fact.type !== 'arm-answered' && fact.type !== 'arm-operation-ended') return;
      if (!fact.client.startsWith('mic/')) return;
      const key = `${fact.client}|${fact.resource.toLowerCase()}`;
      if (fact.type === 'arm-answered') {
        if (!isPatch(fact.op)) return;
        patches.set(key, [...(patches.get(key) ?? []), at]);
        if (preempted === `${String(event)} ${key}`) breach(stamped, key);
        return;
      }
      if (at - fact.took < (began.get(fact.client) ?? 0)) return;
      record.check();
      const later = (patches.get(key) ?? []).filter((sent) => sent > at - fact.took);
      patches.set(key, later);
      if (later.some((sent) => sent < at)) breach(stamped, key);
      else if (fact.outcome === 'Preempted') preempted = `${String(event)} ${key}`;
    },
  };
}

function isPatch(op: string): boolean {
  return op === 'patchIdentity' || op === 'putIdentities';
}

/**
 * `cycleNeedsLease`: who begins a cycle with work holds the lease at that moment. What a leader that was frozen still has under way when it
 * runs on (W36) is the matter of `onlyLeaderWrites`.
 */
export function cycleNeedsLease(run: Run): Invariant {
  const record = new InvariantRecord('cycleNeedsLease');
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      if (fact.type !== 'mic-cycle-started') return;
      const lease = run.table('leases').get(run.knob('mic.lease.lockObject'));
      if (lease === undefined) return;
      record.check();
      const replica = podOfReplica(fact.replica);
      // The lease names the pod, with or without its namespace, or what a flag says instead.
      if (!isOwnRecord(lease.spec.holder, { pod: replica, instance: run.knob('mic.lease.instance') }))
        record.breach(placeOf(stamped, replica), `${replica} began a cycle, and ${lease.spec.holder} had the lease`);
    },
  };
}

/** Kinds that every replica may write: the lock itself, and Events. */
const EVERYBODYS: ReadonlySet<string> = new Set(['Endpoints', 'Event']);

/** `onlyLeaderWrites`: whoever writes is the one that began to lead last. In a settled start the first writer is the leader. */
export function onlyLeaderWrites(): Invariant {
  const record = new InvariantRecord('onlyLeaderWrites');
  let leader = '';
  return {
    record,
    onFact(stamped) {
      if (stamped.fact.type === 'mic-leading') {
        leader = podOfReplica(stamped.fact.replica);
        return;
      }
      const write = writeOfMic(stamped);
      if (write === undefined) return;
      record.check();
      if (leader === '') leader = write.replica;
      else if (write.replica !== leader)
        record.breach(placeOf(stamped, write.replica), `${write.replica} did ${write.text} while ${leader} led`);
    },
  };
}

function writeOfMic({ fact }: Stamped): { readonly replica: string; readonly text: string } | undefined {
  if (fact.type === 'api-answered' && !isRead(fact.verb) && !EVERYBODYS.has(fact.kind)) return of(fact.client, `${fact.verb} ${fact.kind}`);
  if (fact.type === 'arm-answered' && !isRead(fact.op)) return of(fact.client, `${fact.op} of ${fact.resource}`);
  return undefined;
}

function of(client: string, text: string): { readonly replica: string; readonly text: string } | undefined {
  return client.startsWith('mic/') ? { replica: podOfReplica(client), text } : undefined;
}
