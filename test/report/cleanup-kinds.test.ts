/**
 * For each kind of deletion a pair: a world in which something is left, with the moment until which it can be misused, and one in which
 * nothing is. Method: runs written by hand, and a table that the compiler wants whole.
 */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import { deletionKind } from '../../src/report/document/correctness.ts';
import type { DeletionKind, DeletionSection } from '../../src/report/document/index.ts';
import { cleanWorld, GRANT, grantOf, KEPT, PAIRS, stayThat, token } from './cleanup-worlds.ts';
import type { World } from './cleanup-worlds.ts';
import { assigned, OBJECT, pod, principal, READER, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

function deletionOf(kind: DeletionKind, { fill = cleanWorld(), steps }: World): DeletionSection {
  const found = scriptedRun(steps, { fill })
    .report()
    .cleanup.deletions.filter((deletion) => deletion.kind === kind);
  expect(found).toHaveLength(1);
  const [deletion] = found;
  if (deletion === undefined) throw new Error(`no deletion of a ${kind}`);
  return deletion;
}

describe.each(deletionKind.options)('a deleted %s', (kind) => {
  const { shows, spares } = PAIRS[kind];

  test('leaves what nobody cleans up, and the report says until when it can be misused', () => {
    const { verdict, items } = deletionOf(kind, shows);
    const there = items.filter(({ state }) => state === 'left' || state === 'lingersByDesign');
    expect(there.map(({ kind: item, state, untilUs }) => `${item} ${state} ${untilUs === null ? 'for good' : String(untilUs)}`)).toEqual(
      shows.left,
    );
    expect(verdict).toBe(there.some(({ state }) => state === 'left') ? 'incomplete' : 'lingersByDesign');
  });

  test('leaves nothing where all that hung on it goes', () => {
    const { verdict, items } = deletionOf(kind, spares);
    expect(items.filter(({ state }) => state !== 'gone')).toEqual([]);
    expect(verdict).toBe('complete');
  });
});

/** After its token `web` and its binding go, and so does the identity, on and off the machine as often as it is said. */
function comingOff(stays: readonly { readonly incarnation: number; readonly isOver: boolean }[]): readonly Step[] {
  return [
    token,
    writes(1, 'pods', { 'default/web': pod('web', { deleted: 1 }) }),
    writes(1, 'azureAssignedIdentities', { 'default/web-default-reader': undefined }),
    writes(1, 'pods', { 'default/web': undefined }),
    writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined }),
    ...stays.map(({ incarnation, isOver }) =>
      writes(1, 'identityGrants', { [GRANT]: grantOf({ incarnation, ...(isOver ? { detachedAt: 2_000_000 as Moment } : {}) }) }),
    ),
  ];
}

test.each(['keeps', 'drops'] as const)('a token that IMDS %s as its identity comes off is told of accordingly', (does) => {
  const incarnation = stayThat(does);
  const fill = { ...cleanWorld(), identityGrants: { [GRANT]: grantOf({ incarnation }) } };
  const { left, deletions } = scriptedRun(comingOff([{ incarnation, isOver: true }]), { fill }).report().cleanup;
  const kept = does === 'keeps' ? 1 : 0;
  expect(left.imdsCredentials).toBe(kept);
  expect(deletions[0]?.items.filter(({ kind }) => kind === 'imdsCredential')).toHaveLength(kept);
});

describe('a token of an identity that came off more than once', () => {
  const drops = stayThat('drops');
  const keepsLater = stayThat('keeps', drops + 1);
  const fill = (incarnation: number): Filling => ({ ...cleanWorld(), identityGrants: { [GRANT]: grantOf({ incarnation }) } });

  test('is gone if any of the removals emptied the cache, whatever the last one did', () => {
    const steps = comingOff([
      { incarnation: drops, isOver: true },
      { incarnation: keepsLater, isOver: false },
      { incarnation: keepsLater, isOver: true },
    ]);
    expect(scriptedRun(steps, { fill: fill(drops) }).report().cleanup.left.imdsCredentials).toBe(0);
  });

  test('is there if it was handed out after the removal that emptied the cache', () => {
    const steps = comingOff([{ incarnation: keepsLater, isOver: true }]);
    expect(scriptedRun(steps, { fill: fill(keepsLater) }).report().cleanup.left.imdsCredentials).toBe(1);
  });

  test('of which the deletion of a pod tells, is gone where an earlier stay ended so', () => {
    const back = [
      writes(1, 'identityGrants', { [GRANT]: grantOf({ incarnation: keepsLater }) }),
      writes(1, 'pods', { 'default/web': undefined }),
    ];
    const itemsAfter = (from: number): number =>
      scriptedRun([token, ...back], { fill: fill(from) })
        .report()
        .cleanup.deletions[0]?.items.filter(({ kind }) => kind === 'imdsCredential').length ?? -1;
    expect([itemsAfter(drops), itemsAfter(keepsLater)]).toEqual([0, 1]);
  });

  test('is gone where the machine knows another identity by that name', () => {
    const steps = comingOff([{ incarnation: keepsLater, isOver: true }]);
    const renamed = writes(1, 'identityGrants', { [GRANT]: grantOf({ principalId: 'sp-new', incarnation: keepsLater + 1 }) });
    expect(scriptedRun([...steps, renamed], { fill: fill(keepsLater) }).report().cleanup.left.imdsCredentials).toBe(0);
  });
});

