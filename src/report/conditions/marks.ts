/** What has happened at least once, and the few standing facts that conditions ask for and no table holds. */
import type { Fact } from '../../model/facts/index.ts';
import type { Run, Stamped, Watcher, Write } from '../watcher.ts';

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
    const ready = this.#run.table('nodes').all().filter((node) => node.status.ready);
    return ready.length > 0 && ready.every((node) => this.#serving.has(node.metadata.name));
  }

  /** Whether each identity on a machine was seen to give a token at the IMDS of each of its machines, and at least one is there. */
  get identityUsableEverywhere(): boolean {
    const grants = this.#run.table('identityGrants').all().filter((grant) => grant.detachedAt === undefined);
    const pairs = grants.flatMap((grant) =>
      this.#run
        .table('virtualMachines')
        .by('resource', grant.resource)
        .map((vm) => `${vm.name}|${grant.principalId}`),
    );
    return pairs.length > 0 && pairs.every((pair) => this.#usable.has(pair));
  }

  onFact({ fact }: Stamped): void {
    switch (fact.type) {
      case 'nmi-phase':
        if (fact.phase === 'serving') this.#serving.add(fact.node);
        else this.#serving.delete(fact.node);
        break;
      case 'mic-leading':
        this.#leader = fact.replica;
        break;
      case 'mic-caches-synced':
        this.#synced.add(fact.replica);
        break;
      case 'mic-stopped':
        this.#micGone(fact.replica);
        break;
      case 'container-ended':
        this.#micGone(fact.pod);
        break;
      default:
        this.#onTokenFact(fact);
    }
  }

  onWrite(write: Write): void {
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
      else if (after.status.status === 'Assigned' && before?.status.status !== 'Assigned') this.#assigned += 1;
    }
  }

  #micGone(replica: string): void {
    this.#synced.delete(replica);
    if (this.#leader === replica) this.#leader = '';
  }

  #onTokenFact(fact: Fact): void {
    switch (fact.type) {
      case 'token-answered':
        this.#seen.add('tokenAnswered');
        if (fact.servedBy === 'clientCache') this.#seen.add('tokenFromClientCache');
        else if (fact.isCachedAtImds) this.#seen.add('tokenFromCache');
        break;
      case 'token-try-ended':
        if (fact.status === 403) this.#seen.add('tokenDenied');
        if (fact.status === 404) this.#seen.add('tokenNotFound');
        break;
      case 'imds-answered':
        if (fact.status === 200) this.#usable.add(`${fact.vm}|${fact.objectId}`);
        break;
      case 'credential-rolled':
        this.#seen.add('credentialRolled');
        this.#rolledKeys.add(fact.keyId);
        break;
      case 'aad-token-issued':
        if (this.#rolledKeys.has(fact.keyId)) this.#seen.add('tokenAfterRoll');
        break;
      case 'principal-deleted':
        this.#seen.add('principalDeleted');
        break;
      default:
      // Every other fact leaves no mark.
    }
  }
}
