/**
 * What the pods of a run got: good and bad news in order, and at any moment how many of those that are wanted have no token.
 *
 * A pod without token is one that failed to get one, one that never came so far as to ask, and one that is wanted but not there.
 */
import type { Moment } from '../../kernel/time.ts';
import type { Observer } from '../../kernel/world.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { podOf } from '../../model/pod-template.ts';
import { workloadOf } from '../../model/selectors.ts';
import type { SelectableWorkloads } from '../../model/selectors.ts';
import type { Identity } from '../../model/vocabulary.ts';
import { selectableWorkloads } from '../../report/selectable-workloads.ts';
import { handleFact } from '../../report/watcher.ts';
import type { FactHandlers, Run, Stamped } from '../../report/watcher.ts';

/** One piece of news about a process. */
export interface News {
  readonly at: Moment;
  readonly pod: string;
  readonly isGood: boolean;
}

/** Watches one run. */
export class Service implements Observer<Identity> {
  readonly news: News[] = [];
  readonly #run: Run;
  readonly #workloads: SelectableWorkloads;
  /** Pods that have a token, with when they last fetched one. */
  readonly #served = new Map<string, Moment>();
  readonly #handlers: FactHandlers<void> = {
    'token-failed': ({ pod }, { at }) => {
      this.news.push({ at, pod, isGood: false });
    },
    'service-answered': ({ sender, status }, { at }) => {
      this.news.push({ at, pod: sender, isGood: status < 400 });
    },
    'token-answered': ({ pod, servedBy }, { at }) => {
      if (servedBy !== 'clientCache' || !this.#served.has(pod)) this.#served.set(pod, at);
    },
    'container-started': ({ pod }) => {
      this.#served.delete(pod);
    },
    // Whoever is gone waits for nothing.
    'container-ended': ({ pod }, { at }) => {
      this.#served.delete(pod);
      this.news.push({ at, pod, isGood: true });
    },
  };

  /** The run is filled and has not begun. */
  constructor(run: Run) {
    this.#run = run;
    this.#workloads = selectableWorkloads(run);
  }

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  /** Pods that run a workload, or would, and have no token now [1]. */
  get unserved(): number {
    const waiting = this.#run
      .table('pods')
      .all()
      .filter((pod) => isLive(pod) && this.#isWorkload(pod) && !this.#served.has(keyOf(pod)));
    return waiting.length + this.#missing();
  }

  /** Pods whose token is older than that moment: nothing that happened since has been put to the test by them [1]. */
  untestedSince(moment: Moment): number {
    return [...this.#served.values()].filter((at) => at < moment).length;
  }

  /** Replicas that no pod stands for. */
  #missing(): number {
    const owners = [...this.#run.table('deployments').all(), ...this.#run.table('statefulSets').all()];
    let missing = 0;
    for (const owner of owners) {
      if (!this.#isWorkload(podOf(owner, { name: '' }))) continue;
      const pods = this.#run.table('pods').by('owner', `${owner.kind}/${keyOf(owner)}`);
      missing += Math.max(0, owner.spec.replicas - pods.filter(isLive).length);
    }
    return missing;
  }

  #isWorkload(pod: Pod): boolean {
    return workloadOf(pod, this.#workloads) !== undefined;
  }
}

function isLive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed';
}