test('tokens that lingered in IMDS are out of reach once a later removal emptied its cache', () => {
  const gone = writes(1, 'userAssignedIdentities', { [READER.toLowerCase()]: undefined });
  const off = (incarnation: number): Step =>
    writes(1, 'identityGrants', { [GRANT]: grantOf({ incarnation, detachedAt: 2_000_000 as Moment }) });
  const itemAfter = (incarnation: number, ...more: readonly Step[]): unknown =>
    scriptedRun([token, gone, ...more], { fill: { ...cleanWorld(), identityGrants: { [GRANT]: grantOf({ incarnation }) } } })
      .report()
      .cleanup.deletions[0]?.items.find(({ kind }) => kind === 'imdsCredential');
  const [drops, keeps] = [stayThat('drops'), stayThat('keeps')];
  expect(itemAfter(drops)).toMatchObject({ state: 'lingersByDesign', untilUs: KEPT });
  expect(itemAfter(drops, off(drops))).toMatchObject({ state: 'gone', goneAtUs: null, note: 'out of reach by the end of the run' });
  expect(itemAfter(keeps, off(keeps))).toMatchObject({ state: 'lingersByDesign', untilUs: KEPT });
});

test('a token of a deleted identity is left where it stays on its machine, and nothing came off', () => {
  const steps = [token, writes(1, 'servicePrincipals', { [OBJECT]: principal({ deletedAt: 2_000_000 as Moment }) })];
  const fill = { ...cleanWorld(), identityGrants: { [GRANT]: grantOf({ incarnation: stayThat('drops') }) } };
  expect(
    scriptedRun(steps, { fill })
      .report()
      .cleanup.leftExamples.find(({ kind }) => kind === 'imdsCredentials'),
  ).toMatchObject({
    what: 'token of reader at node-a',
    note: expect.stringMatching(/^its identity is gone; IMDS may hand it out for another /u) as string,
  });
});

test('a token that IMDS keeps is left once its identity is off the machine, until five minutes before its end', () => {
  const off = writes(1, 'identityGrants', { [GRANT]: grantOf({ detachedAt: 2_000_000 as Moment }) });
  const leftOf = (steps: readonly Step[]): unknown => scriptedRun(steps, { fill: cleanWorld() }).report().cleanup;
  expect(leftOf([token])).toMatchObject({ left: { imdsCredentials: 0 } });
  expect(leftOf([token, off])).toMatchObject({
    left: { imdsCredentials: 1 },
    leftExamples: [{ kind: 'imdsCredentials', what: 'token of reader at node-a', untilUs: KEPT }],
  });
  expect(leftOf([token, off, states(KEPT / 1_000_000)])).toMatchObject({ left: { imdsCredentials: 0 } });
  expect(leftOf([token, off, writes(1, 'virtualMachines', { 'node-a': undefined })])).toMatchObject({ left: { imdsCredentials: 0 } });
});

test('an AzureAssignedIdentity outlives its pod, and nothing ends that', () => {
  const fill = { ...settledWorld(), azureAssignedIdentities: { 'default/old-default-reader': assigned('old', 'Assigned') } };
  expect(scriptedRun([states(1)], { fill }).report().cleanup).toMatchObject({
    left: { assignedIdentities: 1, grants: 1 },
    leftExamples: [
      { kind: 'assignedIdentities', what: 'old-default-reader', note: 'default/old is gone', untilUs: null },
      { kind: 'grants', what: 'reader on pool', note: 'no pod there uses it', untilUs: null },
    ],
  });
});
