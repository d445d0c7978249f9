/** Who is meant: label selectors, workloads' pods, and which containers are components of pod identity. */
import type { Pod } from './kubernetes.ts';
import type { WorkloadRow } from './workload.ts';

/** Whether labels hold everything that is wanted; nothing wanted fits all. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.keys(wanted).every((name) => labels[name] === wanted[name]);
}

/** Whether a pod runs that workload: namespace, owner (`Kind/name`), name and labels, as far as the selection names them. */
function isSelected(pod: Pod, select: WorkloadRow['select']): boolean {
  if (select?.namespace !== pod.metadata.namespace) return false;
  if (select.pod !== undefined && select.pod !== pod.metadata.name) return false;
  if (select.owner !== undefined && !pod.metadata.ownerReferences.some(({ kind, name }) => `${kind}/${name}` === select.owner))
    return false;
  return hasLabels(pod.metadata.labels, select.labels);
}

/** The workload a pod runs: the first that selects it. */
export function workloadOf(pod: Pod, workloads: readonly WorkloadRow[]): WorkloadRow | undefined {
  return workloads.find((workload) => isSelected(pod, workload.select));
}

/** Which component of pod identity a pod is, by its image. */
export function componentOf(pod: Pod): 'mic' | 'nmi' | undefined {
  if (pod.spec.containers.some(({ image }) => image.includes('/mic:'))) return 'mic';
  return pod.spec.containers.some(({ image }) => image.includes('/nmi:')) ? 'nmi' : undefined;
}
