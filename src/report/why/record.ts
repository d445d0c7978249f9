/**
 * What a question about a run is answered from: every event with its message, the facts it stated, the changes of assigned identities,
 * and which watches were behind. An observer like any other.
 */
import type { JournalEntry } from '../../kernel/revision.ts';
import { ORIGIN } from '../../kernel/time.ts';
import type { Moment } from '../../kernel/time.ts';
import type { Delivery, Observer } from '../../kernel/world.ts';
import type { FederatedCredential } from '../../model/federated-credential.ts';
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { Message } from '../../model/messages/index.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { TableName, Tables } from '../../model/tables.ts';
import type { Identity } from '../../model/vocabulary.ts';
import { isAssigned } from '../entitlement.ts';
import type { Run, Stamped } from '../watcher.ts';

/** One event. Its words are found when it is told: most never are. */
export interface NotedEvent {
  readonly event: number;
  readonly at: Moment;
  readonly actor: string;
  /** Sender; the actor itself for timers, `''` for what the world started with. */
  readonly from: string;
  readonly message: Message;
}

/** A change of status of an AzureAssignedIdentity: Created, Assigned, Unassigned, terminating (deleted but for its finalizer) or gone. */
export interface NotedStatus {
  readonly event: number;
  readonly at: Moment;
  readonly name: string;
  readonly pod: string;
  readonly status: string;
  /** Whether MIC has done what it stands for; releases before 1.5 say so without a status. */
  readonly isAssigned: boolean;
  /** Resource id of the Azure identity; `''` for one of another kind. */
  readonly identity: string;
}

/** A watch that was behind, as it was found. */
export interface NotedSilence {
  readonly event: number;
  readonly at: Moment;
  readonly watcher: string;
  readonly table: TableName;
  /** When the oldest change was written that it had not heard of. */
  readonly since: Moment;
}

/** A message that reached nobody. */
export interface NotedLoss {
  readonly at: Moment;
  readonly from: string;
  readonly to: string;
  readonly type: string;
}

/** The part of a run that a record asks. */
export type AskedRun = Pick<Run, 'table' | 'unseenSince'>;

/** Lag of a watch that is worth a word [µs]: more than a tail of its usual ones. */
const BEHIND = 5_000_000;

/** What MIC's caches hold. */
const OF_MIC: readonly TableName[] = ['pods', 'azureIdentities', 'azureIdentityBindings', 'azureAssignedIdentities'];

/** Everything that happened, by event. */
export class RunRecord implements Observer<Identity> {
  readonly events = new Map<number, NotedEvent>();
  readonly facts: Stamped[] = [];
  readonly statuses: NotedStatus[] = [];
  readonly silences: NotedSilence[] = [];
  readonly losses: NotedLoss[] = [];
  readonly #run: AskedRun;
  #leader = '';
  #askedMicAt = -Infinity;

  /** Of a run that has not begun: what is there already is noted, too. */
  constructor(run: AskedRun) {
    this.#run = run;
    for (const object of run.table('azureAssignedIdentities').all()) this.#noteStatus(object, { event: -1, at: ORIGIN });
  }

  /** Federated credentials of a subject, as they are at the end of the run. */
  credentialsFor(subject: string): readonly FederatedCredential[] {
    return this.#run
      .table('federatedCredentials')
      .all()
      .filter((row) => row.subject.toLowerCase() === subject.toLowerCase());
  }

  /** Release installed; `''` without one. */
  get release(): string {
    return this.#run.table('settings').get(SETTINGS_KEY)?.version ?? '';
  }

  /** Network of the cluster; Azure CNI where nothing is said. */
  get network(): 'azure' | 'kubenet' {
    return this.#run.table('settings').get(SETTINGS_KEY)?.network ?? 'azure';
  }

  onFact(stamped: Stamped): void {
    this.facts.push(stamped);
    const { fact } = stamped;
    if (fact.type === 'mic-leading') this.#leader = fact.replica;
    const isLost = fact.type === 'nmi-kubernetes-call-failed' || (fact.type === 'nmi-resolved' && fact.resolved !== fact.sender);
    if (isLost) this.#lookAtNmi(fact.node, stamped);
    if ((fact.type === 'nmi-answered' && fact.status >= 400) || fact.type === 'story-step') this.#lookAtMic(stamped);
  }

  onWrite(table: TableName, entry: JournalEntry<Tables[TableName]>): void {
    if (table !== 'azureAssignedIdentities') return;
    const { before, after, cause, at } = entry as JournalEntry<AzureAssignedIdentity>;
    const object = after ?? before;
    if (object === undefined || (after !== undefined && before !== undefined && statusOf(before) === statusOf(after))) return;
    this.#noteStatus(object, { event: cause, at }, after === undefined ? 'gone' : statusOf(after));
  }

  #noteStatus(object: AzureAssignedIdentity, place: { readonly event: number; readonly at: Moment }, status = statusOf(object)): void {
    const { podNamespace, pod, azureIdentityRef } = object.spec;
    this.statuses.push({
      ...place,
      name: object.metadata.name,
      pod: `${podNamespace}/${pod}`,
      status,
      isAssigned: status === 'Assigned' || (status === '' && isAssigned(this.#run, object)),
      identity: azureIdentityRef.spec.resourceID,
    });
  }

  onDelivery({ event, at, actor, from, message }: Delivery<Identity>): void {
    this.events.set(event, { event, at, actor, from, message });
  }

  onLoss({ at, from, to, type, why }: Parameters<NonNullable<Observer<Identity>['onLoss']>>[0]): void {
    if (why === 'dropped') this.losses.push({ at, from, to, type });
  }

  #lookAtNmi(node: string, stamped: Stamped): void {
    this.#look(`nmi/${node}`, 'pods', this.#run.unseenSince(`nmi/${node}`, 'pods', { index: 'node', value: node }), stamped);
  }

  #lookAtMic(stamped: Stamped): void {
    if (this.#leader === '' || stamped.at - this.#askedMicAt < BEHIND) return;
    this.#askedMicAt = stamped.at;
    for (const table of OF_MIC) this.#look(this.#leader, table, this.#run.unseenSince(this.#leader, table), stamped);
  }

  #look(watcher: string, table: TableName, since: Moment | undefined, { at, event }: Stamped): void {
    if (since !== undefined && at - since > BEHIND) this.silences.push({ event, at, watcher, table, since });
  }
}

function statusOf({ status, metadata: { deletionTimestamp = ORIGIN } }: AzureAssignedIdentity): string {
  return deletionTimestamp > ORIGIN ? 'terminating' : status.status;
}
