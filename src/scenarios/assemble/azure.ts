/** What exists in Azure at the start: identities with their principals, VMs, scale sets, role assignments. All of it is old. */
import { hashString } from '../../kernel/random.ts';
import { ORIGIN, after, days } from '../../kernel/time.ts';
import type { Duration, Moment } from '../../kernel/time.ts';
import type { Calibration } from '../../model/calibration/index.ts';
import { resourceId } from '../../model/azure.ts';
import type { ComputeResource, Credential, ServicePrincipal } from '../../model/azure.ts';
import { EXCHANGE_AUDIENCE, federatedKey } from '../../model/federated-credential.ts';
import type { PrincipalRef } from '../../model/messages/arm.ts';
import { uuidOf } from '../../model/uuid.ts';
import { secretOf } from '../architecture/secret-text.ts';
import type { ApplicationDescription, IdentityDescription, ScenarioDescription, VirtualMachineDescription } from '../description.ts';
import type { FederatedDescription } from '../description/azure-start.ts';
import { nodeOfPool, scaleSetOfPool } from '../description.ts';
import type { World } from './world.ts';

/** A VM or scale set to be there at the start. */
interface Carrier {
  readonly kind: 'vm' | 'vmss';
  readonly name: string;
  readonly capacity: number;
  /**
   * Simplified: enabled unless the pool says otherwise, and the identity by which MIC signs in. AKS gives its scale sets the user-assigned
   * identity of the kubelet instead (`identities:` of the pool, and `cloudConfig`), or, for a cluster with a service principal, none.
   */
  readonly systemAssigned: 'enabled' | 'disabled';
  readonly identities: readonly string[];
}

/** Fills the Azure side of the world. */
export function fillAzure(world: World, scenario: ScenarioDescription, calibration: Calibration): void {
  for (const identity of scenario.identities) fillIdentity(world, identity, calibration);
  for (const application of scenario.applications) fillApplication(world, application, calibration);
  for (const carrier of carriersOf(scenario)) fillCarrier(world, scenario, carrier);
  for (const [n, role] of scenario.roles.entries()) {
    const id = `role-${String(n + 1).padStart(4, '0')}`;
    const principalId = principalOf(world, scenario, role.to);
    world.fill('roleAssignments', id, { id, principalId, role: role.role, scope: role.scope, createdAt: LONG_AGO });
  }
  for (const group of scenario.groups) world.fill('groups', group.objectId, group);
  for (const { of, ...claim } of scenario.claims) {
    const principalId = principalOf(world, scenario, of);
    const id = `${principalId}|${claim.claim}|${claim.audience}|${claim.value}|1`;
    world.fill('directoryClaims', id, { id, principalId, ...claim });
  }
}

/** Old enough that no propagation delay is left. Moments start at zero, so this is a moment far before it. */
const LONG_AGO = after(ORIGIN, days(-30));

function fillIdentity(world: World, identity: IdentityDescription, calibration: Calibration): void {
  const objectId = uuidOf(`principal of ${identity.id.toLowerCase()}`);
  world.fill('userAssignedIdentities', identity.id.toLowerCase(), {
    id: identity.id,
    name: identity.name,
    resourceGroup: identity.resourceGroup,
    clientId: identity.clientId,
    principalId: objectId,
  });
  const { secret, federated = [] } = identity;
  const kind = secret === undefined ? 'userAssigned' : 'application';
  const value = secretOf(identity);
  const held: Credential | undefined =
    secret === undefined
      ? undefined
      : { kind: 'secret', keyId: uuidOf(value), value, notBefore: LONG_AGO, notAfter: endOf(secret, calibration) };
  if (held !== undefined) {
    const versions = [{ value, writtenAt: LONG_AGO }];
    world.fill('clientSecrets', identity.clientId, { clientId: identity.clientId, objectId, expiresAt: held.notAfter, versions });
  }
  fillPrincipal(world, { objectId, appId: identity.clientId, kind, displayName: identity.name, resourceId: identity.id }, held);
  fillFederated(world, objectId, federated);
}

function endOf({ expiresAt }: NonNullable<IdentityDescription['secret']>, calibration: Calibration): Moment {
  return after(ORIGIN, expiresAt ?? calibration.value('secret.remaining'));
}

function fillFederated(world: World, objectId: string, federated: readonly FederatedDescription[]): void {
  for (const credential of federated) {
    const id = federatedKey(objectId, credential.name);
    const times = { createdAt: LONG_AGO, propagatedAt: LONG_AGO };
    world.fill('federatedCredentials', id, { id, principalId: objectId, ...credential, audience: EXCHANGE_AUDIENCE, ...times });
  }
}

function fillPrincipal(
  world: World,
  principal: Pick<ServicePrincipal, 'objectId' | 'appId' | 'kind' | 'displayName' | 'resourceId'>,
  held?: Credential,
): void {
  world.fill('servicePrincipals', principal.objectId, {
    ...principal,
    createdAt: LONG_AGO,
    replicatedAt: LONG_AGO,
    credentials: [
      held ?? {
        kind: 'certificate',
        keyId: uuidOf(`certificate 1 of ${principal.objectId}`),
        value: `key 1 of ${principal.objectId}`,
        notBefore: LONG_AGO,
        notAfter: after(LONG_AGO, days(90)),
      },
    ],
  });
}

