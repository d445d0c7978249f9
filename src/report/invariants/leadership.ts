/** Invariants of MIC's processes: one cycle at a time within one, one writer among all. See the behaviour of MIC, S9, S10, S15. */
import { handleFact, placeOf, podOfReplica } from '../watcher.ts';
import type { FactHandlers, Stamped } from '../watcher.ts';
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

/** Verbs and operations that change nothing. */
const READS: ReadonlySet<string> = new Set(['get', 'pollOperation']);
/** Kinds that every replica may write: the lock itself, and Events. */
const EVERYBODYS: ReadonlySet<string> = new Set(['Lease', 'Event']);

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
  if (fact.type === 'api-answered' && !READS.has(fact.verb) && !EVERYBODYS.has(fact.kind))
    return of(fact.client, `${fact.verb} ${fact.kind}`);
  if (fact.type === 'arm-answered' && !READS.has(fact.op)) return of(fact.client, `${fact.op} of ${fact.resource}`);
  return undefined;
}

function of(client: string, text: string): { readonly replica: string; readonly text: string } | undefined {
  return client.startsWith('mic/') ? { replica: podOfReplica(client), text } : undefined;
}
