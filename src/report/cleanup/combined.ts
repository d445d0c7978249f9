/**
 * Deletions that no single write shows: a resource group, and a cluster with that of its nodes. ARM says that it began one, and every
 * deletion that begins in the same event is part of it.
 */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import { WORKLOAD_IDENTITY_KEY } from '../../model/workload-identity.ts';
import { placeOf } from '../watcher.ts';
import type { Run, Stamped, Write } from '../watcher.ts';
import { DeletionRecord } from './deletion-record.ts';
import type { LingeringItem } from './deletion-record.ts';
import { isAlive, isInForce, nameIn, nameOfPrincipal, principalOf } from './dues.ts';
import { lingeringTokens } from './lingering.ts';
import type { TokenBook } from './token-book.ts';

/** The deletions of the last event that began any, and what they make together. */
export class Combined {
  readonly #run: Run;
  readonly #book: TokenBook;
  #event = -1;
  #parts: DeletionRecord[] = [];
  /** Principals of user-assigned identities that the machines of these deletions carried. */
  #carried = new Set<string>();

  constructor(run: Run, book: TokenBook) {
    this.#run = run;
    this.#book = book;
  }

  /** A deletion began with that write. */
  add(record: DeletionRecord, write: Write): void {
    if (record.place.event !== this.#event) {
      this.#event = record.place.event;
      this.#parts = [];
      this.#carried = new Set();
    }
    this.#parts.push(record);
    if (write.table !== 'computeResources') return;
    for (const id of write.entry.before?.userAssigned ?? []) {
      const identity = this.#run.table('userAssignedIdentities').get(id.toLowerCase());
      if (identity !== undefined) this.#carried.add(identity.principalId);
    }
  }

  /** The deletion of a group or cluster that a fact tells of; undefined if it tells of none. */
  toldBy(stamped: Stamped): DeletionRecord | undefined {
    const { fact } = stamped;
    if (fact.type !== 'arm-answered' || fact.status !== 202) return undefined;
    if (fact.op !== 'deleteResourceGroup' && fact.op !== 'deleteCluster') return undefined;
    const parts = stamped.event === this.#event ? this.#parts : [];
    const due = new Map(parts.flatMap((part) => part.due.map((item) => [item.key, item] as const)));
    const lingering = parts.flatMap((part) => part.lingering);
    return new DeletionRecord({
      ...nameOf(fact),
      place: placeOf(stamped, ''),
      due: [...due.values()],
      lingering: fact.op === 'deleteCluster' ? [...lingering, ...this.#outlivingCluster(stamped.at)] : lingering,
    });
  }

  /** What a cluster leaves behind: identities of other groups with their roles, credentials that trust its issuer, and tokens of both. */
  #outlivingCluster(now: Moment): readonly LingeringItem[] {
    const issuer = this.#run.table('workloadIdentity').get(WORKLOAD_IDENTITY_KEY)?.issuer;
    const federated = this.#run
      .table('federatedCredentials')
      .all()
      .filter((credential) => credential.issuer === issuer);
    const principals = new Set([...this.#carried, ...federated.map(({ principalId }) => principalId)]);
    const alive = [...principals].filter((objectId) => isAlive(principalOf(this.#run, objectId)));
    const trusts = federated.map(({ name, principalId }) => ({
      kind: 'federatedCredential' as const,
      what: `${name} of ${nameOfPrincipal(this.#run, principalId)}`,
      until: Infinity,
      note: 'it trusts the issuer of a cluster that is gone',
    }));
    const tokens = alive.flatMap((objectId) => this.#book.ofPrincipal(objectId, now));
    return [...alive.flatMap((objectId) => this.#rolesOf(objectId)), ...trusts, ...lingeringTokens(tokens)];
  }

  #rolesOf(objectId: string): readonly LingeringItem[] {
    const held = this.#run.table('roleAssignments').by('principal', objectId).filter(isInForce);
    return held.map(({ role, scope }) => ({
      kind: 'roleAssignment',
      what: `${role} on ${nameIn(scope)}`,
      until: Infinity,
      note: `${nameOfPrincipal(this.#run, objectId)} outlives the cluster`,
    }));
  }
}

function nameOf({ op, resource }: FactOf<'arm-answered'>): { readonly kind: 'cluster' | 'resourceGroup'; readonly name: string } {
  if (op === 'deleteCluster') return { kind: 'cluster', name: 'cluster' };
  return { kind: 'resourceGroup', name: nameIn(resource) };
}
