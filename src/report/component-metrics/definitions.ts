/**
 * The metrics MIC and NMI export, by their real names: type, labels, buckets.
 *
 * Follows pkg/metrics/metrics.go of aad-pod-identity v1.8.17.
 */

/** Prefix of every name on the wire. */
export const METRIC_PREFIX = 'aadpodidentity_';

/** One metric. */
export interface MetricDefinition {
  readonly type: 'counter' | 'histogram';
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets [s], ascending; the last, infinite one is not written. Empty for counters. */
  readonly bounds: readonly number[];
  readonly help: string;
}

const steps = (from: number, to: number, by: number): readonly number[] =>
  Array.from({ length: Math.round((to - from) / by) + 1 }, (_, n) => Math.round((from + n * by) * 1000) / 1000);

const FAST = [0.01, 0.02, 0.05, ...steps(0.1, 1, 0.1), 2, 3, 4, 5, 10];
const SLOW = [0.5, 1, 5, 10, 30, 60, 120, 300, 600, 900, 1200];
const NMI = [0.5, 1, 2, 3, 4, 5, 10, 15, 20, 25, 30, ...steps(40, 100, 10)];

const counter = (help: string, labels: readonly string[] = []): MetricDefinition => ({ type: 'counter', labels, bounds: [], help });
const histogram = (help: string, bounds: readonly number[], labels: readonly string[] = []): MetricDefinition => ({
  type: 'histogram',
  labels,
  bounds,
  help,
});

/** Every metric, without the prefix. */
export const COMPONENT_METRICS = {
  assigned_identity_addition_count: counter('AzureAssignedIdentities created'),
  assigned_identity_addition_duration_seconds: histogram('Time to create one', FAST),
  assigned_identity_update_count: counter('AzureAssignedIdentities replaced'),
  assigned_identity_update_duration_seconds: histogram('Time to replace one', FAST),
  assigned_identity_deletion_count: counter('AzureAssignedIdentities deleted'),
  assigned_identity_deletion_duration_seconds: histogram('Time to delete one', FAST),
  mic_cycle_count: counter('Cycles of the sync loop that worked, and every thousandth'),
  mic_cycle_duration_seconds: histogram('Time of such a cycle', SLOW),
  mic_new_leader_election_count: counter('Starts of the process; not elections'),
  cloud_provider_operations_duration_seconds: histogram('Time of a call of ARM that succeeded, waiting included', SLOW, ['operation_type']),
  cloud_provider_operations_errors_count: counter('Calls of ARM that failed, local refusals included', ['operation_type']),
  kubernetes_api_operations_errors_count: counter('Calls of the API server that failed', ['operation_type']),
  imds_operations_errors_count: counter('Ways to a token that failed', ['operation_type']),
  imds_operations_duration_seconds: histogram('Time to a token', FAST, ['operation_type']),
  nmi_operations_duration_seconds: histogram('Time of an answer of NMI', NMI, ['operation_type', 'status_code', 'namespace', 'resource']),
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** Name of a metric, without the prefix. */
export type ComponentMetricName = keyof typeof COMPONENT_METRICS;

/** Whether a text names one; with or without the prefix. */
export function componentMetricOf(text: string): ComponentMetricName | undefined {
  const name = text.startsWith(METRIC_PREFIX) ? text.slice(METRIC_PREFIX.length) : text;
  return Object.hasOwn(COMPONENT_METRICS, name) ? (name as ComponentMetricName) : undefined;
}
