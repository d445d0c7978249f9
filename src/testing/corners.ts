/** Corners of the world that random scenarios should reach, counted while a scenario runs. */
import type { JournalEntry } from '../kernel/revision.ts';
import type { Delivery, Observer } from '../kernel/world.ts';
import { BINDING_LABEL } from '../model/kubernetes.ts';
import type { Pod } from '../model/kubernetes.ts';
import type { TableName, Tables } from '../model/tables.ts';
import type { Identity } from '../model/vocabulary.ts';
import type { Stamped } from '../report/watcher.ts';
import type { World } from '../scenarios/assemble/index.ts';
import type { ScenarioDescription } from '../scenarios/description.ts';

/** How often a run reached each corner. */
export interface ReachedCorners {
  /** Another MIC process than the first led [count]. */
  readonly failovers: number;
  /** Nodes that went [count]. */
  readonly nodeLosses: number;
  /** ARM calls answered 429 [count]. */
  readonly throttled: number;
  /** Pods created under a name that was used before [count]. */
  readonly nameReuses: number;
  /** Pods that went while their AzureAssignedIdentity was Created [count]. */
  readonly deletionsMidFlight: number;
  /** Pods with a binding's label created while another namespace had one of that name [count]. */
  readonly namesakes: number;
  /** Workers with more additions than one PATCH takes [count]. */
  readonly overfullWorkers: number;
  /** Cycles with work of a MIC one of whose caches was stalled [count]. */
  readonly staleCycles: number;
}

/** Most identities that one PATCH takes. */
const PATCH_LIMIT = 150;

/** Counts them. */
export class Corners implements Observer<Identity> {
  readonly #world: World;
  /** What each step of the story does to a watch, by step. */
  readonly #stalls: ReadonlyMap<string, { readonly id: string; readonly state: 'frozen' | 'flowing' }>;
  readonly #frozen = new Set<string>();
  readonly #pods = new Set<string>();
  readonly #homes = new Map<string, Set<string>>();
  #leaders = 0;
  #nodeLosses = 0;
  #throttled = 0;
  #nameReuses = 0;
  #midFlight = 0;
  #namesakes = 0;
  #overfull = 0;
  #stale = 0;

  constructor(world: World, scenario: ScenarioDescription) {
    this.#world = world;
    const stalls = new Map<string, { readonly id: string; readonly state: 'frozen' | 'flowing' }>();
    for (const { id, action } of scenario.steps) {
      if (action.verb === 'stall') stalls.set(id, { id: action.id, state: 'frozen' });
      if (action.verb === 'restore') stalls.set(id, { id: action.id, state: 'flowing' });
    }
    this.#stalls = stalls;
  }

  onFact({ fact }: Stamped): void {
    if (fact.type === 'mic-leading') this.#leaders += 1;
    if (fact.type === 'mic-worker-started' && fact.add.length > PATCH_LIMIT) this.#overfull += 1;
    if (fact.type === 'mic-cycle-started' && this.#frozen.size > 0) this.#stale += 1;
    if (fact.type === 'story-step') this.#onStep(fact.step);
  }

  onDelivery({ message }: Delivery<Identity>): void {
    if (message.type === 'ArmResponse' && message.status === 429) this.#throttled += 1;
  }

  onWrite(table: TableName, entry: JournalEntry<Tables[TableName]>): void {
    if (table === 'nodes' && entry.after === undefined) this.#nodeLosses += 1;
    if (table === 'pods') this.#onPod(entry as JournalEntry<Pod>);
  }

  /** The counts so far. */
  reached(): ReachedCorners {
    return {
      failovers: Math.max(0, this.#leaders - 1),
      nodeLosses: this.#nodeLosses,
      throttled: this.#throttled,
      nameReuses: this.#nameReuses,
      deletionsMidFlight: this.#midFlight,
      namesakes: this.#namesakes,
      overfullWorkers: this.#overfull,
      staleCycles: this.#stale,
    };
  }

  #onStep(step: string): void {
    const stall = this.#stalls.get(step);
    if (stall?.state === 'frozen') this.#frozen.add(stall.id);
    else if (stall !== undefined) this.#frozen.delete(stall.id);
  }

  #onPod({ key, before, after }: JournalEntry<Pod>): void {
    const { name, namespace } = (after ?? before)?.metadata ?? { name: '', namespace: '' };
    const homes = this.#homes.get(name) ?? new Set();
    if (before === undefined && after !== undefined) {
      if (this.#pods.has(key)) this.#nameReuses += 1;
      this.#pods.add(key);
      if (after.metadata.labels[BINDING_LABEL] !== undefined) {
        if (homes.size > 0 && !homes.has(namespace)) this.#namesakes += 1;
        this.#homes.set(name, homes.add(namespace));
      }
    }
    if (after !== undefined) return;
    homes.delete(namespace);
    if (this.#isBeingAssigned(key)) this.#midFlight += 1;
  }

  #isBeingAssigned(pod: string): boolean {
    return this.#world
      .table('azureAssignedIdentities')
      .by('pod', pod)
      .some((assigned) => assigned.status.status === 'Created');
  }
}
