/** The MIC actor does what the real controller was recorded to do: one recording for each theme and template of the open set. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { judge } from './judgement.ts';
import type { Snapshot, Vector } from './vector.ts';

const file = path.join(import.meta.dirname, '..', 'cases', 'differential', 'recordings.json');
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[];

describe('recordings', () => {
  test('52 recordings cover 19 themes and 31 templates', () => {
    const tags = new Set(vectors.flatMap((vector) => vector.tags));
    const count = (prefix: string): number => [...tags].filter((tag) => tag.startsWith(prefix)).length;
    expect([vectors.length, count('theme:'), count('template:')]).toEqual([52, 19, 31]);
  });

  test.each(vectors)('$id is reproduced', (vector) => {
    expect(judge(vector)).toEqual({ verdict: 'passed' });
  });
});

describe('a recording that says something else is noticed', () => {
  const sample = vectors.find(({ expect: snapshots }) =>
    snapshots?.some(({ armCalls, assignedIdentities, events }) => armCalls.length * assignedIdentities.length * events.length > 0),
  );
  const bend = (change: (snapshot: Snapshot) => Snapshot): Vector | undefined =>
    sample && {
      ...sample,
      expect: sample.expect?.map((snapshot, index, all) => (index === all.length - 1 ? change(snapshot) : snapshot)) ?? [],
    };

  test.each<[string, (snapshot: Snapshot) => Snapshot]>([
    [
      'assignedIdentities',
      (seen) => ({ ...seen, assignedIdentities: [...seen.assignedIdentities, ...seen.assignedIdentities.slice(0, 1), NOBODY] }),
    ],
    ['armResources', (seen) => ({ ...seen, armResources: seen.armResources.map((one) => ({ ...one, ids: [...one.ids, 'x'] })) })],
    ['armCalls', (seen) => ({ ...seen, armCalls: [...seen.armCalls, { kind: 'VirtualMachine', name: 'nobody', calls: [] }] })],
    ['crdCalls', (seen) => ({ ...seen, crdCalls: { ...seen.crdCalls, create: seen.crdCalls.create + 1 } })],
    ['events', (seen) => ({ ...seen, events: [...seen.events, { type: 'Normal', reason: 'x', regarding: 'y' }] })],
  ])('in %s', (field, change) => {
    const bent = bend(change);
    expect(bent && judge(bent)).toMatchObject({ verdict: 'failed', text: expect.stringContaining(`, ${field}: expected`) as string });
  });
});

const NOBODY = {
  namespace: '',
  name: '',
  pod: '',
  podNamespace: '',
  node: '',
  identity: '',
  binding: '',
  resourceID: '',
  status: '',
  nodenameLabel: '',
} as const;
