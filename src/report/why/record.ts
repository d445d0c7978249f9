/**
 * What a question about a run is answered from: every event with its message, the facts it stated, and the changes of
 * assigned identities. An observer like any other.
 */
import type { JournalEntry } from '../../kernel/revision.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Delivery, Observer } from '../../kernel/world.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { Message } from '../../model/messages/index.ts';
import type { TableName, Tables } from '../../model/tables.ts';
import type { Identity } from '../../model/vocabulary.ts';
import type { Stamped } from '../watcher.ts';

/** One event. Its words are found when it is told: most never are. */
export interface NotedEvent {
  readonly event: number;
  readonly at: Moment;
  readonly actor: string;
  /** Sender; the actor itself for timers, `''` for what the world started with. */
  readonly from: string;
  readonly message: Message;
}

/** A change of status of an AzureAssignedIdentity. */
export interface NotedStatus {
  readonly event: number;
  readonly at: Moment;
  readonly name: string;
  readonly pod: string;
  readonly status: string;
}

/** Everything that happened, by event. */
export class RunRecord implements Observer<Identity> {
  readonly events = new Map<number, NotedEvent>();
  readonly facts: Stamped[] = [];
  readonly statuses: NotedStatus[] = [];

  onFact(stamped: Stamped): void {
    this.facts.push(stamped);
  }

  onWrite(table: TableName, entry: JournalEntry<Tables[TableName]>): void {
    if (table !== 'azureAssignedIdentities') return;
    const { before, after, cause, at } = entry as JournalEntry<AzureAssignedIdentity>;
    const object = after ?? before;
    if (object === undefined || (after !== undefined && before?.status.status === after.status.status)) return;
    const { podNamespace, pod } = object.spec;
    const status = after === undefined ? 'gone' : after.status.status;
    this.statuses.push({ event: cause, at, name: object.metadata.name, pod: `${podNamespace}/${pod}`, status });
  }

  onDelivery({ event, at, actor, from, message }: Delivery<Identity>): void {
    this.events.set(event, { event, at, actor, from, message });
  }
}
