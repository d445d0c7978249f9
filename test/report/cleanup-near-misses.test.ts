/**
 * What comes close to a deletion, to something that has to go, or to an end, and is none; and the names that things have in a report.
 * Method: runs written by hand, from the settled world.
 */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import type { DirectoryClaim } from '../../src/model/directory.ts';
import type { CleanupItem, CleanupSection } from '../../src/report/document/index.ts';
import { cleanWorld, GRANT, grantOf, RESOURCE, token } from './cleanup-worlds.ts';
import {
  assigned,
  azureIdentity,
  binding,
  CLIENT,
  fact,
  node,
  OBJECT,
  pod,
  principal,
  READER,
  role,
  scaleSet,
  settings,
} from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const KEY = 'default/web-default-reader';
const WEB = 'default/web';
const told = writes(1, 'pods', { [WEB]: pod('web', { deleted: 1 }) });
const podGone = writes(1, 'pods', { [WEB]: undefined });
const world = cleanWorld();

function cleanupOf(steps: readonly Step[], fill: Filling = world): CleanupSection {
  return scriptedRun(steps, { fill }).report().cleanup;
}

function names(steps: readonly Step[], fill: Filling = world): readonly string[] {
  return cleanupOf(steps, fill).deletions.map(({ kind, name, place }) => `${kind} ${name}${place.pod === '' ? '' : ` at ${place.pod}`}`);
}

/** Items of the first deletion as `kind state: what (note)`. */
function itemsOf(steps: readonly Step[], fill: Filling = world): readonly string[] {
  const text = ({ kind, state, what, note }: CleanupItem): string => `${kind} ${state}: ${what}${note === '' ? '' : ` (${note})`}`;
  return cleanupOf(steps, fill).deletions[0]?.items.map(text) ?? [];
}

const gone = { deletedAt: 1_000_000 as Moment };
const claim = (more: Partial<DirectoryClaim> = {}): DirectoryClaim => {
  return { id: 'claim-1', principalId: OBJECT, claim: 'groups', value: 'group-1', audience: '', ...more };
};
const removal = { from: 1_000_000 as Moment, until: 1_000_000 as Moment };
const renamed = <T extends { readonly metadata: object }>(object: T): T => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '2' },
});

describe('a deletion', () => {
  test('begins once, and bears the names that people know', () => {
    expect(names([told, podGone])).toEqual(['pod default/web at default/web']);
    const space = { kind: 'Namespace' as const, metadata: { ...azureIdentity().metadata, namespace: '', name: 'default' } };
    const going = { ...space, metadata: { ...space.metadata, deletionTimestamp: 1 as Moment } };
    const withSpace = { ...world, namespaces: { default: space } };
    expect(names([writes(1, 'namespaces', { default: going }), writes(1, 'namespaces', { default: undefined })], withSpace)).toEqual([
      'namespace default',
    ]);
    const deleting = writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER], { provisioningState: 'Deleting' }) });
    expect(names([deleting, writes(1, 'computeResources', { [RESOURCE]: undefined })])).toEqual(['scaleSet pool']);
  });

  test('of a role assignment names its principal or group, and is the end of one that was in force', () => {
    const deleted = writes(1, 'roleAssignments', { 'role-1': role(gone) });
    expect(names([deleted, writes(1, 'roleAssignments', { 'role-1': undefined })])).toEqual(['roleAssignment Reader on db for reader']);
    expect(names([writes(1, 'roleAssignments', { 'role-1': undefined })])).toEqual(['roleAssignment Reader on db for reader']);
    const ofGroup = {
      ...world,
      groups: { g: { objectId: 'g', name: 'readers' } },
      roleAssignments: { 'role-1': role({ principalId: 'g' }) },
    };
    expect(names([writes(1, 'roleAssignments', { 'role-1': undefined })], ofGroup)).toEqual(['roleAssignment Reader on db for readers']);
    const other = [writes(1, 'roleAssignments', { 'role-1': role({ role: 'Owner' }) }), writes(1, 'roleAssignments', { 'role-2': role() })];
    expect(names(other)).toEqual([]);
  });

  test('of a membership or an application role names who had what', () => {
    const withClaims = {
      ...world,
      groups: { 'group-1': { objectId: 'group-1', name: 'readers' } },
      directoryClaims: { 'claim-1': claim() },
    };
    const lost = writes(1, 'directoryClaims', { 'claim-1': claim({ removal }) });
    expect(names([lost, writes(1, 'directoryClaims', { 'claim-1': undefined })], withClaims)).toEqual([
      'groupMembership reader in readers',
    ]);
    const ofApp = { claim: 'roles', value: 'Orders.Read', audience: 'api://orders' } as const;
    const appRole = { ...world, directoryClaims: { 'claim-1': claim(ofApp) } };
    expect(names([writes(1, 'directoryClaims', { 'claim-1': claim({ ...ofApp, removal }) })], appRole)).toEqual([
      'appRole Orders.Read on api://orders for reader',
    ]);
    expect(
      names([writes(1, 'directoryClaims', { 'claim-2': claim({ id: 'claim-2' }), 'claim-1': claim({ audience: 'x' }) })], withClaims),
    ).toEqual([]);
  });

  test('is no change, and no beginning, of an object', () => {
    const changes = [
      writes(1, 'pods', { [WEB]: renamed(pod('web')), 'default/new': pod('new') }),
      writes(1, 'azureIdentityBindings', { 'default/reader-binding': renamed(binding()), 'default/other': binding() }),
      writes(1, 'azureIdentities', { 'default/reader': renamed(azureIdentity()), 'default/other': azureIdentity() }),
      writes(1, 'nodes', { 'node-a': renamed(node('node-a')), 'node-b': node('node-b') }),
      writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER], { capacity: 2 }), other: scaleSet([]) }),
      writes(1, 'userAssignedIdentities', { other: { id: 'other', name: 'other', resourceGroup: 'rg', clientId: 'c', principalId: 'p' } }),
    ];
    expect(names(changes)).toEqual([]);
  });
});

