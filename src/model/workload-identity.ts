/**
 * Azure Workload Identity in a cluster: what its webhook makes of a pod, and what the kubelet then mounts.
 *
 * Follows azure-workload-identity v1 (`pkg/webhook/webhook.go`: Handle, mutateContainers, addProjectedServiceAccountTokenVolume;
 * `consts.go`). Simplified: skipped containers are left out; a service account that nobody wrote down has no annotations, where the real API
 * server refuses the pod.
 */
import { seconds } from '../kernel/time.ts';
import type { Duration } from '../kernel/time.ts';
import { TENANT } from './azure.ts';
import { EXCHANGE_AUDIENCE } from './federated-credential.ts';
import type { Container, Deployment, Pod, ServiceAccount } from './kubernetes.ts';

/** One row, key `workloadIdentity`: the cluster has an OIDC issuer and the webhook. */
export interface WorkloadIdentitySettings {
  /** Issuer of the tokens of its service accounts. */
  readonly issuer: string;
  /** `present`: the webhook has been there from the start. `applied`: pods are shown to it from when its Deployment is applied. */
  readonly webhook: 'present' | 'applied';
}

/** Key of the only row. */
export const WORKLOAD_IDENTITY_KEY = 'workloadIdentity';

/** Label (value `true`) of the pods that the webhook is asked about: its `objectSelector` since v1.0. */
export const USE_LABEL = 'azure.workload.identity/use';

/** Annotation of a service account: client id of its identity. */
const CLIENT_ID_ANNOTATION = 'azure.workload.identity/client-id';

/** Annotation of a pod or, after it, of its service account: life of the projected token [s]. */
const EXPIRATION_ANNOTATION = 'azure.workload.identity/service-account-token-expiration';

/** Annotation of a pod (value `true`): it gets the proxy sidecar, for SDKs that know only the metadata address. */
const PROXY_ANNOTATION = 'azure.workload.identity/inject-proxy-sidecar';

/** Shortest and longest life of a projected token that the webhook takes. */
const LIVES = { least: seconds(3600), most: seconds(86_400) } as const;

/** The Deployment of the webhook, as AKS names it. */
export const WEBHOOK = { namespace: 'kube-system', name: 'azure-wi-webhook-controller-manager' } as const;

/** Where its Deployment may stand: that of AKS, and that of the project's own chart. */
export const WEBHOOK_NAMESPACES = [WEBHOOK.namespace, 'azure-workload-identity-system'] as const;

const WEBHOOK_LABELS = { 'app.kubernetes.io/name': 'azure-workload-identity-webhook' } as const;

/** Whether the webhook is to see a pod. */
export function isForWebhook(pod: Pod): boolean {
  return pod.metadata.labels[USE_LABEL] === 'true' && !isWebhook(pod);
}

/** Whether a pod is a copy of the webhook. */
function isWebhook({ metadata }: Pod): boolean {
  const isThere = (WEBHOOK_NAMESPACES as readonly string[]).includes(metadata.namespace);
  return isThere && metadata.ownerReferences.some(({ name }) => name === WEBHOOK.name);
}

/** The Deployment of the webhook. */
export function webhookDeployment(replicas: number): Deployment {
  return {
    kind: 'Deployment',
    metadata: {
      ...WEBHOOK,
      uid: '',
      resourceVersion: '',
      labels: WEBHOOK_LABELS,
      annotations: {},
      finalizers: [],
      ownerReferences: [],
    },
    spec: {
      replicas,
      maxSurge: 1,
      maxUnavailable: 0,
      template: {
        labels: WEBHOOK_LABELS,
        annotations: {},
        spec: {
          containers: [{ name: 'manager', image: 'mcr.microsoft.com/oss/azure/workload-identity/webhook:v1.5.1', args: [], env: {} }],
          nodeSelector: {},
          hostNetwork: false,
          serviceAccountName: 'azure-wi-webhook-admin',
          terminationGracePeriod: seconds(30),
          restartPolicy: 'Always',
          toleratesAll: false,
        },
      },
    },
  };
}

/** What the webhook answers: the pod with credentials, or why it may not be. */
export type Mutation = { readonly ok: true; readonly pod: Pod } | { readonly ok: false; readonly reason: string };

/** Gives a pod the environment and the volume by which it signs in as its service account. `usualLife`: of a token of which nobody says it. */
export function mutate(pod: Pod, account: ServiceAccount | undefined, usualLife: Duration): Mutation {
  const life = lifeOf(pod, account, usualLife);
  if (typeof life === 'string') return { ok: false, reason: life };
  const clientId = account?.metadata.annotations[CLIENT_ID_ANNOTATION] ?? '';
  const withEnv = (container: Container): Container => ({ ...container, env: { ...envOf(clientId), ...container.env } });
  const { spec } = pod;
  const initContainers = spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withEnv) };
  const projectedToken = { audience: EXCHANGE_AUDIENCE, life };
  const proxy = pod.metadata.annotations[PROXY_ANNOTATION] === 'true' ? ({ tokenProxy: 'injected' } as const) : {};
  return {
    ok: true,
    pod: { ...pod, spec: { ...spec, containers: spec.containers.map(withEnv), ...initContainers, projectedToken, ...proxy } },
  };
}

function envOf(clientId: string): Readonly<Record<string, string>> {
  return {
    ...(clientId === '' ? {} : { AZURE_CLIENT_ID: clientId }),
    AZURE_TENANT_ID: TENANT,
    AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
    AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
  };
}

/** Life of the token, or why the webhook refuses what an annotation says of it. */
function lifeOf(pod: Pod, account: ServiceAccount | undefined, usualLife: Duration): Duration | string {
  const text = pod.metadata.annotations[EXPIRATION_ANNOTATION] ?? account?.metadata.annotations[EXPIRATION_ANNOTATION];
  if (text === undefined) return usualLife;
  const life = seconds(Number(text));
  if (life >= LIVES.least && life <= LIVES.most) return life;
  return `token expiration ${text} not in range (3600 to 86400 seconds)`;
}

/** How a process signs in as its service account: what stands in its environment and its volume. */
export interface FederatedPlace {
  readonly issuer: string;
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject: string;
  readonly audience: string;
  /** Of `AZURE_CLIENT_ID`; `''`: not set. */
  readonly clientId: string;
  /** Life of each projected token. */
  readonly life: Duration;
}

/** The sign-in of a pod's processes; undefined for a pod that the webhook never saw. */
export function federatedPlaceOf(pod: Pod, settings: WorkloadIdentitySettings | undefined): FederatedPlace | undefined {
  const { containers, projectedToken, serviceAccountName } = pod.spec;
  if (projectedToken === undefined || settings === undefined) return undefined;
  return {
    issuer: settings.issuer,
    subject: subjectOf(pod.metadata.namespace, serviceAccountName),
    audience: projectedToken.audience,
    clientId: containers[0]?.env['AZURE_CLIENT_ID'] ?? '',
    life: projectedToken.life,
  };
}

/** Subject of the tokens of a service account. */
export function subjectOf(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
