/** Invariants of MIC's processes: one cycle at a time within one, one writer among all. See the behaviour of MIC, S9, S10, S15. */
import { placeOf } from '../watcher.ts';
import type { Stamped } from '../watcher.ts';
import type { Invariant } from './invariant.ts';
import { InvariantRecord } from './invariant.ts';

/** `oneCycleAtATime`. */
export function oneCycleAtATime(): Invariant {
  const record = new InvariantRecord('oneCycleAtATime');
  const running = new Map<string, number>();
  return {
    record,
    onFact(stamped) {
      const { fact } = stamped;
      switch (fact.type) {
        case 'mic-cycle-started': {
          record.check();
          const other = running.get(fact.replica);
          running.set(fact.replica, fact.cycle);
          if (other !== undefined) record.breach(placeOf(stamped, fact.replica), `${fact.replica} began cycle ${String(fact.cycle)} during cycle ${String(other)}`);
          break;
        }
        case 'mic-reconciled': {
          record.check();
          const other = running.get(fact.replica);
          if (other !== undefined) record.breach(placeOf(stamped, fact.replica), `${fact.replica} reconciled during cycle ${String(other)}`);
          break;
        }
        case 'mic-cycle-ended':
        case 'mic-started':
        case 'mic-stopped':
          running.delete(fact.replica);
          break;
        case 'container-ended':
          running.delete(fact.pod);
          break;
        default:
        // Every other fact is not MIC's.
      }
    },
  };
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
        leader = stamped.fact.replica;
        return;
      }
      const write = writeOfMic(stamped);
      if (write === undefined) return;
      record.check();
      if (leader === '') leader = write.replica;
      else if (write.replica !== leader) record.breach(placeOf(stamped, write.replica), `${write.replica} did ${write.text} while ${leader} led`);
    },
  };
}

function writeOfMic({ fact }: Stamped): { readonly replica: string; readonly text: string } | undefined {
  if (fact.type === 'api-answered' && !READS.has(fact.verb) && !EVERYBODYS.has(fact.kind)) return of(fact.client, `${fact.verb} ${fact.kind}`);
  if (fact.type === 'arm-answered' && !READS.has(fact.op)) return of(fact.client, `${fact.op} of ${fact.resource}`);
  return undefined;
}

function of(client: string, text: string): { readonly replica: string; readonly text: string } | undefined {
  return client.startsWith('mic/') ? { replica: client.slice('mic/'.length), text } : undefined;
}
