/** Kinds of manifests: which are used, in which version, and how each is read. */
import type { ConfigMap, KubernetesKind, KubernetesObject, Namespace, Node, Secret, ServiceAccount } from '../../model/kubernetes.ts';
import type { SecretProviderClass } from '../../model/kubernetes-extras.ts';
import { isTaintEffect } from '../../model/taints.ts';
import { podDisruptionBudgetOf } from './disruption-budget.ts';
import type { Fields } from './fields.ts';
import { metaOf } from './object-meta.ts';
import { azureAssignedIdentityOf, azureIdentityBindingOf, azureIdentityOf, azurePodIdentityExceptionOf } from './pod-identity-kinds.ts';
import { cronJobOf, daemonSetOf, deploymentOf, jobOf, podOf, statefulSetOf } from './pod-kinds.ts';
import { vaultSourceOf } from './vault-volumes.ts';

/** A kind that is used. */
export interface UsedKind {
  /** The one version of its API that is read. */
  readonly apiVersion: string;
  readonly scope: 'namespaced' | 'cluster';
  readonly read: (fields: Fields) => KubernetesObject;
}

const POD_IDENTITY = 'aadpodidentity.k8s.io/v1';

/** Pods on a node that says nothing else: the default of the kubelet. */
const DEFAULT_MAX_PODS = 110;

/** Kinds that manifests may hold, by name. */
const USED_KINDS: Readonly<Partial<Record<KubernetesKind, UsedKind>>> = {
  AzureIdentity: { apiVersion: POD_IDENTITY, scope: 'namespaced', read: azureIdentityOf },
  AzureIdentityBinding: { apiVersion: POD_IDENTITY, scope: 'namespaced', read: azureIdentityBindingOf },
  AzureAssignedIdentity: { apiVersion: POD_IDENTITY, scope: 'namespaced', read: azureAssignedIdentityOf },
  AzurePodIdentityException: { apiVersion: POD_IDENTITY, scope: 'namespaced', read: azurePodIdentityExceptionOf },
  Deployment: { apiVersion: 'apps/v1', scope: 'namespaced', read: deploymentOf },
  StatefulSet: { apiVersion: 'apps/v1', scope: 'namespaced', read: statefulSetOf },
  DaemonSet: { apiVersion: 'apps/v1', scope: 'namespaced', read: daemonSetOf },
  Job: { apiVersion: 'batch/v1', scope: 'namespaced', read: jobOf },
  PodDisruptionBudget: { apiVersion: 'policy/v1', scope: 'namespaced', read: podDisruptionBudgetOf },
  Pod: { apiVersion: 'v1', scope: 'namespaced', read: podOf },
  Secret: { apiVersion: 'v1', scope: 'namespaced', read: secretOf },
  ConfigMap: { apiVersion: 'v1', scope: 'namespaced', read: configMapOf },
  ServiceAccount: { apiVersion: 'v1', scope: 'namespaced', read: serviceAccountOf },
  SecretProviderClass: { apiVersion: 'secrets-store.csi.x-k8s.io/v1', scope: 'namespaced', read: secretProviderClassOf },
  Namespace: { apiVersion: 'v1', scope: 'cluster', read: namespaceOf },
  Node: { apiVersion: 'v1', scope: 'cluster', read: nodeOf },
};

/** Becomes a Job that repeats; whoever deletes it names that. */
const CRON_JOB: UsedKind = { apiVersion: 'batch/v1', scope: 'namespaced', read: cronJobOf };

/** Names of these kinds, in code-unit order. */
export const USED_KIND_NAMES: readonly string[] = [...Object.keys(USED_KINDS), 'CronJob'].sort();

/** The kind of that name, if manifests may hold it. */
export function usedKind(name: string): UsedKind | undefined {
  return name === 'CronJob' ? CRON_JOB : isUsedKindName(name) ? USED_KINDS[name] : undefined;
}

/** Whether manifests may hold this kind. */
export function isUsedKindName(name: string): name is KubernetesKind {
  return Object.hasOwn(USED_KINDS, name);
}

/** Values stay what is written: `data` is base64 in a real cluster, but nothing here decodes it. */
function secretOf(fields: Fields): Secret {
  return { kind: 'Secret', metadata: metaOf(fields, 'namespaced'), data: { ...fields.textMap('data'), ...fields.textMap('stringData') } };
}

function secretProviderClassOf(fields: Fields): SecretProviderClass {
  return {
    kind: 'SecretProviderClass',
    metadata: metaOf(fields, 'namespaced'),
    spec: vaultSourceOf(fields.map('spec').map('parameters'), { podIdentity: 'usePodIdentity', vault: 'keyvaultName' }),
  };
}

function configMapOf(fields: Fields): ConfigMap {
  return { kind: 'ConfigMap', metadata: metaOf(fields, 'namespaced'), data: fields.textMap('data') };
}

function serviceAccountOf(fields: Fields): ServiceAccount {
  return { kind: 'ServiceAccount', metadata: metaOf(fields, 'namespaced') };
}

function namespaceOf(fields: Fields): Namespace {
  return { kind: 'Namespace', metadata: metaOf(fields, 'cluster') };
}

function nodeOf(fields: Fields): Node {
  const spec = fields.map('spec');
  const maxPods = Number(fields.map('status').map('capacity').text('pods', String(DEFAULT_MAX_PODS)));
  if (!Number.isSafeInteger(maxPods)) fields.map('status').map('capacity').problem('pods', 'must be a whole number in quotes');
  const taints = spec.list('taints').flatMap((taint) => {
    const effect = taint.text('effect');
    if (isTaintEffect(effect)) return [{ key: taint.requiredText('key'), value: taint.text('value'), effect }];
    taint.problem('effect', `must be NoSchedule, PreferNoSchedule or NoExecute, not "${effect}"`);
    return [];
  });
  return {
    kind: 'Node',
    metadata: metaOf(fields, 'cluster'),
    spec: { providerID: spec.text('providerID'), unschedulable: spec.isTrue('unschedulable'), ...(taints.length === 0 ? {} : { taints }) },
    status: { ready: false, maxPods: Number.isSafeInteger(maxPods) ? maxPods : DEFAULT_MAX_PODS },
  };
}
