/**
 * Pods as their controllers make them: from a template, with owners and the label of the template's hash.
 *
 * A world that begins settled makes its pods here too: a pod with another hash than its owner's template would be rolled over.
 */
import { ZERO, formatDuration, parseDuration } from '../kernel/time.ts';
import type { Duration } from '../kernel/time.ts';
import type { DaemonSet, Deployment, Job, Pod, PodTemplate, StatefulSet } from './kubernetes.ts';
import type { OwnerReference } from './object-meta.ts';
import { replicaSetName, templateHash } from './pod-names.ts';

/** Whoever makes pods. */
export type PodOwner = Deployment | StatefulSet | DaemonSet | Job;

/** Kinds of those. */
export type PodOwnerKind = PodOwner['kind'];

/** Annotation by which a Job's pod tells its kubelet how long its container runs; upstream the program itself decides that. */
const RUN_FOR_ANNOTATION = 'idflow/run-for';

/** Label with the template hash, by kind of owner. */
export const HASH_LABEL: Readonly<Record<PodOwnerKind, string>> = {
  Deployment: 'pod-template-hash',
  StatefulSet: 'controller-revision-hash',
  DaemonSet: 'controller-revision-hash',
  Job: 'controller-revision-hash',
};

/** A pod of an owner, as it is before the API server saw it. `node`: where a DaemonSet wants it. */
export function podOf(owner: PodOwner, place: { readonly name: string; readonly node?: string }): Pod {
  const { template } = owner.spec;
  const hash = templateHash(template);
  const spec = place.node === undefined ? template.spec : { ...template.spec, nodeName: place.node };
  return {
    kind: 'Pod',
    metadata: {
      name: place.name,
      namespace: owner.metadata.namespace,
      uid: '',
      resourceVersion: '',
      labels: { ...template.labels, [HASH_LABEL[owner.kind]]: hash },
      annotations: annotationsOf(owner, template),
      finalizers: [],
      ownerReferences: ownerReferencesOf(owner, hash),
    },
    spec,
    status: { phase: 'Pending', podIP: '', ready: false, restarts: 0 },
  };
}

/** How long the container of a pod runs before it completes by itself; undefined: for ever. */
export function runTimeOf(pod: Pod): Duration | undefined {
  const text = pod.metadata.annotations[RUN_FOR_ANNOTATION];
  return text === undefined ? undefined : (parseDuration(text) ?? ZERO);
}

/** Which of its owners controls a pod, as `Kind/namespace/name`; `''` for none. A ReplicaSet counts as its Deployment. */
export function controllerOf(pod: Pod): string {
  const { namespace, ownerReferences } = pod.metadata;
  const owner = ownerReferences.find(({ kind }) => Object.hasOwn(HASH_LABEL, kind));
  return owner === undefined ? '' : `${owner.kind}/${namespace}/${owner.name}`;
}

function annotationsOf(owner: PodOwner, template: PodTemplate): Readonly<Record<string, string>> {
  if (owner.kind !== 'Job') return template.annotations;
  return { ...template.annotations, [RUN_FOR_ANNOTATION]: formatDuration(owner.spec.runFor) };
}

function ownerReferencesOf(owner: PodOwner, hash: string): readonly OwnerReference[] {
  const self = { kind: owner.kind, name: owner.metadata.name };
  if (owner.kind !== 'Deployment') return [self];
  return [{ kind: 'ReplicaSet', name: replicaSetName(owner.metadata.name, hash) }, self];
}
