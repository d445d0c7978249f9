/**
 * For each kind of deletion a pair: a world in which something is left, with the moment until which it can be misused, and one in which
 * nothing is. Method: runs written by hand, and a table that the compiler wants whole.
 */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import { deletionKind } from '../../src/report/document/correctness.ts';
import type { DeletionKind, DeletionSection } from '../../src/report/document/index.ts';
import { KEPT, PAIRS, RESOURCE, token } from './cleanup-worlds.ts';
import type { World } from './cleanup-worlds.ts';
import { assigned, CLIENT, OBJECT, pod, READER, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Step } from './scripted-run.ts';

function deletionOf(kind: DeletionKind, { fill = settledWorld(), steps }: World): DeletionSection {
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

/** A stay of `reader` at whose end the IMDS of `node-a` keeps, or drops, its token: nine in ten drop it. */
function incarnationThat(does: 'keeps' | 'drops'): number {
  const { simulation } = scriptedRun([]);
  const drawn = (n: number): number => simulation.drawAt('imds.unassign.cachedTokenDropped', `imds/node-a|${READER.toLowerCase()}`, n);
  const found = Array.from({ length: 200 }, (_, n) => n + 1).find((n) => drawn(n) === (does === 'drops' ? 1 : 0));
  if (found === undefined) throw new Error(`no incarnation ${does} its token`);
  return found;
}

test.each(['keeps', 'drops'] as const)('a token that IMDS %s as its identity comes off is told of accordingly', (does) => {
  const name = `${RESOURCE}|${READER.toLowerCase()}`;
  const grant = { resource: RESOURCE, identity: READER.toLowerCase(), clientId: CLIENT, principalId: OBJECT };
  const row = { ...grant, attachStartedAt: 0 as Moment, attachTook: 0, incarnation: incarnationThat(does) };
  const steps = [
    token,
    writes(1, 'pods', { 'default/web': pod('web', { deleted: 1 }) }),
    writes(1, 'azureAssignedIdentities', { 'default/web-default-reader': undefined }),
    writes(1, 'pods', { 'default/web': undefined }),
    writes(1, 'azureIdentityBindings', { 'default/reader-binding': undefined }),
    writes(1, 'identityGrants', { [name]: { ...row, detachedAt: 2_000_000 as Moment } }),
  ];
  const { left, deletions } = scriptedRun(steps, {
    fill: { ...settledWorld(), identityGrants: { [name]: row } },
  }).report().cleanup;
  const kept = does === 'keeps' ? 1 : 0;
  expect(left.imdsCredentials).toBe(kept);
  expect(deletions[0]?.items.filter(({ kind }) => kind === 'imdsCredential')).toHaveLength(kept);
});

test('a token that IMDS keeps is left once its identity is off the machine, until five minutes before its end', () => {
  const grant = { resource: RESOURCE, identity: READER.toLowerCase(), clientId: CLIENT, principalId: OBJECT };
  const row = { ...grant, attachStartedAt: 0 as Moment, attachTook: 0, incarnation: incarnationThat('keeps') };
  const fill = { ...settledWorld(), identityGrants: { [`${RESOURCE}|${READER.toLowerCase()}`]: row } };
  const off = writes(1, 'identityGrants', { [`${RESOURCE}|${READER.toLowerCase()}`]: { ...row, detachedAt: 2_000_000 as Moment } });
  const leftOf = (steps: readonly Step[]): unknown => scriptedRun(steps, { fill }).report().cleanup;
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
