/**
 * What the exports are made of: the facts of a run, the messages between its parts, and each token with what it waited for.
 *
 * An observer like any other: it changes nothing, and two journals of one run are equal. Everything it keeps is plain data.
 */
import type { LatencyPart as Stretch, Trace } from '../../kernel/trace.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Delivery, Observer } from '../../kernel/world.ts';
import type { FactOf } from '../../model/facts/index.ts';
import type { Message } from '../../model/messages/index.ts';
import type { JournalEntry } from '../../kernel/revision.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { TableName, Tables } from '../../model/tables.ts';
import type { Identity } from '../../model/vocabulary.ts';
import type { Run, Stamped } from '../watcher.ts';

/** A message that went from one part of the world to another. */
export interface SentMessage {
  readonly event: number;
  readonly at: Moment;
  readonly from: string;
  readonly to: string;
  readonly message: Message;
  /** Event in which it was sent; -1: before the start. */
  readonly trigger: number;
  /** When that was. */
  readonly sentAt: Moment;
}

/** One asking for a token, from its beginning to its end. */
export interface TokenSpan {
  readonly pod: string;
  readonly request: string;
  readonly ordinal: number;
  /** Start of what the wait is counted from, and end. */
  readonly since: Moment;
  readonly until: Moment;
  /** Event that ended it. */
  readonly event: number;
  readonly end: FactOf<'token-answered'> | FactOf<'token-failed'>;
  /** What was waited for, in time order; sums exactly to `until - since`. */
  readonly stretches: readonly Stretch[];
}

/** How many AzureAssignedIdentities had each status after a change. */
export interface StatusCounts {
  readonly at: Moment;
  readonly counts: { readonly created: number; readonly assigned: number; readonly unassigned: number };
}

/** Journal of one run. Make it before the run, let it observe, then hand it to the exports. */
export class RunJournal implements Observer<Identity> {
  readonly facts: Stamped[] = [];
  readonly messages: SentMessage[] = [];
  readonly tokens: TokenSpan[] = [];
  readonly statuses: StatusCounts[] = [];
  /** `namespace/name` of each pod that there was, and what else asked for tokens, as its requests name it. */
  readonly pods = new Set<string>();
  readonly #trace: Trace;

  /** `run`: the simulation whose trace divides the waits, filled and not begun. */
  constructor(run: Pick<Run, 'trace' | 'table' | 'now'>) {
    this.#trace = run.trace;
    const counts = { created: 0, assigned: 0, unassigned: 0 };
    for (const assigned of run.table('azureAssignedIdentities').all()) counts[counterOf(assigned)] += 1;
    this.statuses.push({ at: run.now, counts });
    for (const pod of run.table('pods').keys()) this.pods.add(pod);
  }

  onFact(stamped: Stamped): void {
    this.facts.push(stamped);
    const { fact } = stamped;
    if (fact.type === 'token-answered') this.#end(stamped, fact, fact.since);
    else if (fact.type === 'token-failed') this.#end(stamped, fact, fact.askedAt);
  }

  onWrite(table: TableName, entry: JournalEntry<Tables[TableName]>): void {
    if (table === 'pods') this.pods.add(entry.key);
    if (table !== 'azureAssignedIdentities') return;
    const { before, after, at } = entry as JournalEntry<AzureAssignedIdentity>;
    const counts = { ...(this.statuses.at(-1)?.counts ?? { created: 0, assigned: 0, unassigned: 0 }) };
    if (before !== undefined) counts[counterOf(before)] -= 1;
    if (after !== undefined) counts[counterOf(after)] += 1;
    this.statuses.push({ at, counts });
  }

  onDelivery({ event, at, actor, from, message, trigger }: Delivery<Identity>): void {
    if (from === '' || from === actor) return;
    const sentAt = this.#trace.of(trigger)?.at ?? at;
    this.messages.push({ event, at, from, to: actor, message, trigger, sentAt });
  }

  #end(stamped: Stamped, end: TokenSpan['end'], since: Moment): void {
    const { pod, request, ordinal } = end;
    const stretches = this.#trace.divide(stamped.event, since);
    this.pods.add(pod);
    this.tokens.push({ pod, request, ordinal, since, until: stamped.at, event: stamped.event, end, stretches });
  }
}

/** Upstream's empty status counts as assigned, as NMI takes it. */
function counterOf(assigned: AzureAssignedIdentity): keyof StatusCounts['counts'] {
  switch (assigned.status.status) {
    case 'Created':
      return 'created';
    case 'Unassigned':
      return 'unassigned';
    case '':
    case 'Assigned':
      return 'assigned';
  }
}
