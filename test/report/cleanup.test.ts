/** Cleanup: what every deletion leads to, when it was gone, and what is left. */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import { renderText } from '../../src/report/terminal/index.ts';
import type { CleanupSection, DeletionSection } from '../../src/report/document/index.ts';
import { assigned, azureIdentity, fact, node, OBJECT, pod, principal, READER, role, SCALE_SET, scaleSet, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const RESOURCE = SCALE_SET.toLowerCase();
const KEY = 'default/web-default-reader';
const told = writes(10, 'pods', { 'default/web': pod('web', { deleted: 1 }) });
const assignedGone = writes(5, 'azureAssignedIdentities', { [KEY]: undefined });
const detached = writes(30, 'computeResources', { [RESOURCE]: scaleSet([]) });

function cleanupOf(steps: readonly Step[], fill: Filling = settledWorld()): CleanupSection {
  return scriptedRun(steps, { fill }).report().cleanup;
}

/** Items of the only deletion as `kind state`. */
function items(deletion: DeletionSection | undefined): readonly string[] {
  return (deletion?.items ?? []).map(({ kind, state }) => `${kind} ${state}`);
}

describe('a deleted pod', () => {
  test('takes its AzureAssignedIdentity and the unused identity along: complete after 35 s', () => {
    const { deletions, kinds, left, took } = cleanupOf([told, assignedGone, detached]);
    expect(deletions).toHaveLength(1);
    expect(deletions[0]).toMatchObject({
      kind: 'pod',
      name: 'default/web',
      verdict: 'complete',
      tookUs: 35_000_000,
      place: { atUs: 10_000_000 },
    });
    expect(items(deletions[0])).toEqual(['assignedIdentity gone', 'grant gone']);
    expect(kinds).toMatchObject([{ kind: 'pod', deletions: 1, complete: 1, incomplete: 0 }]);
    expect(took?.p50Us).toBe(35_000_000);
    expect(left).toEqual({ assignedIdentities: 0, grants: 0, servicePrincipals: 0, roleAssignments: 0, imdsCredentials: 0, liveTokens: 0 });
  });

  test('is incomplete while its identity stays on the scale set', () => {
    const { deletions, left, leftExamples } = cleanupOf([told, assignedGone]);
    expect(deletions[0]).toMatchObject({ verdict: 'incomplete', tookUs: null });
    expect(items(deletions[0])).toEqual(['assignedIdentity gone', 'grant left']);
    expect(left.grants).toBe(1);
    expect(leftExamples).toEqual([{ kind: 'grants', what: 'reader on pool', note: 'no pod there uses it', untilUs: null }]);
  });

  test('says of each thing by when it is gone where all is healthy, and how late it was', () => {
    const other = { ...settledWorld(), azureAssignedIdentities: { [KEY]: assigned('web', 'Assigned') } };
    const dues = (steps: readonly Step[], fill: Filling = other): readonly (readonly [string, number | null, number | null])[] =>
      cleanupOf(steps, fill).deletions[0]?.items.map(({ kind, dueUs, goneAtUs }) => [kind, dueUs, goneAtUs] as const) ?? [];
    const due = 10_000_000 + 1_200_000_000;
    expect(dues([told, assignedGone])).toEqual([
      ['assignedIdentity', due, 15_000_000],
      ['grant', due, null],
    ]);
    const day = 86_400_000_000;
    const token = states(0, fact.issued('uti-r1', day), fact.asked('r1'), fact.answered('r1'));
    const shared = {
      ...other,
      pods: { ...other.pods, 'default/api': pod('api') },
      azureAssignedIdentities: { ...other.azureAssignedIdentities, 'default/api-default-reader': assigned('api', 'Assigned') },
    };
    expect(dues([token, told], shared)).toEqual([
      ['assignedIdentity', due, null],
      ['grant', null, null],
      ['liveToken', null, null],
    ]);
  });

  test('reads in words what became of each thing, and whether that was in time', () => {
    const linesOf = (steps: readonly Step[]): readonly string[] =>
      renderText(scriptedRun(steps, { fill: settledWorld() }).report(), { verbose: true, columns: 120 })
        .split('\n')
        .filter((line) => /^ {4}- (?:AzureAssignedIdentity|identity) /u.test(line))
        .map((line) => line.trim());
    const late = writes(1201, 'computeResources', { [RESOURCE]: scaleSet([]) });
    expect(linesOf([told, assignedGone, late])).toEqual([
      '- AzureAssignedIdentity default/web-default-reader: gone after 5.0 s',
      '- identity reader on pool: gone after 20 min 06 s, 6.0 s late',
    ]);
    expect(linesOf([told, states(1199)])).toEqual([
      '- AzureAssignedIdentity default/web-default-reader: left, due by 00:20:10.0',
      '- identity reader on pool: left, due by 00:20:10.0',
    ]);
    expect(linesOf([told, states(1201)])[1]).toBe('- identity reader on pool: left, overdue since 00:20:10.0');
  });

  test('is incomplete again when its identity comes back to the scale set though nobody uses it, until it goes once more', () => {
    const back = writes(5, 'computeResources', { [RESOURCE]: scaleSet([READER]) });
    const { deletions, left, kinds, took } = cleanupOf([told, assignedGone, detached, back]);
    expect(items(deletions[0])).toEqual(['assignedIdentity gone', 'grant left']);
    expect(deletions[0]).toMatchObject({ verdict: 'incomplete', tookUs: null });
    expect(kinds).toMatchObject([{ kind: 'pod', deletions: 1, complete: 0, incomplete: 1 }]);
    expect(left.grants).toBe(1);
    expect(took).toBeNull();
    const again = cleanupOf([told, assignedGone, detached, back, detached]);
    expect(again.deletions).toMatchObject([{ verdict: 'complete', tookUs: 70_000_000 }]);
    const once = { count: 1, minUs: 70_000_000, p50Us: 70_000_000, maxUs: 70_000_000 };
    expect(again.took).toMatchObject(once);
    expect(again.kinds).toMatchObject([{ kind: 'pod', deletions: 1, complete: 1, incomplete: 0, took: once }]);
  });

  test('stays complete when its identity comes back for another pod', () => {
    const next = writes(1, 'azureAssignedIdentities', { 'default/next-default-reader': assigned('next', 'Created') });
    const pods = writes(1, 'pods', { 'default/next': pod('next') });
    const back = writes(5, 'computeResources', { [RESOURCE]: scaleSet([READER]) });
    const { deletions, took } = cleanupOf([told, assignedGone, detached, pods, next, back]);
    expect(deletions).toMatchObject([{ verdict: 'complete', tookUs: 35_000_000 }]);
    expect(took).toMatchObject({ count: 1, maxUs: 35_000_000 });
  });

  test('leaves the identity where another pod needs it', () => {
    const world = settledWorld();
    const fill = {
      ...world,
      pods: { ...world.pods, 'default/other': pod('other') },
      azureAssignedIdentities: { ...world.azureAssignedIdentities, 'default/other-default-reader': assigned('other', 'Assigned') },
    };
    const { deletions, left } = cleanupOf([told, assignedGone], fill);
    expect(items(deletions[0])).toEqual(['assignedIdentity gone', 'grant notDue']);
    expect(deletions[0]?.verdict).toBe('complete');
    expect(left.grants).toBe(0);
  });

  test('whose successor comes before the identity was taken off leaves it for that one', () => {
    const { deletions } = cleanupOf([
      told,
      assignedGone,
      writes(1, 'pods', { 'default/next': pod('next') }),
      writes(1, 'azureAssignedIdentities', { 'default/next-default-reader': assigned('next', 'Created') }),
    ]);
    expect(deletions[0]?.items[1]).toMatchObject({ kind: 'grant', state: 'notDue', note: 'needed again by a new pod there' });
    expect(deletions[0]?.verdict).toBe('complete');
  });

  test('leaves a token that works until it expires: by design', () => {
    const day = 86_400_000_000;
    const token = states(1, fact.issued('uti-r1', day), fact.asked('r1'), fact.answered('r1'));
    const { deletions, kinds } = cleanupOf([token, told, assignedGone, detached]);
    expect(deletions[0]?.verdict).toBe('lingersByDesign');
    expect(deletions[0]?.items.at(-1)).toMatchObject({
      kind: 'liveToken',
      state: 'lingersByDesign',
      note: 'no token is ever called back; works for another 23 h 59 min',
    });
    expect(kinds[0]).toMatchObject({ complete: 0, lingersByDesign: 1, took: { p50Us: 35_000_000 } });
  });

  test('counts from the moment it was told to go, once', () => {
    const { deletions } = cleanupOf([told, writes(1, 'pods', { 'default/web': undefined }), assignedGone, detached]);
    expect(deletions.map(({ place }) => place.atUs)).toEqual([10_000_000]);
  });
});

describe('other Kubernetes objects', () => {
  test('a binding, an AzureIdentity and a node each take the AzureAssignedIdentities along', () => {
    for (const [kind, step] of [
      ['azureIdentityBinding', writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined })],
      ['azureIdentity', writes(1, 'azureIdentities', { 'default/reader': undefined })],
      ['node', writes(1, 'nodes', { 'node-a': undefined })],
    ] as const) {
      const { deletions } = cleanupOf([step, assignedGone]);
      expect(deletions[0]).toMatchObject({ kind, verdict: expect.any(String) as string });
      expect(items(deletions[0])[0]).toBe('assignedIdentity gone');
    }
  });

  test('a node whose row goes at once leaves its identity on the scale set, and that is incomplete', () => {
    const gone = [writes(1, 'nodes', { 'node-a': undefined }), writes(0, 'virtualMachines', { 'node-a': undefined }), assignedGone];
    const { deletions } = cleanupOf(gone);
    expect(items(deletions[0])).toEqual(['assignedIdentity gone', 'grant left']);
    expect(deletions[0]?.verdict).toBe('incomplete');
  });

  test('a namespace is gone with its pods, its identities, their AzureAssignedIdentities, and what only these had on machines', () => {
    const space = { kind: 'Namespace' as const, metadata: { ...azureIdentity().metadata, namespace: '', name: 'default' } };
    const fill = { ...settledWorld(), namespaces: { default: space } };
    const steps = [
      writes(1, 'namespaces', { default: { ...space, metadata: { ...space.metadata, deletionTimestamp: 1 as Moment } } }),
      writes(1, 'azureIdentities', { 'default/reader': undefined }),
      writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined }),
      writes(1, 'pods', { 'default/web': undefined }),
    ];
    const whole = (steps: readonly Step[]): DeletionSection | undefined =>
      cleanupOf(steps, fill).deletions.find(({ kind }) => kind === 'namespace');
    expect(whole(steps)).toMatchObject({ verdict: 'incomplete' });
    expect(whole([...steps, assignedGone])).toMatchObject({ verdict: 'incomplete' });
    expect(whole([...steps, assignedGone, detached])).toMatchObject({ verdict: 'complete', tookUs: 38_000_000 });
  });
});

