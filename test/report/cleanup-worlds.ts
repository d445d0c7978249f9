/** Worlds for each kind of deletion: one in which something is left, and one in which nothing is. The compiler wants the table whole. */
import { seconds } from '../../src/kernel/time.ts';
import type { Moment } from '../../src/kernel/time.ts';
import type { IdentityGrant, RoleAssignment } from '../../src/model/azure.ts';
import type { DirectoryClaim } from '../../src/model/directory.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import type { DeletionKind } from '../../src/report/document/index.ts';
import { azureIdentity, CLIENT, fact, node, OBJECT, pod, principal, READER, role, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const DAY = 86_400_000_000;
/** IMDS hands out no token of its cache that ends within five minutes. */
export const KEPT = DAY - 300_000_000;
export const RESOURCE = SCALE_SET.toLowerCase();
const AUDIENCE = 'https://database.windows.net/';

const servedByImds: Fact = {
  type: 'imds-answered',
  vm: 'node-a',
  request: 'r1',
  sender: 'default/web',
  status: 200,
  clientId: CLIENT,
  objectId: OBJECT,
  resource: AUDIENCE,
  isCached: false,
  error: '',
};
/** A stay of `reader` at whose end the IMDS of `node-a` keeps, or drops, its token, after another stay: nine in ten drop it. */
export function stayThat(does: 'keeps' | 'drops', from = 1): number {
  const { simulation } = scriptedRun([]);
  const drawn = (n: number): number => simulation.drawAt('imds.unassign.cachedTokenDropped', `imds/node-a|${READER.toLowerCase()}`, n);
  const found = Array.from({ length: 200 }, (_, n) => n + from).find((n) => drawn(n) === (does === 'drops' ? 1 : 0));
  if (found === undefined) throw new Error(`no stay whose token it ${does}`);
  return found;
}

/** Key of the grant of `reader`. */
export const GRANT = `${RESOURCE}|${READER.toLowerCase()}`;

/** `reader` on the scale set, in a stay at whose end the IMDS of `node-a` keeps its token. */
export function grantOf(more: Partial<IdentityGrant> = {}): IdentityGrant {
  return {
    resource: RESOURCE,
    identity: READER.toLowerCase(),
    clientId: CLIENT,
    principalId: OBJECT,
    attachStartedAt: 0 as Moment,
    attachTook: 0,
    incarnation: stayThat('keeps'),
    ...more,
  };
}

/** The settled world, and what IMDS knows of it. */
export function cleanWorld(): ReturnType<typeof settledWorld> & { readonly identityGrants: Readonly<Record<string, IdentityGrant>> } {
  return { ...settledWorld(), identityGrants: { [GRANT]: grantOf() } };
}

/** `web` has a token for a day, and so has the IMDS of its machine. */
export const token = states(1, fact.issued('uti-r1', DAY), fact.asked('r1'), servedByImds, fact.answered('r1'));
const assignedGone = writes(5, 'azureAssignedIdentities', { 'default/web-default-reader': undefined });
const detached = writes(30, 'computeResources', { [RESOURCE]: scaleSet([]) });
const podTold = writes(10, 'pods', { 'default/web': pod('web', { deleted: 1 }) });
const bindingGone = writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined });
const identityGone = writes(1, 'azureIdentities', { 'default/reader': undefined });
const nodeGone = writes(1, 'nodes', { 'node-a': undefined });
const principalGone = writes(1, 'servicePrincipals', { [OBJECT]: principal({ deletedAt: 3_000_000 as Moment }) });

const space = { kind: 'Namespace' as const, metadata: { ...azureIdentity().metadata, namespace: '', name: 'default' } };
const withSpace: Filling = { ...cleanWorld(), namespaces: { default: space } };
const spaceTold = writes(1, 'namespaces', {
  default: { ...space, metadata: { ...space.metadata, deletionTimestamp: 1 as Moment } },
});
const podGone = writes(1, 'pods', { 'default/web': undefined });

const system = { principalId: 'sp-system', clientId: 'app-system' };
const systemPrincipal = principal({ objectId: 'sp-system', appId: 'app-system', kind: 'systemAssigned', resourceId: SCALE_SET });
const systemGone = writes(1, 'servicePrincipals', { 'sp-system': undefined });
const machines = (kind: 'vmss' | 'vm'): Filling => ({
  ...cleanWorld(),
  computeResources: { [RESOURCE]: scaleSet([], { kind, systemAssigned: system }) },
  servicePrincipals: { 'sp-system': systemPrincipal },
  roleAssignments: {},
  azureAssignedIdentities: {},
});
const machineGone = [writes(1, 'virtualMachines', { 'node-a': undefined }), writes(1, 'computeResources', { [RESOURCE]: undefined })];

