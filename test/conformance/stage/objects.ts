/** Manifests of cases as objects of the model. Absent fields are empty; nothing is validated, as the recorded surroundings validate nothing. */
import { ZERO } from '../../../src/kernel/time.ts';
import type {
  AssignedStatus,
  AzureAssignedIdentity,
  AzureIdentity,
  AzureIdentityBinding,
  AzurePodIdentityException,
  Node,
  Pod,
  PodPhase,
  Secret,
} from '../../../src/model/kubernetes.ts';
import type { ObjectMeta } from '../../../src/model/object-meta.ts';
import { ORIGIN } from '../../../src/kernel/time.ts';

/** Plain data out of JSON or YAML. */
export type Data = null | boolean | number | string | readonly Data[] | { readonly [key: string]: Data };

/** A map out of JSON or YAML. */
export type DataMap = Readonly<Record<string, Data>>;

/** Kinds that cases put into the API server. */
export type CaseObject = AzureAssignedIdentity | AzureIdentity | AzureIdentityBinding | AzurePodIdentityException | Node | Pod | Secret;

/** The map at a key; empty where there is none. */
export function mapAt(from: DataMap, key: string): DataMap {
  const value = from[key];
  return isMap(value) ? value : {};
}

/** Whether plain data is a map. */
export function isMap(value: Data | undefined): value is DataMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text at a key; `''` where there is none. */
export function textAt(from: DataMap, key: string): string {
  const value = from[key];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The list at a key; empty where there is none. */
export function listAt(from: DataMap, key: string): readonly Data[] {
  const value = from[key];
  return Array.isArray(value) ? (value as readonly Data[]) : [];
}

/** The texts of a list at a key. */
export function textsAt(from: DataMap, key: string): readonly string[] {
  return listAt(from, key).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
}

/** The object a manifest describes, under the resource version it is to have; undefined for a kind no case may apply here. */
export function objectOf(manifest: DataMap, resourceVersion: string): CaseObject | undefined {
  const spec = mapAt(manifest, 'spec');
  const metadata = metaOf(mapAt(manifest, 'metadata'), resourceVersion);
  switch (manifest['kind']) {
    case 'AzureIdentity':
      return identityOf(spec, metadata);
    case 'AzureIdentityBinding':
      return bindingOf(spec, metadata);
    case 'AzurePodIdentityException':
      return { kind: 'AzurePodIdentityException', metadata, spec: { podLabels: textsOf(mapAt(spec, 'podLabels')) } };
    case 'AzureAssignedIdentity':
      return assignedOf(manifest, metadata);
    case 'Node':
      return {
        kind: 'Node',
        metadata,
        spec: { providerID: textAt(spec, 'providerID'), unschedulable: false },
        status: { ready: true, maxPods: 250 },
      };
    case 'Secret':
      return { kind: 'Secret', metadata, data: { ...textsOf(mapAt(manifest, 'data')), ...textsOf(mapAt(manifest, 'stringData')) } };
    case 'Pod':
      return podOf(manifest, metadata);
    default:
      return undefined;
  }
}

function metaOf(meta: DataMap, resourceVersion: string): ObjectMeta {
  return {
    name: textAt(meta, 'name'),
    namespace: textAt(meta, 'namespace'),
    uid: '',
    resourceVersion,
    labels: textsOf(mapAt(meta, 'labels')),
    annotations: textsOf(mapAt(meta, 'annotations')),
    finalizers: textsAt(meta, 'finalizers'),
    ownerReferences: listAt(meta, 'ownerReferences')
      .filter(isMap)
      .map((owner) => ({ kind: textAt(owner, 'kind'), name: textAt(owner, 'name') })),
    ...(meta['deletionTimestamp'] === undefined ? {} : { deletionTimestamp: ORIGIN }),
  };
}

function textsOf(map: DataMap): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(map).map((key) => [key, textAt(map, key)]));
}

function identityOf(spec: DataMap, metadata: ObjectMeta): AzureIdentity {
  const secret = mapAt(spec, 'clientPassword');
  return {
    kind: 'AzureIdentity',
    metadata,
    spec: {
      type: typeof spec['type'] === 'number' ? spec['type'] : 0,
      resourceID: textAt(spec, 'resourceID'),
      clientID: textAt(spec, 'clientID'),
      tenantID: textAt(spec, 'tenantID'),
      auxiliaryTenantIDs: textsAt(spec, 'auxiliaryTenantIDs'),
      adResourceID: textAt(spec, 'adResourceID'),
      adEndpoint: textAt(spec, 'adEndpoint'),
      ...(spec['clientPassword'] === undefined
        ? {}
        : { clientPassword: { name: textAt(secret, 'name'), namespace: textAt(secret, 'namespace') } }),
    },
  };
}

function bindingOf(spec: DataMap, metadata: ObjectMeta): AzureIdentityBinding {
  return {
    kind: 'AzureIdentityBinding',
    metadata,
    spec: { azureIdentity: textAt(spec, 'azureIdentity'), selector: textAt(spec, 'selector') },
  };
}

function assignedOf(manifest: DataMap, metadata: ObjectMeta): AzureAssignedIdentity {
  const spec = mapAt(manifest, 'spec');
  const identity = mapAt(spec, 'azureIdentityRef');
  const binding = mapAt(spec, 'azureBindingRef');
  return {
    kind: 'AzureAssignedIdentity',
    metadata,
    spec: {
      azureIdentityRef: identityOf(mapAt(identity, 'spec'), metaOf(mapAt(identity, 'metadata'), '')),
      azureBindingRef: bindingOf(mapAt(binding, 'spec'), metaOf(mapAt(binding, 'metadata'), '')),
      pod: textAt(spec, 'pod'),
      podNamespace: textAt(spec, 'podNamespace'),
      nodename: textAt(spec, 'nodename'),
    },
    status: { status: textAt(mapAt(manifest, 'status'), 'status') as AssignedStatus },
  };
}

function podOf(manifest: DataMap, metadata: ObjectMeta): Pod {
  const spec = mapAt(manifest, 'spec');
  const status = mapAt(manifest, 'status');
  const nodeName = textAt(spec, 'nodeName');
  const phase = textAt(status, 'phase');
  return {
    kind: 'Pod',
    metadata,
    spec: {
      containers: [],
      ...(nodeName === '' ? {} : { nodeName }),
      nodeSelector: {},
      hostNetwork: spec['hostNetwork'] === true,
      serviceAccountName: '',
      terminationGracePeriod: ZERO,
      restartPolicy: 'Always',
      toleratesAll: false,
    },
    status: { phase: (phase === '' ? 'Running' : phase) as PodPhase, podIP: textAt(status, 'podIP'), ready: true, restarts: 0 },
  };
}
