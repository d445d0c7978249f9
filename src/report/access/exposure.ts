/**
 * Exposure: for how long pods could have got tokens of identities they have no right to, and how many they did get.
 *
 * Only pods whose circumstances changed are looked at again. MIC and NMI themselves do not count.
 */
import type { Moment } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import { keyOf } from '../../model/kubernetes.ts';
import { componentOf } from '../../model/selectors.ts';
import type { SelectableWorkloads } from '../../model/selectors.ts';
import { isAssigned, podKeyOf } from '../entitlement.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import { selectableWorkloads } from '../selectable-workloads.ts';
import { handleFact, handleWrite } from '../watcher.ts';
import type { FactHandlers, Run, Stamped, Watcher, Write, WriteHandlers } from '../watcher.ts';
import type { ExposureCause } from './causes.ts';
import { Ledger } from './ledger.ts';
import type { LedgerEntry } from './ledger.ts';
import { entitledIds, podsBoundTo, reachOf, wayToImds } from './reach.ts';
import type { Reached } from './reach.ts';

/** What a pod reaches now, and since when. */
interface Standing {
  readonly since: Moment;
  readonly open: Map<string, Reached & { readonly since: Moment }>;
}

/** Watches what pods can reach. */
export class Exposure implements Watcher {
  readonly #run: Run;
  readonly #workloads: SelectableWorkloads;
  readonly #secrets: readonly WorkloadRow[];
  readonly #ledger = new Ledger<ExposureCause>();
  readonly #standing = new Map<string, Standing>();
  readonly #changed = new Set<string>();
  /** Running pods with nothing between them and IMDS. */
  readonly #pastNmi = new Set<string>();
  /** Pods whom NMI took for another at its last look. */
  readonly #mistaken = new Set<string>();
  /** When each pod last got a token from IMDS itself. */
  readonly #lastFromImds = new Map<string, Moment>();
  #looked = 0;
  #podTime = 0;
  #tokens = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#workloads = selectableWorkloads(run);
    this.#secrets = run
      .table('workloads')
      .all()
      .filter(({ credential }) => credential?.kind === 'secret');
    for (const pod of run.table('pods').all()) this.#changed.add(keyOf(pod));
    this.onSettled(run.now);
  }

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  onWrite(write: Write): void {
    for (const pod of handleWrite(this.#concerned, write) ?? []) this.#changed.add(pod);
  }

  onSettled(at: Moment): void {
    if (this.#changed.size === 0) return;
    for (const pod of this.#changed) this.#look(pod, at);
    this.#changed.clear();
  }

  /** Time for which pods were exposed by any cause, summed over pods [µs]. */
  podTime(at: Moment): number {
    let sum = this.#podTime;
    for (const { since } of this.#standing.values()) sum += at - since;
    return sum;
  }

  /** How often a running pod was looked at [1]. */
  get looked(): number {
    return this.#looked;
  }

  /** Tokens that pods got of identities they had no right to [1]. */
  get tokens(): number {
    return this.#tokens;
  }

  /** By pod, identity (client id) and cause, until a moment. What is open goes on being open. */
  entries(at: Moment): readonly LedgerEntry<ExposureCause>[] {
    const sum = this.#ledger.copy();
    for (const [pod, { open }] of this.#standing)
      for (const { cause, clientId, since } of open.values()) sum.add({ pod, identity: clientId, cause }, since, at);
    return sum.entries();
  }

  readonly #handlers: FactHandlers<void> = {
    'nmi-resolved': ({ sender, resolved }) => {
      if (resolved === '' || resolved === sender) this.#mistaken.delete(sender);
      else this.#mistaken.add(sender);
    },
    'token-answered': (fact, { at }) => {
      this.#onToken(fact, at);
    },
  };

  readonly #concerned: WriteHandlers<readonly string[]> = {
    pods: ({ entry }) => [entry.key],
    azureAssignedIdentities: ({ entry: { before, after } }) =>
      [before, after].flatMap((one) => (one !== undefined && isAssigned(this.#run, one) ? [podKeyOf(one)] : [])),
    azureIdentityBindings: ({ entry: { before, after } }) =>
      [before, after].flatMap((one) => (one === undefined ? [] : podsBoundTo(this.#run, { selector: one.spec.selector }))),
    azureIdentities: ({ entry: { before, after } }) => {
      const { namespace = '', name = '' } = (after ?? before)?.metadata ?? {};
      return podsBoundTo(this.#run, { namespace, identity: name });
    },
    azurePodIdentityExceptions: ({ entry: { before, after } }) => {
      const namespace = (after ?? before)?.metadata.namespace ?? '';
      return this.#run.table('pods').by('namespace', namespace).map(keyOf);
    },
    nodeRules: ({ entry }) => this.#podsOn(entry.key),
    nodes: ({ entry }) => this.#podsOn(entry.key),
    // A grant concerns only those who reach IMDS at all.
    identityGrants: () => [...this.#pastNmi],
  };

  #podsOn(node: string): readonly string[] {
    return this.#run.table('pods').by('node', node).map(keyOf);
  }

  #look(key: string, at: Moment): void {
    const pod = this.#run.table('pods').get(key);
    const runs = pod?.status.phase === 'Running' && componentOf(pod) === undefined;
    if (runs) this.#looked += 1;
    if (runs && wayToImds(this.#run, pod) !== undefined) this.#pastNmi.add(key);
    else this.#pastNmi.delete(key);
    const reached = runs ? reachOf(this.#run, pod, this.#workloads, this.#secrets) : [];
    const reach = new Map<string, Reached>(reached.map((one) => [`${one.cause} ${one.clientId}`, one]));
    const standing = this.#standing.get(key);
    if (standing === undefined && reach.size === 0) return;
    const { since, open } = standing ?? { since: at, open: new Map<string, Reached & { readonly since: Moment }>() };
    for (const [name, { cause, clientId, since: from }] of open) {
      if (reach.has(name)) continue;
      this.#ledger.add({ pod: key, identity: clientId, cause }, from, at);
      open.delete(name);
    }
    for (const [name, one] of reach) if (!open.has(name)) open.set(name, { ...one, since: at });
    if (open.size > 0) this.#standing.set(key, { since, open });
    else {
      this.#podTime += at - since;
      this.#standing.delete(key);
    }
  }

  #onToken({ pod: key, appId, servedBy }: FactOf<'token-answered'>, at: Moment): void {
    const pod = this.#run.table('pods').get(key);
    if (pod === undefined || servedBy === 'clientCache' || servedBy === 'aad') return;
    const clientId = appId.toLowerCase();
    const before = this.#lastFromImds.get(key) ?? at;
    if (servedBy === 'imds') this.#lastFromImds.set(key, at);
    const entitled = entitledIds(this.#run, pod, this.#workloads);
    if (entitled === undefined || entitled.has(clientId)) return;
    const way = wayToImds(this.#run, pod);
    // Where IMDS answers past a redirect that is in place, the connection is older than that, and was open since its last token.
    const isOld = servedBy === 'imds' && (way === undefined || way === 'excepted');
    const cause = isOld ? 'openConnection' : servedBy === 'nmi' ? this.#causeAtNmi(key, way) : (way ?? 'redirectMissing');
    const from = isOld ? before : at;
    this.#ledger.add({ pod: key, identity: clientId, cause }, from, at, 1);
    if (!this.#standing.has(key)) this.#podTime += at - from;
    this.#tokens += 1;
  }

  /** Why NMI gave a pod what is not its own: it took it for another, an exception let it pass, or an old assignment still stood. */
  #causeAtNmi(pod: string, way: ExposureCause | undefined): ExposureCause {
    if (this.#mistaken.has(pod)) return 'takenForOther';
    return way === 'excepted' ? 'excepted' : 'staleAssignment';
  }
}
