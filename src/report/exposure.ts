/**
 * Exposure: for how long pods could have got a token that is not theirs.
 *
 * A pod is exposed while it runs and (a) its machine carries an identity that is not its workload's and nothing stands between the pod
 * and IMDS, or (b) its namespace holds the client secret of another workload. Simplified: whoever is in a namespace may read its secrets,
 * and pods of the host's network count as any other.
 */
import type { Moment } from '../kernel/time.ts';
import type { Delivery, Observer } from '../kernel/world.ts';
import type { TableName } from '../model/tables.ts';
import type { Pod } from '../model/kubernetes.ts';
import { componentOf, workloadOf } from '../model/selectors.ts';
import type { SelectableWorkloads } from '../model/selectors.ts';
import type { Identity } from '../model/vocabulary.ts';
import { resourceOfNode } from './entitlement.ts';
import { selectableWorkloads } from './selectable-workloads.ts';
import type { Run } from './watcher.ts';

const WATCHED: ReadonlySet<TableName> = new Set<TableName>(['pods', 'nodeRules', 'identityGrants', 'nodes']);

/** Sums the seconds of exposure over all pods of a run. */
export class Exposure implements Observer<Identity> {
  readonly #run: Run;
  readonly #workloads: SelectableWorkloads;
  #exposed = 0;
  #since: number;
  #sum = 0;
  #hasNews = true;

  constructor(run: Run) {
    this.#run = run;
    this.#workloads = selectableWorkloads(run);
    this.#since = run.now;
  }

  onWrite(table: TableName): void {
    if (WATCHED.has(table)) this.#hasNews = true;
  }

  onDelivery({ at }: Delivery<Identity>): void {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.#advance(at);
    this.#exposed = this.#count();
  }

  /** Pod-microseconds of exposure until a moment. */
  until(at: Moment): number {
    this.#advance(at);
    return this.#sum;
  }

  #advance(at: number): void {
    this.#sum += this.#exposed * (at - this.#since);
    this.#since = at;
  }

  #count(): number {
    const secrets = this.#secretNamespaces();
    let count = 0;
    for (const pod of this.#run.table('pods').all()) {
      if (pod.status.phase !== 'Running' || componentOf(pod) !== undefined) continue;
      if (this.#reachesIdentity(pod) || this.#readsSecret(pod, secrets)) count += 1;
    }
    return count;
  }

  #secretNamespaces(): ReadonlyMap<string, ReadonlySet<string>> {
    const namespaces = new Map<string, Set<string>>();
    for (const { name, select, credential } of this.#run.table('workloads').all()) {
      if (credential?.kind !== 'secret' || select === undefined) continue;
      const names = namespaces.get(select.namespace) ?? new Set<string>();
      namespaces.set(select.namespace, names.add(name));
    }
    return namespaces;
  }

  #readsSecret(pod: Pod, secrets: ReadonlyMap<string, ReadonlySet<string>>): boolean {
    const own = workloadOf(pod, this.#workloads)?.name;
    return [...(secrets.get(pod.metadata.namespace) ?? [])].some((name) => name !== own);
  }

  #reachesIdentity(pod: Pod): boolean {
    const node = pod.spec.nodeName ?? '';
    const rules = this.#run.table('nodeRules').get(node);
    const isMediated = rules?.jump === 'present' && rules.chain === 'full' && rules.before !== 'foreign';
    if (isMediated) return false;
    const resource = resourceOfNode(this.#run, node);
    if (resource === undefined) return false;
    const own = workloadOf(pod, this.#workloads)?.clientId.toLowerCase();
    return this.#run
      .table('identityGrants')
      .by('resource', resource)
      .some((grant) => grant.identity !== 'system' && grant.detachedAt === undefined && grant.clientId.toLowerCase() !== own);
  }
}
