/** Steps of a case as calls of the API server and rules of the network. */
import { stringify } from 'yaml';
import type { FaultRule } from '../../src/kernel/network.ts';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import type { ApiCall } from '../../src/model/messages/kubernetes.ts';
import type { Message } from '../../src/model/messages/index.ts';
import { Findings } from '../../src/scenarios/findings.ts';
import { isUsedKindName } from '../../src/scenarios/manifests/kinds.ts';
import { readManifest } from '../../src/scenarios/manifests/read-manifest.ts';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { NoSeam } from './case.ts';
import type { ArmFault } from './stage/arm-faults.ts';
import type { Cluster } from './stage/cluster.ts';
import { versioned } from './stage/cluster-scenario.ts';
import { isMap, listAt, mapAt, textAt, textsAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';

/** Status of a call that a fault lets fail; not one that clients repeat by themselves. */
const FAULT_STATUS = 400;

/** What kubectl sends for `apply` and `delete`, in order. */
export function apiCalls(step: DataMap): readonly ApiCall[] {
  const applied = listAt(step, 'apply').filter(isMap).flatMap(objectsIn);
  const deleted = textsAt(step, 'delete').map((ref): ApiCall => {
    const kind = ref.slice(0, ref.indexOf('/'));
    if (!isUsedKindName(kind)) throw new NoSeam(`objects of kind ${kind} are not kept here`);
    return { verb: 'delete', kind, key: ref.slice(ref.indexOf('/') + 1) };
  });
  return [...applied.map((object): ApiCall => ({ verb: 'apply', object })), ...deleted];
}

/** The objects of a manifest as the simulator reads manifests. */
function objectsIn(manifest: DataMap): readonly KubernetesObject[] {
  const findings = new Findings();
  const filling = { given: new Map<string, string>(), subscription: '', onlyIdentity: undefined, onlyApplication: undefined };
  const read = readManifest('manifest.yaml', stringify(versioned(manifest)), filling, findings);
  if (findings.problems.length > 0) throw new NoSeam(`the manifest is none: ${findings.problems.map(formatProblem).join('; ')}`);
  if (read.length === 0) throw new NoSeam(`objects of kind ${textAt(manifest, 'kind')} are not kept here`);
  return read.map(({ object }) => object);
}

/** What removes MIC, NMI and what was installed with them. */
export function uninstallCalls(cluster: Cluster): readonly ApiCall[] {
  const deletions = (['DaemonSet', 'Deployment', 'ServiceAccount', 'AzurePodIdentityException'] as const).flatMap((kind) =>
    cluster
      .objectsOf(kind)
      .filter(({ metadata }) => INSTALLED.test(metadata.name))
      .map(({ metadata }): ApiCall => ({ verb: 'delete', kind, key: `${metadata.namespace}/${metadata.name}` })),
  );
  // Their owner gone, the pods go too.
  const pods = [...cluster.podsOf('mic'), ...cluster.podsOf('nmi')];
  return [...deletions, ...pods.map((key): ApiCall => ({ verb: 'delete', kind: 'Pod', key }))];
}

/** Names of what the installation brings. */
const INSTALLED = /^(?:mic|nmi|mic-exception|aks-addon-exception|aad-pod-id-\w+-service-account)$/u;

/** A failure of calls of MIC, as a rule of the network, or at ARM itself: what fails there was called and counts. */
export function clusterFault(fault: DataMap): FaultRule<Message> | ArmFault {
  const on = textAt(fault, 'on');
  const { times } = fault;
  const message = textAt(mapAt(fault, 'error'), 'message');
  const common = { id: textAt(fault, 'id'), from: 'mic/*', ...(typeof times === 'number' ? { times } : {}) };
  if (on === 'arm.patch') {
    return { id: common.id, message, status: FAULT_STATUS, left: typeof times === 'number' ? times : Infinity };
  }
  if (on === 'kube.delete') {
    const kind = textAt(fault, 'kind');
    const where = { 'call.verb': 'delete', ...(kind === '' ? {} : { 'call.kind': kind }) };
    const answer = { type: 'ApiResponse', request: '', status: FAULT_STATUS, reason: message } as const;
    return { ...common, to: 'kube-apiserver', type: 'ApiRequest', where, action: { kind: 'answer', with: answer } };
  }
  throw new NoSeam(`failures of ${on} are not known`);
}
