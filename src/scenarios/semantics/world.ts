/** Resolves `world:`: identities, services, roles, machines and the pools of the cluster. */
import { resourceId } from '../../model/azure.ts';
import type { ServiceRow, WorkloadRow } from '../../model/workload.ts';
import { parseTaint } from '../../model/taints.ts';
import { uuidOf } from '../../model/uuid.ts';
import type {
  IdentityDescription,
  NodePoolDescription,
  RoleDescription,
  ScaleSetDescription,
  VirtualMachineDescription,
} from '../description.ts';
import type { ScenarioSource } from '../schema/scenario-schema.ts';
import type { Path } from '../text/yaml-source.ts';
import type { Scope } from './scope.ts';
import { declareApplication } from './applications.ts';
import { DEFAULT_ISSUER, federatedOf } from './federated.ts';
import type { FederatedSource } from './federated.ts';
import { clusterWorkload, machineWorkloads } from './workloads.ts';

/** World of a scenario as written. */
export type WorldSource = NonNullable<ScenarioSource['world']>;
/** A VM or scale set as written. */
export type MachineSource = NonNullable<WorldSource['virtualMachines']>[number];
/** A role assignment as written. */
export type RoleSource = NonNullable<WorldSource['roles']>[number];

type NodePoolSource = NonNullable<WorldSource['cluster']>['nodePools'][number];

/** The machines and roles of the start, and every application. */
export interface WorldReading {
  readonly roles: readonly RoleDescription[];
  readonly virtualMachines: readonly VirtualMachineDescription[];
  readonly scaleSets: readonly ScaleSetDescription[];
  readonly workloads: readonly WorkloadRow[];
}

/** Resource group of identities and services that name none. */
const DEFAULT_RESOURCE_GROUP = 'idflow';

/** Audience and ARM type of each kind of service. */
const SERVICES: Readonly<Record<ServiceRow['kind'], { readonly audience: string; readonly provider: string; readonly type: string }>> = {
  sql: { audience: 'https://database.windows.net/', provider: 'Microsoft.Sql', type: 'servers' },
  keyVault: { audience: 'https://vault.azure.net', provider: 'Microsoft.KeyVault', type: 'vaults' },
  cosmosDb: { audience: 'https://cosmos.azure.com', provider: 'Microsoft.DocumentDB', type: 'databaseAccounts' },
  arm: { audience: 'https://management.azure.com/', provider: '', type: '' },
  api: { audience: 'api://', provider: '', type: '' },
};

/** Puts identities, services and pools in scope. They come first, since everything else refers to them. */
export function declareWorld(scope: Scope, world: WorldSource): void {
  scope.issuer = world.cluster?.workloadIdentity?.issuer ?? DEFAULT_ISSUER;
  const installed = world.cluster?.podIdentity;
  scope.podIdentityMode = installed === undefined ? 'none' : (installed.mode ?? 'standard');
  for (const source of world.identities ?? []) {
    scope.identities.set(source.name, identityOf(scope, source));
    scope.identitiesAtStart.add(source.name);
  }
  for (const source of world.applications ?? []) declareApplication(scope, source);
  for (const { name, kind, appRole } of world.services ?? []) {
    const audience = kind === 'api' ? `api://${name}` : SERVICES[kind].audience;
    const wanted = appRole === undefined ? {} : { appRole };
    scope.services.set(name, { name, kind, audience, scope: serviceScope(scope, name, kind), ...wanted });
  }
  for (const [index, source] of (world.cluster?.nodePools ?? []).entries()) {
    scope.pools.set(source.name, poolOf(scope, source, ['world', 'cluster', 'nodePools', index, 'identities']));
  }
}

