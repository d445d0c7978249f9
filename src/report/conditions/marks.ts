/** What has happened at least once, and the few standing facts that conditions ask for and no table holds. */
import { isAssigned } from '../entitlement.ts';
import { handleFact, podOfReplica } from '../watcher.ts';
import type { FactHandlers, Run, Stamped, Watcher, Write } from '../watcher.ts';

/** Things that have happened. */
export type Mark =
  | 'tokenAnswered'
  | 'tokenFromCache'
  | 'tokenFromClientCache'
  | 'tokenDenied'
  | 'tokenNotFound'
  | 'credentialRolled'
  | 'tokenAfterRoll'
  | 'principalDeleted'
  | 'attached';

/** Marks of one run. */
export class Marks implements Watcher {
  readonly #run: Run;
  readonly #seen = new Set<Mark>();
  readonly #rolledKeys = new Set<string>();
  readonly #serving = new Set<string>();
  readonly #synced = new Set<string>();
  /** `vm|objectId` of tokens an IMDS handed out. */
  readonly #usable = new Set<string>();
  readonly #notReady = new Set<string>();
  readonly #handlers: FactHandlers<unknown> = {
    'nmi-phase': ({ node, phase }) => {
      if (phase === 'serving') this.#serving.add(node);
      else this.#serving.delete(node);
    },
    'mic-leading': ({ replica }) => {
      this.#leader = podOfReplica(replica);
    },
    'mic-caches-synced': ({ replica }) => this.#synced.add(podOfReplica(replica)),
    'mic-stopped': ({ replica }) => this.#micGone(podOfReplica(replica)),
    'container-ended': ({ pod }) => this.#micGone(pod),
    'token-answered': ({ servedBy, isCachedAtImds }) => {
      this.#seen.add('tokenAnswered');
      if (servedBy === 'clientCache') this.#seen.add('tokenFromClientCache');
      else if (isCachedAtImds) this.#seen.add('tokenFromCache');
    },
    'token-try-ended': ({ status }) => {
      if (status === 403) this.#seen.add('tokenDenied');
      if (status === 404) this.#seen.add('tokenNotFound');
    },
    'imds-answered': ({ status, vm, objectId }) => {
      if (status !== 200 || this.#usable.has(`${vm}|${objectId}`)) return;
      this.#usable.add(`${vm}|${objectId}`);
      this.#isUsableEverywhere = undefined;
    },
    'credential-rolled': ({ keyId }) => {
      this.#seen.add('credentialRolled');
      this.#rolledKeys.add(keyId);
    },
    'credential-added': ({ keyId }) => {
      this.#seen.add('credentialRolled');
      this.#rolledKeys.add(keyId);
    },
    'aad-token-issued': ({ keyId }) => {
      if (this.#rolledKeys.has(keyId)) this.#seen.add('tokenAfterRoll');
    },
    'principal-deleted': () => this.#seen.add('principalDeleted'),
  };
  #isUsableEverywhere: boolean | undefined;
  #leader = '';
  #attached = 0;
  #created = 0;
  #assigned = 0;
  #removed = 0;

  constructor(run: Run) {
    this.#run = run;
    for (const node of run.table('nodes').all()) if (!node.status.ready) this.#notReady.add(node.metadata.name);
    for (const resource of run.table('computeResources').all()) this.#attached += resource.userAssigned.length;
    if (this.#attached > 0) this.#seen.add('attached');
  }

  has(mark: Mark): boolean {
    return this.#seen.has(mark);
  }

  /** The MIC process that leads, with filled caches; `''`: none. */
  get readyLeader(): string {
    return this.#synced.has(this.#leader) ? this.#leader : '';
  }

  /** User-assigned identities on VMs and scale sets now, each pair once. */
  get attached(): number {
    return this.#attached;
  }

  /** AzureAssignedIdentities created, confirmed (each time one became Assigned), and removed so far. */
  get assignments(): { readonly created: number; readonly assigned: number; readonly removed: number } {
    return { created: this.#created, assigned: this.#assigned, removed: this.#removed };
  }

  get allNodesReady(): boolean {
    return this.#run.table('nodes').size > 0 && this.#notReady.size === 0;
  }

  /** Whether NMI serves on every ready node, and at least one is ready. */
  get nmiServesEverywhere(): boolean {
    const ready = this.#run
      .table('nodes')
      .all()
      .filter((node) => node.status.ready);
    return ready.length > 0 && ready.every((node) => this.#serving.has(node.metadata.name));
  }

  /** Whether each identity on a machine was seen to give a token at the IMDS of each of its machines, and at least one is there. */
  get identityUsableEverywhere(): boolean {
    // Asked after every event: looked at anew only when something that bears on it has changed.
    this.#isUsableEverywhere ??= this.#lookWhereUsable();
    return this.#isUsableEverywhere;
  }

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  onWrite(write: Write): void {
    if (write.table === 'identityGrants' || write.table === 'virtualMachines') this.#isUsableEverywhere = undefined;
    if (write.table === 'nodes') {
      const { key, after } = write.entry;
      if (after === undefined || after.status.ready) this.#notReady.delete(key);
      else this.#notReady.add(key);
      if (after === undefined) this.#serving.delete(key);
    } else if (write.table === 'computeResources') {
      this.#attached += (write.entry.after?.userAssigned.length ?? 0) - (write.entry.before?.userAssigned.length ?? 0);
      if (this.#attached > 0) this.#seen.add('attached');
    } else if (write.table === 'azureAssignedIdentities') {
      const { before, after } = write.entry;
      if (before === undefined) this.#created += 1;
      if (after === undefined) this.#removed += 1;
      else if (isAssigned(this.#run, after) && !(before !== undefined && isAssigned(this.#run, before))) this.#assigned += 1;
    }
  }

  #micGone(replica: string): void {
    this.#synced.delete(replica);
    if (this.#leader === replica) this.#leader = '';
  }

  #lookWhereUsable(): boolean {
    const grants = this.#run
      .table('identityGrants')
      .all()
      .filter((grant) => grant.detachedAt === undefined);
    const pairs = grants.flatMap((grant) =>
      this.#run
        .table('virtualMachines')
        .by('resource', grant.resource)
        .map((vm) => `${vm.name}|${grant.principalId}`),
    );
    return pairs.length > 0 && pairs.every((pair) => this.#usable.has(pair));
  }
}
