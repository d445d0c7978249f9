/** The four custom resources of aad-pod-identity v1.8.17 (`pkg/apis/aadpodidentity/v1`, charts crd.yaml). */
import type {
  AssignedStatus,
  AzureAssignedIdentity,
  AzureIdentity,
  AzureIdentityBinding,
  AzurePodIdentityException,
} from '../../model/kubernetes.ts';
import type { Fields } from './fields.ts';
import { metaOf } from './object-meta.ts';

const IDENTITY_KEYS = [
  'type',
  'resourceID',
  'clientID',
  'clientPassword',
  'tenantID',
  'auxiliaryTenantIDs',
  'adResourceID',
  'adEndpoint',
  'replicas',
  'metadata',
];
const BINDING_KEYS = ['azureIdentity', 'selector', 'weight', 'metadata'];
const EXCEPTION_KEYS = ['podLabels', 'metadata'];
const STATUSES: readonly string[] = ['', 'Created', 'Assigned', 'Unassigned'];

/** What MIC takes for the id of a user-assigned identity (pkg/utils ValidateResourceID): letter case aside, anywhere in the text. */
const RESOURCE_ID = /\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+/iu;
const PLACEHOLDER = /<[^<>/]+>|(?<![\w-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w-])/u;

/** An AzureIdentity. Upstream validates hardly anything, so odd values are warnings; unfilled placeholders are problems. */
export function azureIdentityOf(fields: Fields): AzureIdentity {
  const spec = fields.map('spec');
  noteUnknownKeys(spec, IDENTITY_KEYS);
  const password = spec.map('clientPassword');
  const type = spec.integer('type', 0);
  const identity: AzureIdentity = {
    kind: 'AzureIdentity',
    metadata: metaOf(fields, 'namespaced'),
    spec: {
      type,
      resourceID: spec.text('resourceID'),
      clientID: spec.text('clientID'),
      ...(spec.has('clientPassword') ? { clientPassword: { name: password.text('name'), namespace: password.text('namespace') } } : {}),
      tenantID: spec.text('tenantID'),
      auxiliaryTenantIDs: spec.texts('auxiliaryTenantIDs'),
      adResourceID: spec.text('adResourceID'),
      adEndpoint: spec.text('adEndpoint'),
    },
  };
  const { resourceID, clientID, tenantID } = identity.spec;
  const isUnfilled = [
    refusePlaceholder(spec, 'resourceID', resourceID),
    refusePlaceholder(spec, 'clientID', clientID),
    refusePlaceholder(spec, 'tenantID', tenantID),
  ];
  if (type === 0 && !isUnfilled.includes(true) && !RESOURCE_ID.test(resourceID)) {
    spec.warning(
      'resourceID',
      resourceID === ''
        ? 'is missing: MIC ignores this AzureIdentity'
        : 'is no id of a user-assigned identity: MIC ignores this AzureIdentity',
    );
  }
  if (type > 2) spec.warning('type', `${String(type)} is unknown: NMI gives no token for it`);
  return identity;
}

/** An AzureIdentityBinding. */
export function azureIdentityBindingOf(fields: Fields): AzureIdentityBinding {
  const spec = fields.map('spec');
  noteUnknownKeys(spec, BINDING_KEYS);
  const binding: AzureIdentityBinding = {
    kind: 'AzureIdentityBinding',
    metadata: metaOf(fields, 'namespaced'),
    spec: { azureIdentity: spec.text('azureIdentity'), selector: spec.text('selector') },
  };
  if (binding.spec.selector === '') spec.warning('selector', 'is empty: in standard mode the binding matches no pod');
  return binding;
}

/** An AzurePodIdentityException. */
export function azurePodIdentityExceptionOf(fields: Fields): AzurePodIdentityException {
  const spec = fields.map('spec');
  noteUnknownKeys(spec, EXCEPTION_KEYS);
  return { kind: 'AzurePodIdentityException', metadata: metaOf(fields, 'namespaced'), spec: { podLabels: spec.textMap('podLabels') } };
}

/** An AzureAssignedIdentity, as a cluster that was left behind may hold one. */
export function azureAssignedIdentityOf(fields: Fields): AzureAssignedIdentity {
  const spec = fields.map('spec');
  const status = fields.map('status').text('status');
  if (!isStatus(status)) fields.map('status').problem('status', `must be Created, Assigned or Unassigned, not "${status}"`);
  return {
    kind: 'AzureAssignedIdentity',
    metadata: metaOf(fields, 'namespaced'),
    spec: {
      azureIdentityRef: azureIdentityOf(spec.map('azureIdentityRef')),
      azureBindingRef: azureIdentityBindingOf(spec.map('azureBindingRef')),
      pod: spec.requiredText('pod'),
      podNamespace: spec.requiredText('podNamespace'),
      nodename: spec.requiredText('nodename'),
    },
    status: { status: isStatus(status) ? status : '' },
  };
}

function isStatus(text: string): text is AssignedStatus {
  return STATUSES.includes(text);
}

function refusePlaceholder(spec: Fields, key: string, value: string): boolean {
  const found = PLACEHOLDER.exec(value)?.[0];
  if (found === undefined) return false;
  spec.problem(
    key,
    `placeholder ${found} is not filled in: give it in fill:, as ${found.replace(/[<>]/gu, '')}: identity:NAME.${key === 'clientID' ? 'clientID' : 'resourceID'}`,
  );
  return true;
}

/** The schema of the custom resources drops what it does not know, so a wrong letter case makes a field empty. */
function noteUnknownKeys(spec: Fields, known: readonly string[]): void {
  for (const key of spec.keys) {
    if (known.includes(key)) continue;
    const meant = known.find((one) => one.toLowerCase() === key.toLowerCase());
    if (meant === undefined) spec.note(key, 'is no field of this kind: the API server drops it');
    else spec.warning(key, `is spelled ${meant} since version 1.6: the API server drops it as written`);
  }
}