function poolOf(scope: Scope, source: NodePoolSource, path: Path): NodePoolDescription {
  const { name, nodes, kind = 'vmss', maxPods, images = [], systemAssigned = true, taints = [], startupTaints = [], autoscaler } = source;
  return {
    name,
    nodes,
    kind,
    systemAssigned: systemAssigned ? 'enabled' : 'disabled',
    identities: (source.identities ?? []).flatMap((identity, place) => scope.identity(identity, [...path, place])?.id ?? []),
    images,
    // Texts that are no taints have been refused by the schema.
    taints: taints.flatMap((text) => parseTaint(text) ?? []),
    startupTaints: startupTaints.flatMap((text) => parseTaint(text) ?? []),
    ...(maxPods === undefined ? {} : { maxPods }),
    ...(autoscaler === undefined ? {} : { autoscaler }),
  };
}

/** Resolves the rest of the world. */
export function readWorld(scope: Scope, world: WorldSource): WorldReading {
  const virtualMachines: VirtualMachineDescription[] = [];
  const scaleSets: ScaleSetDescription[] = [];
  const workloads: WorkloadRow[] = [];
  for (const [index, source] of (world.virtualMachines ?? []).entries()) {
    const path = ['world', 'virtualMachines', index];
    virtualMachines.push(machineOf(scope, source, path));
    workloads.push(...machineWorkloads(scope, source, 'vm', path));
  }
  for (const [index, source] of (world.scaleSets ?? []).entries()) {
    const path = ['world', 'scaleSets', index];
    scaleSets.push({ ...machineOf(scope, source, path), instances: source.instances });
    workloads.push(...machineWorkloads(scope, source, 'vmss', path));
  }
  for (const [index, source] of (world.cluster?.workloads ?? []).entries()) {
    const row = clusterWorkload(scope, source, ['world', 'cluster', 'workloads', index]);
    if (row !== undefined) workloads.push(row);
  }
  const roles = (world.roles ?? []).flatMap((source, index) => roleOf(scope, source, ['world', 'roles', index]) ?? []);
  return { roles, virtualMachines, scaleSets, workloads };
}

/** A user-assigned identity. `clientId` is what it gets if the author gave none. */
export function identityOf(
  scope: Scope,
  source: {
    readonly name: string;
    readonly clientID?: string | undefined;
    readonly resourceGroup?: string | undefined;
    readonly resourceID?: string | undefined;
    readonly federated?: readonly FederatedSource[] | undefined;
  },
  clientId = uuidOf(`client of identity ${source.name}`),
): IdentityDescription {
  const resourceGroup = source.resourceGroup ?? DEFAULT_RESOURCE_GROUP;
  const { subscription } = scope.location;
  const id = resourceId({
    subscription,
    resourceGroup,
    provider: 'Microsoft.ManagedIdentity',
    type: 'userAssignedIdentities',
    name: source.name,
  });
  const federated = source.federated === undefined ? {} : { federated: source.federated.map((one) => federatedOf(scope, one)) };
  return { name: source.name, clientId: source.clientID ?? clientId, resourceGroup, id: source.resourceID ?? id, ...federated };
}

/** A VM, or what a scale set has in common with one. */
export function machineOf(scope: Scope, source: Omit<MachineSource, 'workloads'>, path: Path): VirtualMachineDescription {
  const identities = (source.identities ?? []).flatMap((name, index) => scope.identity(name, [...path, 'identities', index])?.id ?? []);
  return { name: source.name, systemAssigned: source.systemAssigned === true ? 'enabled' : 'disabled', identities };
}

/** A role assignment. */
export function roleOf(scope: Scope, source: RoleSource, path: Path): RoleDescription | undefined {
  const to = scope.holder(source.to, [...path, 'to']);
  const on = scope.roleScope(source.on, [...path, 'on']);
  return to === undefined || on === undefined ? undefined : { to, toName: source.to, role: source.role, scope: on };
}

function serviceScope(scope: Scope, name: string, kind: ServiceRow['kind']): string {
  const { subscription } = scope.location;
  if (kind === 'arm') return `/subscriptions/${subscription}`;
  // No Azure resource: role assignments do not reach it.
  if (kind === 'api') return `api://${name}`;
  const { provider, type } = SERVICES[kind];
  return resourceId({ subscription, resourceGroup: DEFAULT_RESOURCE_GROUP, provider, type, name });
}
