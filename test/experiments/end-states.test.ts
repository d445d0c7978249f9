/** Claim: runs of a sweep are grouped by what they leave, and the place where two kinds of runs part is the earliest that tells them apart. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { sweepText } from '../../src/cli/sweep-text.ts';
import { endStatesOf, partingOf } from '../../src/experiments/end-states.ts';
import type { Ending, PathStep } from '../../src/experiments/end-states.ts';
import { merge, NO_SHARDS, resultOf, runShard, summarize } from '../../src/experiments/sweep.ts';
import type { Moment } from '../../src/kernel/time.ts';
import { described } from '../scenarios/loading.ts';

const step = (at: number, what: string, state: string): PathStep => ({ at: at as Moment, what, state });
const ending = (text: string, ...path: readonly PathStep[]): Ending => ({ text, path });

describe('where paths part', () => {
  const usual = [step(1, 'a', 'Created'), step(2, 'b', 'Created'), step(5, 'a', 'gone')];

  test('is nowhere where only the order and the times of independent things differ', () => {
    expect(partingOf(usual, [step(1, 'b', 'Created'), step(3, 'a', 'Created'), step(9, 'a', 'gone')])).toBeUndefined();
  });

  test('is the earliest of all differences, also where one path just ends', () => {
    const here = [step(1, 'a', 'Created'), step(3, 'b', 'Failed'), step(4, 'c', 'Created')];
    expect(partingOf(usual, here)).toEqual({ atUs: 2, what: 'b', usually: 'Created', here: 'Failed' });
    expect(partingOf(usual, usual.slice(0, 2))).toEqual({ atUs: 5, what: 'a', usually: 'gone', here: 'no change' });
  });
});

test('end states come with how often they occur, the most common first, whatever the order of the runs', () => {
  const runs = [
    { index: 2, ending: ending('clean', step(1, 'a', 'gone')) },
    { index: 0, ending: ending('left', step(1, 'a', 'stays')) },
    { index: 1, ending: ending('clean', step(2, 'a', 'gone')) },
  ];
  expect(endStatesOf(runs)).toEqual([
    { text: 'clean', seeds: 2, first: 2, parts: null },
    { text: 'left', seeds: 1, first: 0, parts: { atUs: 1, what: 'a', usually: 'gone', here: 'stays' } },
  ]);
});

/** ARM fails half of all operations on machines. */
const text = stringify({
  question: 'Is the identity on the scale set in the end?',
  group: 'deletion',
  horizon: '5m',
  world: {
    identities: [{ name: 'app-id' }],
    scaleSets: [{ name: 'app', instances: 1 }],
    parameters: { 'vmss.operation.failProb': 'Bern(0.5)' },
  },
  story: [{ at: '1m', assignIdentity: { identity: 'app-id', to: 'vmss:app' } }],
  expect: [{ measure: 'identities.left.count >= 0' }],
});

test('a sweep tells apart the seeds under which ARM fails', () => {
  const plan = { scenario: described(text), overrides: {}, seed: 's', replications: 6 };
  const shards = Array.from({ length: 6 }, (_, index) => runShard(plan, index));
  const { endStates } = summarize(shards.map(resultOf).reduce(merge, NO_SHARDS));
  const attached = shards.filter(({ ending: { path } }) =>
    path.some(({ what, state }) => what === 'app-id on app' && state === 'attached'),
  );
  expect(attached.length).toBeGreaterThan(0);
  expect(attached.length).toBeLessThan(6);
  expect(Object.fromEntries(endStates.map(({ text, seeds }) => [text, seeds]))).toEqual({
    'identities on machines: 1': attached.length,
    'nothing is there': 6 - attached.length,
  });
  const [usual, other] = endStates;
  expect(usual?.parts).toBeNull();
  expect(other?.parts).toMatchObject({ what: 'app-id on app' });
  expect(other?.parts?.atUs).toBeGreaterThan(60_000_000);
  const look = { plan, host: { color: 'none' as const, columns: 100 }, detail: 'plain' as const, commandOf: String, command: 'again' };
  const lines = sweepText(summarize(shards.map(resultOf).reduce(merge, NO_SHARDS)), look).split('\n');
  const at = lines.indexOf('End states');
  expect(lines[at + 1]).toBe(`  ${String(usual?.seeds)} of 6: ${usual?.text ?? ''}`);
  expect(lines[at + 3]).toMatch(/^ {4}parts at 00:0\d:[\d.]+: app-id on app: \w+.*, usually \w+/u);
});

/** Pods of a Deployment: no two seeds have their names in common. */
const named = stringify({
  question: 'What is assigned?',
  group: 'deletion',
  horizon: '4m',
  world: {
    identities: [{ name: 'app-id' }],
    cluster: {
      start: 'settled',
      nodePools: [{ name: 'pool1', nodes: 1, images: ['app:1'] }],
      podIdentity: {},
      workloads: [{ name: 'app', identity: 'app-id', resource: 'https://vault.azure.net', select: { deployment: 'app' } }],
    },
  },
  story: [
    {
      at: '1m',
      apply: [
        {
          apiVersion: 'aadpodidentity.k8s.io/v1',
          kind: 'AzureIdentity',
          metadata: { name: 'app' },
          spec: { type: 0, resourceID: 'identity:app-id.resourceID', clientID: 'identity:app-id.clientID' },
        },
        {
          apiVersion: 'aadpodidentity.k8s.io/v1',
          kind: 'AzureIdentityBinding',
          metadata: { name: 'app' },
          spec: { azureIdentity: 'app', selector: 'app' },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'app' },
          spec: {
            replicas: 2,
            selector: { matchLabels: { app: 'app' } },
            template: {
              metadata: { labels: { app: 'app', aadpodidbinding: 'app' } },
              spec: { containers: [{ name: 'c', image: 'app:1' }] },
            },
          },
        },
      ],
    },
  ],
  expect: [{ measure: 'identities.left.count >= 0' }],
});

test('pods that a controller names are followed by whose they are: two seeds that do the same do not part', () => {
  const plan = { scenario: described(named), overrides: { 'vmss.patch.duration.serverSide': '20s' }, seed: 's', replications: 2 };
  const [one, other] = [0, 1].map((index) => runShard(plan, index).ending.path);
  const assigned = one?.filter(({ what }) => what.startsWith('AzureAssignedIdentity')) ?? [];
  expect(assigned.map(({ what, state }) => `${what.replace(/app-\w+$/u, 'app-HASH')}: ${state}`).sort()).toEqual([
    'AzureAssignedIdentity of app for pod 1 of ReplicaSet default/app-HASH: Assigned',
    'AzureAssignedIdentity of app for pod 1 of ReplicaSet default/app-HASH: Created',
    'AzureAssignedIdentity of app for pod 2 of ReplicaSet default/app-HASH: Assigned',
    'AzureAssignedIdentity of app for pod 2 of ReplicaSet default/app-HASH: Created',
  ]);
  expect(partingOf(one ?? [], other ?? [])).toBeUndefined();
});
