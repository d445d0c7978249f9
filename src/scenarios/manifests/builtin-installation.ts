/** MIC and NMI as the project's own installation puts them into a cluster: deploy/infra of aad-pod-identity v1.8.17, retold. */
import { seconds } from '../../kernel/time.ts';
import { hasBehaviour } from '../../model/pod-identity-release/behaviours.ts';
import type { Release } from '../../model/pod-identity-release/release.ts';
import type {
  AzurePodIdentityException,
  Container,
  DaemonSet,
  Deployment,
  KubernetesObject,
  PodSpec,
  ServiceAccount,
} from '../../model/kubernetes.ts';
import type { ObjectMeta } from '../../model/object-meta.ts';

/** What differs between installations. */
export interface InstallationOptions {
  readonly version: Release;
  readonly mode: 'standard' | 'managed';
  /** Copies of MIC [1] -- constant. */
  readonly micReplicas: number;
  /** Command lines. */
  readonly micArgs: readonly string[];
  readonly nmiArgs: readonly string[];
}

const NAMESPACE = 'default';
const MIC_NAME = 'mic';
const GRACE = seconds(30);
const IMAGES = 'mcr.microsoft.com/oss/azure/aad-pod-identity';
const LINUX = { 'kubernetes.io/os': 'linux' };

/** Arguments of MIC in the published manifest. */
export const MIC_ARGS: readonly string[] = ['--cloudconfig=/etc/kubernetes/azure.json', '--logtostderr'];

/** Arguments of NMI in the published manifest; managed mode adds two. */
export function nmiArgs(mode: 'standard' | 'managed'): readonly string[] {
  const managed = mode === 'managed' ? ['--operation-mode=managed', '--forceNamespaced'] : [];
  return ['--node=$(NODE_NAME)', ...managed, '--http-probe-port=8085', '--enableScaleFeatures=true', '--metadata-header-required=true'];
}

/** The objects of the installation, in the order in which they are applied. Managed mode has no MIC. */
export function builtinObjects(options: InstallationOptions): readonly KubernetesObject[] {
  const nmi = [serviceAccount('aad-pod-id-nmi-service-account'), nmiDaemonSet(options)];
  if (options.mode === 'managed') return [...nmi, ...exceptions()];
  return [...nmi, serviceAccount('aad-pod-id-mic-service-account'), micDeployment(options), ...exceptions()];
}

function micDeployment(options: InstallationOptions): Deployment {
  const labels = { app: 'mic', component: 'mic' };
  const container: Container = {
    name: 'mic',
    image: `${IMAGES}/mic:v${options.version}`,
    args: options.micArgs,
    env: { MIC_POD_NAMESPACE: 'metadata.namespace' },
  };
  return {
    kind: 'Deployment',
    metadata: metaOf(MIC_NAME, NAMESPACE, { component: 'mic', 'k8s-app': 'aad-pod-id' }),
    spec: {
      ...copiesOf(options.micReplicas),
      template: {
        labels,
        annotations: {},
        spec: podSpecOf(container, { serviceAccount: 'aad-pod-id-mic-service-account', network: 'pod', tolerations: 'none' }),
      },
    },
  };
}

/** The Deployment of MIC with another number of copies; any other Deployment as it is. */
export function withMicReplicas(deployment: Deployment, micReplicas: number): Deployment {
  if (deployment.metadata.name !== MIC_NAME) return deployment;
  return { ...deployment, spec: { ...deployment.spec, ...copiesOf(micReplicas) } };
}

/** A quarter of the copies, surge rounded up and unavailability down. */
function copiesOf(replicas: number): Pick<Deployment['spec'], 'replicas' | 'maxSurge' | 'maxUnavailable'> {
  return { replicas, maxSurge: Math.ceil(replicas / 4), maxUnavailable: Math.floor(replicas / 4) };
}

function nmiDaemonSet(options: InstallationOptions): DaemonSet {
  const labels = { component: 'nmi', tier: 'node' };
  const tolerations = hasBehaviour(options.version, 'nmiToleratesAllTaints') ? 'all' : 'none';
  const env = { HOST_IP: 'status.podIP', NODE_NAME: 'spec.nodeName' };
  const container: Container = { name: 'nmi', image: `${IMAGES}/nmi:v${options.version}`, args: options.nmiArgs, env };
  return {
    kind: 'DaemonSet',
    metadata: metaOf('nmi', NAMESPACE, { component: 'nmi', tier: 'node', 'k8s-app': 'aad-pod-id' }),
    spec: {
      template: {
        labels,
        annotations: {},
        spec: podSpecOf(container, { serviceAccount: 'aad-pod-id-nmi-service-account', network: 'host', tolerations }),
      },
    },
  };
}

/** MIC itself, and the add-ons of AKS, are not mediated. */
function exceptions(): readonly AzurePodIdentityException[] {
  return [
    {
      kind: 'AzurePodIdentityException',
      metadata: metaOf('mic-exception', NAMESPACE),
      spec: { podLabels: { app: 'mic', component: 'mic' } },
    },
    {
      kind: 'AzurePodIdentityException',
      metadata: metaOf('aks-addon-exception', 'kube-system'),
      spec: { podLabels: { 'kubernetes.azure.com/managedby': 'aks' } },
    },
  ];
}

function podSpecOf(
  container: Container,
  how: { readonly serviceAccount: string; readonly network: 'host' | 'pod'; readonly tolerations: 'all' | 'none' },
): PodSpec {
  return {
    containers: [container],
    nodeSelector: LINUX,
    hostNetwork: how.network === 'host',
    serviceAccountName: how.serviceAccount,
    terminationGracePeriod: GRACE,
    restartPolicy: 'Always',
    toleratesAll: how.tolerations === 'all',
  };
}

function serviceAccount(name: string): ServiceAccount {
  return { kind: 'ServiceAccount', metadata: metaOf(name, NAMESPACE) };
}

function metaOf(name: string, namespace: string, labels: Readonly<Record<string, string>> = {}): ObjectMeta {
  return { name, namespace, uid: '', resourceVersion: '', labels, annotations: {}, finalizers: [], ownerReferences: [] };
}