describe('what has to go', () => {
  const api = assigned('api', 'Assigned');
  const both: Filling = {
    ...world,
    pods: { [WEB]: pod('web'), 'default/api': pod('api') },
    azureAssignedIdentities: { [KEY]: assigned('web', 'Assigned'), 'default/api-default-reader': api },
  };
  const bindingGone = writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined });

  test('is an identity on a machine once, for all that stood on it', () => {
    expect(itemsOf([bindingGone], both)).toEqual([
      'assignedIdentity left: default/web-default-reader',
      'grant left: reader on pool',
      'assignedIdentity left: default/api-default-reader',
    ]);
  });

  test('is no identity that the machine has not, that another pod uses, or that MIC is told never to remove', () => {
    expect(itemsOf([told], { ...world, computeResources: { [RESOURCE]: scaleSet([]) } })).toEqual([
      'assignedIdentity left: default/web-default-reader',
    ]);
    expect(itemsOf([told], both)[1]).toBe('grant notDue: reader on pool (still used there, by default/api for one)');
    const immutable = { ...world, settings: { podIdentity: settings({ immutableClientIds: [CLIENT] }) } };
    expect(itemsOf([told], immutable)[1]).toBe('grant notDue: reader on pool (immutable: MIC never removes it)');
    expect(cleanupOf([told], immutable).left.grants).toBe(0);
  });

  test('is nothing that another binding or another AzureIdentity gave the same pod', () => {
    const spec = {
      ...assigned('web', 'Assigned').spec,
      azureIdentityRef: { ...azureIdentity(), metadata: { ...azureIdentity().metadata, name: 'other' } },
      azureBindingRef: { ...binding(), metadata: { ...binding().metadata, name: 'other-binding' } },
    };
    const two = {
      ...world,
      azureAssignedIdentities: { [KEY]: assigned('web', 'Assigned'), 'default/second': { ...assigned('web', 'Assigned'), spec } },
    };
    const assignedOf = (steps: readonly Step[]): readonly string[] =>
      itemsOf(steps, two).filter((text) => text.startsWith('assignedIdentity'));
    expect(assignedOf([bindingGone])).toEqual(['assignedIdentity left: default/web-default-reader']);
    expect(assignedOf([writes(1, 'azureIdentities', { 'default/reader': undefined })])).toEqual([
      'assignedIdentity left: default/web-default-reader',
    ]);
  });

  test('with a namespace, is each of its objects by kind and name', () => {
    const space = { kind: 'Namespace' as const, metadata: { ...azureIdentity().metadata, namespace: '', name: 'default' } };
    const going = { ...space, metadata: { ...space.metadata, deletionTimestamp: 1 as Moment } };
    expect(itemsOf([writes(1, 'namespaces', { default: going })], { ...world, namespaces: { default: space } }).slice(0, 3)).toEqual([
      'object left: Pod default/web',
      'object left: AzureIdentity default/reader',
      'object left: AzureIdentityBinding default/reader-binding',
    ]);
  });

  test('need not go after all where a pod of the same name takes it over, or somebody uses it again', () => {
    const again = writes(1, 'pods', { [WEB]: pod('web') });
    expect(itemsOf([told, podGone, again])).toEqual([
      'assignedIdentity notDue: default/web-default-reader (taken over by a pod of the same name)',
      'grant notDue: reader on pool (used again there, by default/web for one)',
    ]);
    const unbound = { ...world, pods: { [WEB]: pod('web') }, azureIdentityBindings: {} };
    expect(itemsOf([told, podGone, again], unbound).map((text) => text.split(':')[0])).toEqual(['assignedIdentity left', 'grant left']);
  });

  test('is not needed again by an assignment that nothing needs', () => {
    const assignedGone = writes(1, 'azureAssignedIdentities', { [KEY]: undefined });
    const useless = writes(1, 'azureAssignedIdentities', { 'default/nobody-default-reader': assigned('nobody', 'Created') });
    expect(itemsOf([told, assignedGone, useless])[1]).toBe('grant left: reader on pool');
  });
});