const services = { db: { name: 'db', kind: 'sql' as const, audience: AUDIENCE, scope: role().scope } };
const accessed = states(60, fact.accessed('default/web'));
const roleGone = writes(1, 'roleAssignments', { 'role-1': role({ deletedAt: 1_000_000 as Moment }) });
const claim = (more: Partial<DirectoryClaim>): DirectoryClaim => ({
  id: 'claim-1',
  principalId: OBJECT,
  claim: 'groups',
  value: 'group-1',
  audience: '',
  ...more,
});
const removal = { from: 1_000_000 as Moment, until: 1_000_000 as Moment };
const withGroup: Filling = {
  ...cleanWorld(),
  services,
  groups: { 'group-1': { objectId: 'group-1', name: 'readers' } },
  directoryClaims: { 'claim-1': claim({}) },
  roleAssignments: { 'role-1': role({ principalId: 'group-1' }) },
};
const ofApp = { claim: 'roles', value: 'Orders.Read', audience: 'api://orders' } as const;
const withAppRole: Filling = {
  ...cleanWorld(),
  services: { db: { name: 'db', kind: 'api' as const, audience: 'api://orders', scope: '/orders', appRole: 'Orders.Read' } },
  directoryClaims: { 'claim-1': claim(ofApp) },
  roleAssignments: {},
};

/** In one event the scale set begins to go, the identity is gone, or both, and ARM says what it was asked for. */
function wholeGone(op: 'deleteResourceGroup' | 'deleteCluster', goes: readonly ('machines' | 'identity')[]): Step {
  return {
    after: seconds(1),
    act: (turn) => {
      if (goes.includes('machines')) turn.table('computeResources').put(RESOURCE, scaleSet([READER], { provisioningState: 'Deleting' }));
      if (goes.includes('identity')) turn.table('userAssignedIdentities').delete(READER.toLowerCase());
      const about = { client: 'operator', resource: 'resourceGroup/rg', error: '', retryAfter: seconds(0) };
      turn.fact({ type: 'arm-answered', op, status: 202, ...about });
    },
  };
}
const issuer = 'https://oidc.example/cluster';
const withIssuer: Filling = {
  ...cleanWorld(),
  workloadIdentity: { workloadIdentity: { issuer, webhook: 'present' } },
  federatedCredentials: {
    'f-1': {
      id: 'f-1',
      principalId: OBJECT,
      name: 'web',
      issuer,
      subject: 'system:serviceaccount:default:web',
      audience: 'api://AzureADTokenExchange',
      createdAt: 0 as Moment,
      propagatedAt: 0 as Moment,
      missingFrom: 0,
    },
  },
};
const without = (...what: readonly (keyof Filling)[]): Filling => ({
  ...cleanWorld(),
  ...Object.fromEntries(what.map((name) => [name, {}])),
});
const noRoles: Record<string, RoleAssignment> = {};

/** What is there, and what happens. */
export interface World {
  readonly fill?: Filling;
  readonly steps: readonly Step[];
}

/** `left`: what is left when nobody cleans up, as `kind state until`. */
export const PAIRS: Readonly<
  Record<DeletionKind, { readonly shows: World & { readonly left: readonly string[] }; readonly spares: World }>