describe('Azure resources', () => {
  const system = { principalId: 'sp-system', clientId: 'app-system' };
  const systemPrincipal = principal({ objectId: 'sp-system', appId: 'app-system', kind: 'systemAssigned', resourceId: SCALE_SET });
  const fill: Filling = {
    ...settledWorld(),
    computeResources: { [RESOURCE]: scaleSet([], { systemAssigned: system }) },
    servicePrincipals: { 'sp-system': systemPrincipal },
    roleAssignments: { 'role-1': role({ principalId: 'sp-system' }) },
    azureAssignedIdentities: {},
  };

  test('a scale set takes its machines and its system-assigned principal along; the role assignment stays by design', () => {
    const { deletions, left } = cleanupOf(
      [
        writes(1, 'computeResources', { [RESOURCE]: scaleSet([], { systemAssigned: system, provisioningState: 'Deleting' }) }),
        writes(20, 'virtualMachines', { 'node-a': undefined }),
        writes(1, 'computeResources', { [RESOURCE]: undefined }),
        writes(2, 'servicePrincipals', { 'sp-system': undefined }),
      ],
      fill,
    );
    expect(deletions).toHaveLength(1);
    expect(deletions[0]).toMatchObject({ kind: 'scaleSet', name: 'pool', verdict: 'lingersByDesign', tookUs: 23_000_000 });
    expect(items(deletions[0])).toEqual(['machine gone', 'servicePrincipal gone', 'roleAssignment lingersByDesign']);
    expect(left).toMatchObject({ servicePrincipals: 0, roleAssignments: 1 });
  });

  test('a principal that outlives its machine is left', () => {
    const { left, deletions } = cleanupOf(
      [writes(1, 'virtualMachines', { 'node-a': undefined }), writes(1, 'computeResources', { [RESOURCE]: undefined })],
      fill,
    );
    expect(left.servicePrincipals).toBe(1);
    expect(deletions[0]?.verdict).toBe('incomplete');
  });

  test('a managed identity leaves its references, role assignments and tokens behind; tokens count while they work', () => {
    const steps = [
      states(1, fact.issued('uti-1', 3_600_000_000)),
      writes(1, 'userAssignedIdentities', { [READER.toLowerCase()]: undefined }),
      writes(4, 'servicePrincipals', { [OBJECT]: principal({ deletedAt: 6_000_000 as Moment }) }),
    ];
    const { deletions, left } = cleanupOf(steps);
    expect(deletions[0]).toMatchObject({ kind: 'managedIdentity', name: 'reader', verdict: 'lingersByDesign', tookUs: 4_000_000 });
    expect(items(deletions[0])).toEqual([
      'servicePrincipal gone',
      'roleAssignment lingersByDesign',
      'liveToken lingersByDesign',
      'danglingReference lingersByDesign',
    ]);
    expect(left).toMatchObject({ roleAssignments: 1, liveTokens: 1 });
    expect(cleanupOf([...steps, states(3_600)]).left.liveTokens).toBe(0);
  });

  test('a removed role assignment that still let two accesses in says for how long', () => {
    const services = { db: { name: 'db', kind: 'sql' as const, audience: '', scope: role().scope } };
    const steps = [
      writes(1, 'roleAssignments', { 'role-1': role({ deletedAt: 1_000_000 as Moment }) }),
      states(60, fact.accessed('default/web')),
      states(60, fact.accessed('default/web'), fact.accessed('default/web', { objectId: 'someone-else' })),
      states(60, fact.accessed('default/web', { status: 403 })),
    ];
    const { deletions } = cleanupOf(steps, { ...settledWorld(), services });
    expect(deletions[0]).toMatchObject({ kind: 'roleAssignment', verdict: 'lingersByDesign' });
    expect(deletions[0]?.items).toEqual([
      {
        kind: 'acceptedAccess',
        what: '2 accesses let in after the removal',
        state: 'lingersByDesign',
        dueUs: null,
        goneAtUs: 121_000_000,
        untilUs: 121_000_000,
        note: 'the last after 2 min: services learn of a removal late',
      },
    ]);
  });
});

test('of 150 clean deletions 100 are shown whole and all are counted', () => {
  const names = Array.from({ length: 150 }, (_, index) => `web-${index}`);
  const world = settledWorld();
  const fill = {
    ...world,
    nodes: { 'node-a': node('node-a') },
    pods: Object.fromEntries(names.map((name) => [`default/${name}`, pod(name)])),
    azureAssignedIdentities: Object.fromEntries(names.map((name) => [`default/${name}-default-reader`, assigned(name, 'Assigned')])),
  };
  const { deletions, notShown, kinds } = cleanupOf(
    [
      writes(1, 'pods', Object.fromEntries(names.map((name) => [`default/${name}`, pod(name, { deleted: 1 })]))),
      writes(1, 'azureAssignedIdentities', Object.fromEntries(names.map((name) => [`default/${name}-default-reader`, undefined]))),
      writes(1, 'computeResources', { [RESOURCE]: scaleSet([]) }),
    ],
    fill,
  );
  expect([deletions.length, notShown]).toEqual([100, 50]);
  expect(kinds).toMatchObject([{ kind: 'pod', deletions: 150, complete: 150, incomplete: 0, took: { count: 150 } }]);
});
