/** Places the pods of a settled world on its nodes, evenly, as a scheduler that had all the time in the world. */
import { nodeAddress, podAddress } from '../../model/ip-pool.ts';
import type { Node, Pod } from '../../model/kubernetes.ts';
import { isAdmittedBy } from '../../model/taints.ts';
import { hasLabels } from '../../model/selectors.ts';

interface Seat {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: Node['spec']['taints'];
  readonly maxPods: number;
  pods: number;
  addresses: number;
}

/** Where a pod is. */
export interface Place {
  readonly node: string;
  readonly ip: string;
}

/** Goes round the nodes, one pod a node, and keeps count. */
export class PodPlacer {
  readonly nodes: readonly Pick<Seat, 'name' | 'labels' | 'taints'>[];
  readonly #seats: Seat[];
  #next = 0;

  constructor(nodes: readonly Node[]) {
    this.#seats = nodes
      .filter((node) => node.status.ready && !node.spec.unschedulable)
      .map((node) => ({
        name: node.metadata.name,
        labels: node.metadata.labels,
        taints: node.spec.taints,
        maxPods: node.status.maxPods,
        pods: 0,
        addresses: 0,
      }));
    this.nodes = this.#seats;
  }

  /** A place for a pod: its own node if it names one, else the next with room; undefined if there is none. */
  place(pod: Pod): Place | undefined {
    const seat = pod.spec.nodeName === undefined ? this.#free(pod) : this.#seats.find((other) => other.name === pod.spec.nodeName);
    if (seat === undefined || seat.pods >= seat.maxPods) return undefined;
    seat.pods += 1;
    if (pod.spec.hostNetwork) return { node: seat.name, ip: nodeAddress(seat.name) };
    seat.addresses += 1;
    return { node: seat.name, ip: podAddress(seat.name, seat.addresses - 1) };
  }

  #free(pod: Pod): Seat | undefined {
    const round = [...this.#seats.slice(this.#next), ...this.#seats.slice(0, this.#next)];
    const seat = round.find(
      (other) => other.pods < other.maxPods && hasLabels(other.labels, pod.spec.nodeSelector) && isAdmittedBy(other.taints, pod.spec),
    );
    if (seat !== undefined) this.#next = (this.#seats.indexOf(seat) + 1) % this.#seats.length;
    return seat;
  }
}
