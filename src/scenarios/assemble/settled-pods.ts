/** Pods that run since before the world began, and the webhook of workload identity, which is always among them. */
import { ORIGIN } from '../../kernel/time.ts';
import { hashString } from '../../kernel/random.ts';
import type { Calibration } from '../../model/calibration/index.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import type { KubernetesObject, Pod } from '../../model/kubernetes.ts';
import { nameSuffix, replicaSetName, templateHash } from '../../model/pod-names.ts';
import { podOf } from '../../model/pod-template.ts';
import type { PodOwner } from '../../model/pod-template.ts';
import { TABLE_OF_KIND } from '../../model/tables.ts';
import { isForWebhook, mutate, webhookDeployment, WORKLOAD_IDENTITY_KEY } from '../../model/workload-identity.ts';
import type { World } from './world.ts';
import type { PodPlacer } from './pod-placer.ts';

/** Version every settled object carries; the next write gives another. */
export const SETTLED_VERSION = '1';

/** Puts an object that has been there for long. */
export function putSettled(world: World, object: KubernetesObject): void {
  const metadata = { ...object.metadata, uid: `${keyOf(object)}@1`, resourceVersion: SETTLED_VERSION };
  world.fill(TABLE_OF_KIND[object.kind], keyOf(object), { ...object, metadata });
}

/** Names as the controllers would give them; the suffix comes from the place in the set instead of a draw. */
export function settledName(owner: PodOwner, place: string): string {
  const suffix = nameSuffix((hashString(`${owner.kind}/${keyOf(owner)}/${place}`) + 0.5) / 4294967296);
  const stem = owner.kind === 'Deployment' ? replicaSetName(owner.metadata.name, templateHash(owner.spec.template)) : owner.metadata.name;
  return `${stem}-${suffix}`;
}

/** A pod that runs, if a node has room for it; otherwise it is left Pending, as the scheduler would leave it. */
export function settlePod(world: World, placer: PodPlacer, created: Pod, calibration: Calibration): void {
  const pod = asAdmitted(world, created, calibration);
  const place = placer.place(pod);
  if (place === undefined) {
    putSettled(world, pod);
    return;
  }
  putSettled(world, {
    ...pod,
    spec: { ...pod.spec, nodeName: place.node },
    status: { phase: 'Running', podIP: place.ip, ready: true, startedAt: ORIGIN, restarts: 0 },
  });
}

/** The webhook of workload identity with its pods: whatever else has yet to happen, AKS brought it with the cluster. */
export function settleWebhook(world: World, placer: PodPlacer, calibration: Calibration): void {
  const deployment = webhookDeployment(calibration.value('wi.webhook.replicas'));
  putSettled(world, deployment);
  for (let n = 0; n < deployment.spec.replicas; n += 1)
    settlePod(world, placer, podOf(deployment, { name: settledName(deployment, String(n)) }), calibration);
}

function asAdmitted(world: World, pod: Pod, calibration: Calibration): Pod {
  if (world.table('workloadIdentity').get(WORKLOAD_IDENTITY_KEY) === undefined || !isForWebhook(pod)) return pod;
  const account = world.table('serviceAccounts').get(keyIn(pod.metadata.namespace, pod.spec.serviceAccountName));
  const mutation = mutate(pod, account, calibration.value('wi.saToken.lifetime'));
  return mutation.ok ? mutation.pod : pod;
}