/** The service principal of an application. The life of a credential that says none is that of its hash among those people choose. */
function fillApplication(world: World, application: ApplicationDescription, calibration: Calibration): void {
  const { objectId, clientId, name } = application;
  const lifeOf = (keyId: string): Duration =>
    calibration.sampleDuration('secret.lifetime', (hashString(`life of ${keyId} of ${name}`) + 0.5) / 4294967296);
  world.fill('servicePrincipals', objectId, {
    objectId,
    appId: clientId,
    kind: 'application',
    displayName: name,
    resourceId: '',
    createdAt: LONG_AGO,
    replicatedAt: LONG_AGO,
    credentials: application.credentials.map(({ notAfter, ...credential }) => ({
      ...credential,
      notAfter: notAfter ?? after(credential.notBefore, lifeOf(credential.keyId)),
    })),
  });
  fillFederated(world, objectId, application.federated);
}

function carriersOf(scenario: ScenarioDescription): readonly Carrier[] {
  const single = (vm: VirtualMachineDescription): Carrier => ({ kind: 'vm', capacity: 1, ...vm });
  const carriers: Carrier[] = scenario.virtualMachines.map(single);
  for (const set of scenario.scaleSets)
    carriers.push({
      kind: 'vmss',
      name: set.name,
      capacity: set.instances,
      systemAssigned: set.systemAssigned,
      identities: set.identities,
    });
  for (const pool of scenario.cluster?.nodePools ?? []) {
    const { kind, nodes, systemAssigned, identities } = pool;
    if (kind === 'vmss') {
      carriers.push({ kind, name: scaleSetOfPool(pool), capacity: nodes, systemAssigned, identities });
      continue;
    }
    for (let n = 0; n < nodes; n += 1) carriers.push({ kind, name: nodeOfPool(pool, n), capacity: 1, systemAssigned, identities });
  }
  return carriers;
}

/** ARM id of a VM or scale set of this scenario. */
export function computeId(scenario: ScenarioDescription, kind: 'vm' | 'vmss', name: string): string {
  const type = kind === 'vm' ? 'virtualMachines' : 'virtualMachineScaleSets';
  return resourceId({
    subscription: scenario.subscription,
    resourceGroup: scenario.resourceGroup,
    provider: 'Microsoft.Compute',
    type,
    name,
  });
}

function fillCarrier(world: World, scenario: ScenarioDescription, carrier: Carrier): void {
  const id = computeId(scenario, carrier.kind, carrier.name);
  const key = id.toLowerCase();
  const isSystem = carrier.systemAssigned === 'enabled';
  const system = { principalId: uuidOf(`principal of ${key}`), clientId: uuidOf(`client of ${key}`) };
  if (isSystem) {
    fillPrincipal(world, {
      objectId: system.principalId,
      appId: system.clientId,
      kind: 'systemAssigned',
      displayName: carrier.name,
      resourceId: id,
    });
    fillGrant(world, key, { identity: 'system', ...system });
  }
  for (const identity of carrier.identities) {
    const row = world.table('userAssignedIdentities').get(identity.toLowerCase());
    if (row !== undefined)
      fillGrant(world, key, { identity: identity.toLowerCase(), clientId: row.clientId, principalId: row.principalId });
  }
  const resource: ComputeResource = {
    kind: carrier.kind,
    id,
    name: carrier.name,
    resourceGroup: scenario.resourceGroup,
    identityType: identityTypeOf(isSystem ? 'enabled' : 'disabled', carrier.identities.length),
    userAssigned: carrier.identities,
    provisioningState: 'Succeeded',
    capacity: carrier.capacity,
    generation: 0,
    ...(isSystem ? { systemAssigned: system } : {}),
  };
  world.fill('computeResources', key, resource);
  if (carrier.kind === 'vmss') {
    world.add(
      { id: `scale-set/${carrier.name}`, kind: 'vmss' },
      { type: 'ComputeCreated', resource: key, instances: carrier.capacity, start: 'settled' },
    );
  }
}

function identityTypeOf(system: 'enabled' | 'disabled', users: number): ComputeResource['identityType'] {
  if (users === 0) return system === 'enabled' ? 'SystemAssigned' : '';
  return system === 'enabled' ? 'SystemAssigned, UserAssigned' : 'UserAssigned';
}

/** An identity that every IMDS of a resource has long seen. */
export function fillGrant(
  world: World,
  resource: string,
  grant: { readonly identity: string; readonly clientId: string; readonly principalId: string },
): void {
  world.fill('identityGrants', `${resource}|${grant.identity}`, {
    resource,
    ...grant,
    attachStartedAt: LONG_AGO,
    attachTook: 0,
    incarnation: 1,
  });
}

function principalOf(world: World, scenario: ScenarioDescription, to: PrincipalRef): string {
  if ('objectId' in to) return to.objectId;
  if ('identity' in to) return world.table('userAssignedIdentities').get(to.identity.toLowerCase())?.principalId ?? '';
  const id = computeId(scenario, to.systemAssignedOf.kind, to.systemAssignedOf.name).toLowerCase();
  return world.table('computeResources').get(id)?.systemAssigned?.principalId ?? '';
}