> = {
  pod: {
    shows: {
      steps: [token, podTold],
      left: [
        'assignedIdentity left for good',
        'grant left for good',
        `imdsCredential lingersByDesign ${KEPT}`,
        `liveToken lingersByDesign ${DAY}`,
      ],
    },
    spares: { steps: [podTold, assignedGone, detached] },
  },
  azureIdentityBinding: {
    shows: {
      steps: [token, bindingGone, assignedGone],
      left: ['grant left for good', `imdsCredential lingersByDesign ${KEPT}`, `liveToken lingersByDesign ${DAY}`],
    },
    spares: { steps: [bindingGone, assignedGone, detached] },
  },
  azureIdentity: {
    shows: {
      steps: [token, identityGone, assignedGone, detached],
      left: [`imdsCredential lingersByDesign ${KEPT}`, `liveToken lingersByDesign ${DAY}`],
    },
    spares: { steps: [identityGone, assignedGone, detached] },
  },
  node: {
    shows: {
      steps: [token, nodeGone, podGone],
      left: [
        'assignedIdentity left for good',
        'grant left for good',
        `imdsCredential lingersByDesign ${KEPT}`,
        `liveToken lingersByDesign ${DAY}`,
      ],
    },
    spares: { fill: { ...cleanWorld(), nodes: { 'node-a': node('node-a') } }, steps: [nodeGone, assignedGone, detached] },
  },
  scaleSet: {
    shows: {
      fill: { ...machines('vmss'), roleAssignments: { 'role-1': role({ principalId: 'sp-system' }) } },
      steps: machineGone,
      left: ['servicePrincipal left for good', 'roleAssignment lingersByDesign for good'],
    },
    spares: { fill: machines('vmss'), steps: [...machineGone, systemGone] },
  },
  vm: {
    shows: { fill: machines('vm'), steps: machineGone, left: ['servicePrincipal left for good'] },
    spares: { fill: machines('vm'), steps: [...machineGone, systemGone] },
  },
  managedIdentity: {
    shows: {
      steps: [token, writes(1, 'userAssignedIdentities', { [READER.toLowerCase()]: undefined }), principalGone],
      left: [
        'roleAssignment lingersByDesign for good',
        `imdsCredential lingersByDesign ${KEPT}`,
        `liveToken lingersByDesign ${DAY}`,
        'danglingReference lingersByDesign for good',
      ],
    },
    spares: {
      fill: { ...without('azureAssignedIdentities'), computeResources: { [RESOURCE]: scaleSet([]) }, roleAssignments: noRoles },
      steps: [writes(1, 'userAssignedIdentities', { [READER.toLowerCase()]: undefined }), principalGone],
    },
  },
  roleAssignment: {
    shows: { fill: { ...cleanWorld(), services }, steps: [roleGone, accessed], left: ['acceptedAccess lingersByDesign 61000000'] },
    spares: { fill: { ...cleanWorld(), services }, steps: [roleGone, states(60, fact.accessed('default/web', { status: 403 }))] },
  },
  groupMembership: {
    shows: {
      fill: withGroup,
      steps: [writes(1, 'directoryClaims', { 'claim-1': claim({ removal }) }), accessed],
      left: ['acceptedAccess lingersByDesign 61000000'],
    },
    spares: { fill: withGroup, steps: [writes(1, 'directoryClaims', { 'claim-1': claim({ removal }) })] },
  },
  appRole: {
    shows: {
      fill: withAppRole,
      steps: [writes(1, 'directoryClaims', { 'claim-1': claim({ ...ofApp, removal }) }), accessed],
      left: ['acceptedAccess lingersByDesign 61000000'],
    },
    spares: { fill: withAppRole, steps: [writes(1, 'directoryClaims', { 'claim-1': claim({ ...ofApp, removal }) })] },
  },
  namespace: {
    shows: {
      fill: withSpace,
      steps: [token, spaceTold, identityGone, bindingGone, podGone, assignedGone, detached],
      left: [`imdsCredential lingersByDesign ${KEPT}`, `liveToken lingersByDesign ${DAY}`],
    },
    spares: { fill: withSpace, steps: [spaceTold, identityGone, bindingGone, podGone, assignedGone, detached] },
  },
  resourceGroup: {
    shows: {
      steps: [token, wholeGone('deleteResourceGroup', ['identity']), principalGone],
      left: [
        'roleAssignment lingersByDesign for good',
        `imdsCredential lingersByDesign ${KEPT}`,
        `liveToken lingersByDesign ${DAY}`,
        'danglingReference lingersByDesign for good',
      ],
    },
    spares: {
      fill: { ...without('azureAssignedIdentities', 'roleAssignments'), computeResources: { [RESOURCE]: scaleSet([READER]) } },
      steps: [wholeGone('deleteResourceGroup', ['machines', 'identity']), ...machineGone, principalGone],
    },
  },
  cluster: {
    shows: {
      fill: withIssuer,
      steps: [token, wholeGone('deleteCluster', ['machines']), writes(1, 'computeResources', { [RESOURCE]: undefined })],
      left: [
        'machine left for good',
        'roleAssignment lingersByDesign for good',
        'federatedCredential lingersByDesign for good',
        `liveToken lingersByDesign ${DAY}`,
      ],
    },
    spares: { fill: without('roleAssignments'), steps: [wholeGone('deleteCluster', ['machines']), ...machineGone] },
  },
};
