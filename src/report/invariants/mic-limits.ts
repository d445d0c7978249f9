/** Invariants of how much MIC sends at once and how soon again: S12 and S13 of the behaviour of MIC. */
import { after, inSeconds, micros } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import { throttleKey } from '../../model/mic/sdk-retry.ts';
import { placeOf } from '../watcher.ts';
import type { FactHandlers, Run, Stamped } from '../watcher.ts';
import { handleFact } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** A stretch of time: from its first moment up to the one before its last. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** `batchWithinLimit`: calls of one worker that are under way at once, as `--createDeleteBatch` allows. Nothing is known to break it. */
export function batchWithinLimit(run: Run): Invariant {
  const record = new InvariantRecord('batchWithinLimit');
  const limit = run.knob('mic.createDeleteBatch');
  /** Which worker has an AzureAssignedIdentity in hand, and what each worker had under way in this cycle; by replica. */
  const workerOf = new Map<string, string>();
  const underWay = new Map<string, Map<string, Stretch[]>>();
  const judge = (replica: string, stamped: Stamped): void => {
    for (const [worker, stretches] of underWay.get(replica) ?? []) {
      record.check();
      const most = mostAtOnce(stretches);
      if (most > limit)
        record.breach(placeOf(stamped, ''), `the worker of ${worker} had ${String(most)} AzureAssignedIdentities in hand at once`);
    }
    underWay.delete(replica);
  };
  return {
    record,
    onWrite(write) {
      if (write.table !== 'micWork' || write.entry.after === undefined) return;
      const { replica, key, worker } = write.entry.after;
      workerOf.set(`${replica}|${key}`, worker);
    },
    onFact(stamped) {
      const { fact, at } = stamped;
      if (fact.type === 'mic-cycle-ended') judge(fact.replica, stamped);
      else if (fact.type === 'mic-started') underWay.delete(fact.replica);
      else if (fact.type === 'mic-assigned-identity-written') {
        const worker = workerOf.get(`${fact.replica}|${fact.assigned}`);
        if (worker === undefined) return;
        const all = underWay.get(fact.replica) ?? new Map<string, Stretch[]>();
        underWay.set(fact.replica, all.set(worker, [...(all.get(worker) ?? []), { from: at - fact.took, to: at }]));
      }
    },
  };
}

function mostAtOnce(stretches: readonly Stretch[]): number {
  const turns = stretches.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  turns.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let most = 0;
  for (const { by } of turns) most = Math.max(most, (now += by));
  return most;
}

/** Clocks of sender and server agree; what the trace rounds away is less than this [µs]. */
const GRAIN = 1000;

/**
 * `callsWithinRate`: of each of the two clients of a MIC process, at most burst + QPS · t calls in any time t. Nothing is known to break
 * it.
 */
export function callsWithinRate(run: Run): Invariant {
  const record = new InvariantRecord('callsWithinRate');
  const interval = 1_000_000 / run.knob('mic.clientQps');
  const tolerance = run.knob('mic.clientBurst') * interval + GRAIN;
  /** When the bucket of each client is full again [µs]. */
  const fullAt = new Map<string, number>();
  return {
    record,
    onFact(stamped) {
      const { fact, at, event } = stamped;
      if (fact.type === 'mic-started') for (const bucket of ['crd', 'core']) fullAt.delete(`${fact.replica}|${bucket}`);
      if (fact.type !== 'api-answered' || !fact.client.startsWith('mic/')) return;
      record.check();
      const sent = at - (run.trace.of(event)?.linkTime ?? 0);
      const bucket = `${fact.client}|${fact.kind.startsWith('Azure') ? 'crd' : 'core'}`;
      const full = Math.max(fullAt.get(bucket) ?? 0, sent) + interval;
      fullAt.set(bucket, full);
      if (full - sent > tolerance)
        record.breach(placeOf(stamped, ''), `${fact.client} sent more calls than its limit lets it: ${fact.verb} ${fact.kind}`);
    },
  };
}

/** What keeps a kind of calls back: who asked for it, and until when. */
interface Hold {
  readonly from: Moment;
  readonly until: Moment;
  readonly asked: Duration;
}

/**
 * `retryAfterHonoured`: a GET or PATCH of VMs or of scale sets begins only when the Retry-After of the last refusal of its kind is over.
 * Known to fall where another failure without a Retry-After wipes the memory, after a 409, and when the cloud clients are made anew (W27,
 * W49); and before 1.6.3, which does not look at the header.
 */
export function retryAfterHonoured(run: Run): Invariant {
  const record = new InvariantRecord('retryAfterHonoured');
  const scope = run.knob('mic.throttle.scope');
  const holds = new Map<string, Hold>();
  const handlers: FactHandlers<unknown> = {
    'mic-started': ({ replica }) => {
      for (const key of [...holds.keys()]) if (key.startsWith(`${replica}|`)) holds.delete(key);
    },
    'mic-cloud-operation-ended': ({ replica, operation, resource, error, took, retryAfter }, stamped) => {
      const { at } = stamped;
      const kind = operation.startsWith('vmss') ? 'vmss' : 'vm';
      const direction = operation.endsWith('get') ? 'read' : 'write';
      const key = `${replica}|${throttleKey({ scope, kind, name: resource, direction })}`;
      const hold = holds.get(key);
      const began = at - took;
      const isRefusedHere = took === 0 && error.startsWith('client throttled');
      if (hold !== undefined && !isRefusedHere) {
        record.check();
        if (began > hold.from && began < hold.until)
          record.breach(
            placeOf(stamped, ''),
            `${operation} of ${resource} began ${String(inSeconds(micros(began - hold.from)))} s after ARM had asked for ${String(inSeconds(hold.asked))} s`,
          );
      }
      if (retryAfter > 0) holds.set(key, { from: at, until: after(at, retryAfter), asked: retryAfter });
    },
  };
  return { record, onFact: (stamped) => handleFact(handlers, stamped) };
}
