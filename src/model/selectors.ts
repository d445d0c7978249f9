/** Who is meant: label selectors, workloads' pods, and which containers are components of pod identity. */
import { keyIn } from './kubernetes.ts';
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

/** Under what a workload is found that selects pods: its pod's name, else its owner, else its namespace. */
export function selectionKey({ select }: WorkloadRow): string | undefined {
  if (select === undefined) return undefined;
  if (select.pod !== undefined) return `${select.namespace}|pod ${select.pod}`;
  return select.owner === undefined ? `${select.namespace}|any` : `${select.namespace}|owner ${select.owner}`;
}

/** Workloads to find one among. */
export interface SelectableWorkloads {
  /** By `selectionKey`. */
  by(index: 'selected', value: string): readonly WorkloadRow[];
  /** By name: which of two was written down first. */
  revision(name: string): { readonly created: number } | undefined;
}

/** Pods to find those of a workload among. */
export interface SelectablePods {
  get(key: string): Pod | undefined;
  /** By owner (`Kind/namespace/name`), or by namespace. */
  by(index: 'owner' | 'namespace', value: string): readonly Pod[];
}

/** The pods that a workload selects. Looks at those it names, or at those of its owner or, where it names neither, of its namespace. */
export function podsSelectedBy({ select }: WorkloadRow, pods: SelectablePods): readonly Pod[] {
  if (select === undefined) return [];
  return candidatesOf(select, pods).filter((pod) => isSelected(pod, select));
}

function candidatesOf({ namespace, pod, owner }: NonNullable<WorkloadRow['select']>, pods: SelectablePods): readonly Pod[] {
  if (pod !== undefined) {
    const named = pods.get(keyIn(namespace, pod));
    return named === undefined ? [] : [named];
  }
  if (owner === undefined) return pods.by('namespace', namespace);
  const [kind = '', name = ''] = owner.split('/');
  return pods.by('owner', `${kind}/${keyIn(namespace, name)}`);
}

/** The workload a pod runs: of those that select it, the first. Looks at those that name the pod, its owners or its namespace only. */
export function workloadOf(pod: Pod, workloads: SelectableWorkloads): WorkloadRow | undefined {
  let first: WorkloadRow | undefined;
  const placeOf = (workload: WorkloadRow): number => workloads.revision(workload.name)?.created ?? Infinity;
  for (const key of keysOf(pod)) {
    const found = workloads.by('selected', key).find(({ select }) => isRunBy(pod, undefined, select));
    if (found !== undefined && (first === undefined || placeOf(found) < placeOf(first))) first = found;
  }
  return first;
}

/** The workloads an init container of a pod runs, one after the other: all that select it, in the order in which they were written down. */
export function initWorkloadsOf(pod: Pod, container: string, workloads: SelectableWorkloads): readonly WorkloadRow[] {
  const placeOf = (workload: WorkloadRow): number => workloads.revision(workload.name)?.created ?? Infinity;
  return keysOf(pod)
    .flatMap((key) => workloads.by('selected', key).filter(({ select }) => isRunBy(pod, container, select)))
    .sort((a, b) => placeOf(a) - placeOf(b));
}

/** Under what workloads that may select a pod are found, each once. */
function keysOf({ metadata: { namespace, name, ownerReferences } }: Pod): readonly string[] {
  const owners = ownerReferences.map((owner) => `${namespace}|owner ${owner.kind}/${owner.name}`);
  return [...new Set([`${namespace}|any`, `${namespace}|pod ${name}`, ...owners])];
}

function isRunBy(pod: Pod, container: string | undefined, select: WorkloadRow['select']): boolean {
  return select?.initContainer === container && isSelected(pod, select);
}

/** Which component of pod identity a pod (or a template) is, by its image. */
export function componentOf(pod: { readonly spec: Pick<Pod['spec'], 'containers'> }): 'mic' | 'nmi' | undefined {
  if (pod.spec.containers.some(({ image }) => image.includes('/mic:'))) return 'mic';
  return pod.spec.containers.some(({ image }) => image.includes('/nmi:')) ? 'nmi' : undefined;
}
