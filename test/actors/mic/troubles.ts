/** Faults and leftovers that tests of MIC put into its way, and a world in which nothing takes time. */
import { seconds } from '../../../src/kernel/time.ts';
import type { AzureAssignedIdentity, AzureIdentity } from '../../../src/model/kubernetes.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';
import { INSTANT } from './cluster.ts';
import type { ClusterOptions } from './cluster.ts';
import { azureIdentity, binding, node } from './objects.ts';

/** No call or PATCH takes time, and no timer of the controller comes due. */
export const QUICK = {
  ...INSTANT,
  'vmss.patch.duration.serverSide': '0s',
  'vm.patch.duration': '0s',
  'vmss.patch.perIdentityCost': '0s',
  'mic.sync.periodic': '30d',
  'informer.resync.mic.crds': '30d',
  'mic.reconcile': '30d',
};

/** A VM, a scale set of two, and identity `x` for pods labelled `s`. */
export const BASE: ClusterOptions = {
  objects: [node('n1'), node('v1-0'), node('v1-1'), azureIdentity('x'), binding('bx', 'x', 's')],
  vms: ['n1'],
  scaleSets: ['v1'],
  identities: ['x', 'y'],
  knobs: QUICK,
  until: 100,
};

/** ARM answers the next calls of one kind so. */
export function fault(
  turn: Turn,
  id: string,
  on: { readonly op: string; readonly times?: number },
  answer: { readonly status: number; readonly code?: string; readonly retryAfter?: number },
): void {
  const { op, ...times } = on;
  turn.inject({
    id,
    to: 'arm',
    type: 'ArmRequest',
    where: { 'call.op': op },
    ...times,
    action: {
      kind: 'answer',
      with: {
        type: 'ArmResponse',
        request: '',
        status: answer.status,
        error: { code: answer.code ?? 'Failed', message: 'it failed' },
        ...(answer.retryAfter === undefined ? {} : { retryAfter: seconds(answer.retryAfter) }),
      },
    },
  });
}

/** The API server refuses MIC's next call of one verb on an AzureAssignedIdentity. */
export function refuseApi(turn: Turn, verb: string, status: number): void {
  turn.inject({
    id: `api-${verb}`,
    from: 'mic/*',
    to: 'kube-apiserver',
    where: { 'call.verb': verb, 'call.kind': 'AzureAssignedIdentity' },
    times: 1,
    action: { kind: 'answer', with: { type: 'ApiResponse', request: '', status } },
  });
}

/** An AzureAssignedIdentity of identity `x` as MIC would have written it. */
export function assignedTo(podName: string, nodeName: string, status: AzureAssignedIdentity['status']['status']): AzureAssignedIdentity {
  return {
    kind: 'AzureAssignedIdentity',
    metadata: {
      name: `${podName}-default-x`,
      namespace: 'default',
      uid: '',
      resourceVersion: 'rv',
      labels: { nodename: nodeName },
      annotations: {},
      finalizers: ['azureassignedidentity.finalizers.aadpodidentity.k8s.io'],
      ownerReferences: [],
    },
    spec: {
      azureIdentityRef: azureIdentity('x'),
      azureBindingRef: binding('bx', 'x', 's'),
      pod: podName,
      podNamespace: 'default',
      nodename: nodeName,
    },
    status: { status },
  };
}

/** An AzureIdentity with another content. */
export function edited(identity: AzureIdentity, spec: Partial<AzureIdentity['spec']>): AzureIdentity {
  return { ...identity, spec: { ...identity.spec, ...spec } };
}
