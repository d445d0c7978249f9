/** Checks that need to see all objects of a scenario: bindings and their identities, identities and Azure, workloads and their pods. */
import { BINDING_LABEL, keyIn } from '../../model/kubernetes.ts';
import type { AzureIdentity } from '../../model/kubernetes.ts';
import type { ReadObject } from '../manifests/read-manifest.ts';
import type { ScenarioSource } from '../schema/scenario-schema.ts';
import type { StepSource } from '../schema/story-schema.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path } from '../text/yaml-source.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Scope } from './scope.ts';

/** Kinds that may own pods, by their key in `select` and in `scale`. */
const OWNER_KINDS = { deployment: 'Deployment', statefulSet: 'StatefulSet', daemonSet: 'DaemonSet', job: 'Job' } as const;

/** Runs all of these checks. */
export function checkObjects(scope: Scope, source: ScenarioSource, manifests: ManifestReader): void {
  if (source.world?.cluster === undefined && manifests.objects.length > 0) {
    scope.problem(['world'], 'needs cluster: there are Kubernetes objects, and nowhere to apply them');
  }
  for (const read of manifests.objects) {
    if (read.object.kind === 'AzureIdentityBinding') checkBinding(scope, read, read.object.spec.azureIdentity, manifests);
    if (read.object.kind === 'AzureIdentity') checkIdentity(scope, read, read.object);
  }
  // Where a file could not be read, nobody knows what it would have had.
  if (!manifests.isComplete) return;
  const ofAddOn = (source.story ?? []).flatMap(({ putPodIdentity }) => putPodIdentity?.name ?? []);
  for (const read of manifests.objects) checkSelector(scope, read, manifests, ofAddOn);
  for (const [index, { select }] of (source.world?.cluster?.workloads ?? []).entries()) {
    checkOwner(scope, select, ['world', 'cluster', 'workloads', index, 'select'], manifests);
  }
  for (const [index, step] of (source.story ?? []).entries()) {
    if (step.scale !== undefined) checkOwner(scope, step.scale, ['story', index, 'scale'], manifests);
    if (step.delete !== undefined) checkTargets(scope, step.delete, ['story', index, 'delete'], manifests);
  }
}

function checkBinding(scope: Scope, read: ReadObject, name: string, manifests: ManifestReader): void {
  const { namespace } = read.object.metadata;
  if (manifests.has('AzureIdentity', keyIn(namespace, name))) return;
  const text = `names the AzureIdentity ${keyIn(namespace, name)}, which no manifest has: the binding binds nothing`;
  scope.findings.warning(read.document, [...read.path, 'spec', 'azureIdentity'], text);
}

/** A pod asks by its label for bindings: where no manifest has one, nor the add-on of AKS makes one, its requests end as 404. */
function checkSelector(scope: Scope, read: ReadObject, manifests: ManifestReader, ofAddOn: readonly string[]): void {
  const labels = labelsOfPods(read.object);
  const label = labels?.[BINDING_LABEL];
  if (label === undefined) return;
  const written = manifests.objects.flatMap(({ object }) => (object.kind === 'AzureIdentityBinding' ? [object.spec.selector] : []));
  const selectors = [...written, ...ofAddOn];
  if (selectors.includes(label)) return;
  const known = selectors.length === 0 ? 'there are none' : `their selectors: ${[...new Set(selectors)].sort().join(', ')}`;
  const path = [...read.path, ...(read.object.kind === 'Pod' ? [] : ['spec', 'template']), 'metadata', 'labels', BINDING_LABEL];
  scope.findings.warning(read.document, path, `"${label}" is the selector of no AzureIdentityBinding (${known}): the pod gets no identity`);
}

function labelsOfPods(object: ReadObject['object']): Readonly<Record<string, string>> | undefined {
  if (object.kind === 'Pod') return object.metadata.labels;
  if (object.kind === 'Deployment' || object.kind === 'StatefulSet' || object.kind === 'DaemonSet' || object.kind === 'Job')
    return object.spec.template.labels;
  return undefined;
}

function checkIdentity(scope: Scope, read: ReadObject, { spec }: AzureIdentity): void {
  if (spec.type !== 0 || spec.resourceID === '') return;
  const all = [...scope.identities.values()];
  const identity = all.find(({ id }) => id.toLowerCase() === spec.resourceID.toLowerCase());
  if (identity === undefined) {
    scope.findings.warning(
      read.document,
      [...read.path, 'spec', 'resourceID'],
      'is the id of no identity of the scenario: ARM refuses to assign it',
    );
  } else if (identity.clientId.toLowerCase() !== spec.clientID.toLowerCase() && !scope.remadeClientIds.has(spec.clientID.toLowerCase())) {
    scope.findings.warning(
      read.document,
      [...read.path, 'spec', 'clientID'],
      `is not the client id of ${identity.name}, which is ${identity.clientId}`,
    );
  }
}

type Owners = Readonly<Partial<Record<keyof typeof OWNER_KINDS, string | undefined>>> & { readonly namespace?: string | undefined };

function checkOwner(scope: Scope, owners: Owners, path: Path, manifests: ManifestReader): void {
  // Pods are not looked for: those of a StatefulSet have fixed names, but are in no manifest.
  for (const key of ['deployment', 'statefulSet', 'daemonSet', 'job'] as const) {
    const name = owners[key];
    if (name === undefined) continue;
    const [kind, namespace] = [OWNER_KINDS[key], owners.namespace ?? 'default'];
    if (!manifests.has(kind, keyIn(namespace, name)) && !isInstalled(kind, name)) {
      scope.problem([...path, key], `${unknownRule(kind, keyIn(namespace, name), keysOf(kind, manifests))}; no manifest has it`);
    }
  }
}

/** Kinds whose objects come from manifests alone; pods, nodes and AzureAssignedIdentities are made by the cluster. */
const WRITTEN_KINDS: readonly string[] = [
  'AzureIdentity',
  'AzureIdentityBinding',
  'AzurePodIdentityException',
  'DaemonSet',
  'Deployment',
  'Job',
  'Secret',
  'SecretProviderClass',
  'ServiceAccount',
  'StatefulSet',
];

function checkTargets(scope: Scope, targets: NonNullable<StepSource['delete']>, path: Path, manifests: ManifestReader): void {
  for (const [index, text] of targets.entries()) {
    const [kind = '', first = '', second] = text.split('/');
    const name = second ?? first;
    if (!WRITTEN_KINDS.includes(kind) || isInstalled(kind, name) || text.includes('*')) continue;
    const key = keyIn(second === undefined ? 'default' : first, name);
    if (!manifests.has(kind, key))
      scope.problem([...path, index], `${unknownRule(kind, key, keysOf(kind, manifests))}; no manifest has it`);
  }
}

/** Objects of the built-in installation may be named though no manifest has them. */
function isInstalled(kind: string, name: string): boolean {
  return (
    (kind === 'Deployment' && name === 'mic') ||
    (kind === 'DaemonSet' && name === 'nmi') ||
    (kind === 'AzurePodIdentityException' && name.endsWith('-exception'))
  );
}

function keysOf(kind: string, manifests: ManifestReader): readonly string[] {
  return manifests.objects
    .filter(({ object }) => object.kind === kind)
    .map(({ object }) => keyIn(object.metadata.namespace, object.metadata.name));
}