describe('what is left in the world', () => {
  test('is no principal of an application, of an identity or machine that is there, or one that is deleted', () => {
    const principals = {
      [OBJECT]: principal(),
      app: principal({ objectId: 'app', kind: 'application', resourceId: '' }),
      dead: principal({ objectId: 'dead', resourceId: 'nowhere', ...gone }),
      left: principal({ objectId: 'left', displayName: 'old', resourceId: 'nowhere' }),
      machine: principal({ objectId: 'machine', displayName: 'vm', kind: 'systemAssigned', resourceId: RESOURCE }),
    };
    const { left, leftExamples } = cleanupOf([states(1)], { ...world, servicePrincipals: principals });
    expect(left.servicePrincipals).toBe(2);
    expect(leftExamples.map(({ what }) => what)).toEqual(['old (left)', 'vm (machine)']);
  });

  test('is no role assignment that is deleted, of a group, or of a principal that lives', () => {
    const roles = {
      own: role(),
      deleted: role({ id: 'deleted', principalId: 'nobody', ...gone }),
      group: role({ id: 'group', principalId: 'g' }),
      left: role({ id: 'left', principalId: 'nobody', role: 'Owner' }),
    };
    const { leftExamples } = cleanupOf([states(1)], {
      ...world,
      groups: { g: { objectId: 'g', name: 'readers' } },
      roleAssignments: roles,
    });
    expect(leftExamples).toEqual([
      { kind: 'roleAssignments', what: 'Owner on db', note: 'its principal nobody is gone; Azure keeps it', untilUs: null },
    ]);
  });

  test('are tokens as long as they work, and their principal by name', () => {
    const dead = writes(1, 'servicePrincipals', { [OBJECT]: principal(gone) });
    const issued = states(1, fact.issued('uti-1', 100_000_000), fact.issued('uti-2', 100_000_000, { objectId: 'other' }));
    const fill = {
      ...world,
      identityGrants: {},
      roleAssignments: {},
      servicePrincipals: { ...world.servicePrincipals, other: principal({ objectId: 'other' }) },
    };
    expect(cleanupOf([issued, dead, states(48)], fill).leftExamples).toEqual([
      { kind: 'liveTokens', what: 'uti-1', note: 'its principal reader is gone; works for another 50.0 s', untilUs: 100_000_000 },
    ]);
    expect(cleanupOf([issued, dead, states(98)], fill).left.liveTokens).toBe(0);
  });

  test('is at most twenty examples of a kind, and the deletions stand in the order of time', () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`r-${n}`, role({ id: `r-${n}`, principalId: 'nobody' })]));
    const { left, leftExamples } = cleanupOf([states(1)], { ...world, roleAssignments: many });
    expect([left.roleAssignments, leftExamples.length]).toEqual([25, 20]);
    const steps = [writes(1, 'roleAssignments', { 'role-1': undefined }), told];
    expect(names(steps)).toEqual(['roleAssignment Reader on db for reader', 'pod default/web at default/web']);
  });
});

describe('what lingers in the cache of an IMDS', () => {
  const kept = (steps: readonly Step[], fill: Filling = world): readonly string[] =>
    itemsOf(steps, fill).filter((text) => text.startsWith('imdsCredential'));
  const deleted = writes(1, 'userAssignedIdentities', { [READER.toLowerCase()]: undefined });

  test('is told with the number of machines, and of tokens', () => {
    expect(kept([token, told])[0]).toMatch(/^imdsCredential lingersByDesign: tokens of reader in the IMDS of 1 machine \(/u);
    expect(itemsOf([token, told]).at(-1)).toMatch(/^liveToken lingersByDesign: 1 issued token \(/u);
  });

  test('is nothing of another principal, of machines that go, or of an identity that another pod keeps there', () => {
    const second = { ...principal({ objectId: 'other', displayName: 'other' }) };
    const other = writes(1, 'userAssignedIdentities', { other: undefined });
    const rows = {
      ...world.userAssignedIdentities,
      other: { id: 'other', name: 'other', resourceGroup: 'rg', clientId: 'c', principalId: 'other' },
    };
    const fill = { ...world, userAssignedIdentities: rows, servicePrincipals: { ...world.servicePrincipals, other: second } };
    expect(kept([token, other], fill)).toEqual([]);
    const going = writes(1, 'computeResources', { [RESOURCE]: scaleSet([READER], { provisioningState: 'Deleting' }) });
    expect(
      cleanupOf([token, going, deleted])
        .deletions.at(-1)
        ?.items.map(({ kind }) => kind),
    ).not.toContain('imdsCredential');
    expect(kept([token, writes(1, 'virtualMachines', { 'node-a': undefined }), deleted])).toEqual([]);
    const shared = {
      ...world,
      pods: { [WEB]: pod('web'), 'default/api': pod('api') },
      azureAssignedIdentities: { [KEY]: assigned('web', 'Assigned'), 'default/api-default-reader': assigned('api', 'Assigned') },
    };
    expect(kept([token, told], shared)).toEqual([]);
    expect(kept([token, deleted], { ...world, identityGrants: { [GRANT]: grantOf({ principalId: 'sp-new' }) } })).toEqual([]);
  });
});
