/**
 * What the `/metrics` of each MIC and NMI process would say: a fold of facts, one registry a process, anew when the process starts again.
 *
 * Follows pkg/metrics of aad-pod-identity v1.8.17 and the places that report to it (§5.5 of the behaviour description). Two of its rules
 * are easily mistaken: mic_new_leader_election_count counts starts of processes, and a cycle that did nothing is counted only if it is
 * one in a thousand.
 */
import { inSeconds } from '../../kernel/time.ts';
import type { FactOf } from '../../model/facts/index.ts';
import { handleFact } from '../watcher.ts';
import type { FactHandlers, Stamped, Watcher } from '../watcher.ts';
import { MetricRegistry } from './registry.ts';

const WRITTEN = {
  addition: ['assigned_identity_addition_count', 'assigned_identity_addition_duration_seconds'],
  update: ['assigned_identity_update_count', 'assigned_identity_update_duration_seconds'],
  deletion: ['assigned_identity_deletion_count', 'assigned_identity_deletion_duration_seconds'],
} as const;

/** Metrics of every process, by its actor: `mic/<namespace>/<pod>` or `nmi/<node>`. */
export class ComponentMetrics implements Watcher {
  readonly #processes = new Map<string, MetricRegistry>();
  readonly #handlers: FactHandlers<void> = {
    'mic-started': ({ replica }) => {
      const registry = new MetricRegistry();
      registry.report('mic_new_leader_election_count', 1);
      this.#processes.set(replica, registry);
    },
    'mic-cycle-ended': ({ replica, took }) => {
      this.#cycle(replica, inSeconds(took));
    },
    'mic-idle-cycle-reported': ({ replica, took }) => {
      this.#cycle(replica, inSeconds(took));
    },
    'mic-cloud-operation-ended': ({ replica, operation, error, took }) => {
      const registry = this.of(replica);
      const labels = { operation_type: operation };
      if (error === '') registry.report('cloud_provider_operations_duration_seconds', inSeconds(took), labels);
      else registry.report('cloud_provider_operations_errors_count', 1, labels);
    },
    'mic-assigned-identity-written': (fact) => {
      this.#written(fact);
    },
    'nmi-phase': ({ node, phase }) => {
      if (phase === 'starting') this.#processes.set(`nmi/${node}`, new MetricRegistry());
    },
    'nmi-upstream-ended': ({ node, operation, status, took }) => {
      const registry = this.of(`nmi/${node}`);
      const labels = { operation_type: operation };
      if (status === 200) registry.report('imds_operations_duration_seconds', inSeconds(took), labels);
      else registry.report('imds_operations_errors_count', 1, labels);
    },
    'nmi-kubernetes-call-failed': ({ node, operation }) => {
      this.of(`nmi/${node}`).report('kubernetes_api_operations_errors_count', 1, { operation_type: operation });
    },
    'nmi-answered': ({ node, path, status, namespace, resource, took, isCounted }) => {
      if (!isCounted) return;
      const labels = { operation_type: path, status_code: String(status), namespace, resource };
      this.of(`nmi/${node}`).report('nmi_operations_duration_seconds', inSeconds(took), labels);
    },
  };

  onFact(stamped: Stamped): void {
    handleFact(this.#handlers, stamped);
  }

  /** Processes that have stated anything, sorted. */
  get processes(): readonly string[] {
    return [...this.#processes.keys()].sort();
  }

  /** Registry of a process; an empty one if it has stated nothing yet. */
  of(process: string): MetricRegistry {
    const known = this.#processes.get(process);
    if (known !== undefined) return known;
    const fresh = new MetricRegistry();
    this.#processes.set(process, fresh);
    return fresh;
  }

  #cycle(replica: string, took: number): void {
    const registry = this.of(replica);
    registry.report('mic_cycle_count', 1);
    registry.report('mic_cycle_duration_seconds', took);
  }

  #written({ replica, operation, error, took }: FactOf<'mic-assigned-identity-written'>): void {
    const registry = this.of(replica);
    if (error !== '') {
      const type = operation === 'status' ? 'update_azure_assigned_identity_status' : `assigned_identity_${operation}`;
      registry.report('kubernetes_api_operations_errors_count', 1, { operation_type: type });
      return;
    }
    // Faithful: status patches that succeed are not measured.
    if (operation === 'status') return;
    const [count, duration] = WRITTEN[operation];
    registry.report(count, 1);
    registry.report(duration, inSeconds(took));
  }
}
