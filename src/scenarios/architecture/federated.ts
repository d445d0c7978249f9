/** A cluster that was migrated to workload identity: labels on its pods, and federated credentials for their service accounts. */
import type { KubernetesObject, PodSpec, PodTemplate } from '../../model/kubernetes.ts';
import { HASH_LABEL } from '../../model/pod-template.ts';
import type { PodOwner } from '../../model/pod-template.ts';
import { hasLabels } from '../../model/selectors.ts';
import { subjectOf, USE_LABEL } from '../../model/workload-identity.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import type { IdentityDescription, ScenarioDescription } from '../description.ts';
import { DEFAULT_ISSUER } from '../semantics/federated.ts';

/** The pods that an object makes, or is. */
interface Made {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

/** The scenario with its pods labelled for the webhook, and with identities that trust their service accounts. */
export function federated(
  scenario: ScenarioDescription,
  identityOf: (scenario: ScenarioDescription, workload: WorkloadRow) => IdentityDescription | undefined,
): ScenarioDescription {
  const { cluster } = scenario;
  if (cluster === undefined) return scenario;
  const users = scenario.workloads.filter((workload) => workload.select !== undefined && identityOf(scenario, workload) !== undefined);
  const subjects = new Map<string, Set<string>>();
  const steps = scenario.steps.map((step) => {
    if (step.action.verb !== 'apply') return step;
    const objects = step.action.objects.map((object) => {
      const own = users.filter((workload) => makes(object, workload));
      for (const workload of own) trust(subjects, identityOf(scenario, workload)?.id ?? '', object);
      return own.length === 0 ? object : labelled(object);
    });
    return { ...step, action: { ...step.action, objects } };
  });
  const identities = scenario.identities.map((identity) => ({
    ...identity,
    federated: [...(subjects.get(identity.id) ?? [])].map((subject) => ({
      name: subject.replaceAll(':', '-'),
      issuer: DEFAULT_ISSUER,
      subject,
      missingFrom: 0,
    })),
  }));
  const workloads = scenario.workloads.map((workload): WorkloadRow =>
    users.includes(workload) ? { ...workload, credential: { kind: 'workloadIdentity', otherwise: 'nothing' } } : workload,
  );
  return {
    ...scenario,
    cluster: { ...cluster, workloadIdentity: { issuer: DEFAULT_ISSUER, webhook: 'present' } },
    identities,
    workloads,
    steps,
  };
}

function trust(subjects: Map<string, Set<string>>, identity: string, object: KubernetesObject): void {
  const made = madeBy(object);
  if (made === undefined) return;
  const known = subjects.get(identity) ?? new Set<string>();
  subjects.set(identity, known.add(subjectOf(object.metadata.namespace, made.spec.serviceAccountName)));
}

/** Whether the pods that an object makes, or is, run that workload. */
function makes(object: KubernetesObject, { select }: WorkloadRow): boolean {
  const made = madeBy(object);
  if (made === undefined || select?.namespace !== object.metadata.namespace) return false;
  const { name } = object.metadata;
  if (select.owner !== undefined && select.owner !== `${object.kind}/${name}`) return false;
  if (select.pod !== undefined && !isNamed(object, select.pod)) return false;
  return hasLabels(made.labels, select.labels);
}

/** Whether an object is the pod of that name, or the StatefulSet that numbers it. */
function isNamed({ kind, metadata }: KubernetesObject, pod: string): boolean {
  if (kind === 'Pod') return metadata.name === pod;
  return kind === 'StatefulSet' && pod.startsWith(`${metadata.name}-`) && /^\d+$/u.test(pod.slice(metadata.name.length + 1));
}

function madeBy(object: KubernetesObject): Made | undefined {
  if (object.kind === 'Pod') return { labels: object.metadata.labels, spec: object.spec };
  return isOwner(object) ? object.spec.template : undefined;
}

function labelled(object: KubernetesObject): KubernetesObject {
  const use = { [USE_LABEL]: 'true' };
  if (object.kind === 'Pod') return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...use } } };
  return isOwner(object) ? withTemplateLabels(object, use) : object;
}

function isOwner(object: KubernetesObject): object is PodOwner {
  return Object.hasOwn(HASH_LABEL, object.kind);
}

function withTemplateLabels<O extends PodOwner>(object: O, more: PodTemplate['labels']): O {
  const { template } = object.spec;
  return { ...object, spec: { ...object.spec, template: { ...template, labels: { ...template.labels, ...more } } } };
}
