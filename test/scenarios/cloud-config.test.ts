/** azure.json in a scenario: whom MIC signs in as, and its service principal's secret rotated in the right and the wrong order. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Identity } from '../../src/model/vocabulary.ts';
import type { StampedFact } from '../../src/kernel/world.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import type { LoadResult } from '../../src/scenarios/load.ts';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { worldOf } from '../support/packaged.ts';

const SIGN_IN = (key: string): object => ({ clientID: 'application:cluster.clientID', clientSecret: `application:cluster.secret.${key}` });

function load(podIdentity: object, story: readonly object[]): LoadResult {
  const world = {
    identities: [{ name: 'x' }],
    applications: [{ name: 'cluster', credentials: [{ key: 'old', expires: '300d' }] }],
    cluster: { nodePools: [{ name: 'pool1', nodes: 1 }], start: 'settled', podIdentity },
  };
  const text = stringify({ question: 'Does it work?', group: 'rotation', horizon: '5h', world, story });
  return loadScenario({ path: 'cloud-config.yaml', text, readText: () => undefined });
}

const custom = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'aadpodidentity.k8s.io/v1',
  kind,
  metadata: { name },
  spec,
});

/** A pod with an identity and a binding of its own, so that MIC has a call to make at ARM. */
const work = (at: string, name: string): object => ({
  at,
  apply: [
    custom('AzureIdentity', name, { type: 0, resourceID: 'identity:x.resourceID', clientID: 'identity:x.clientID' }),
    custom('AzureIdentityBinding', name, { azureIdentity: name, selector: name }),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { aadpodidbinding: name } },
      spec: { containers: [{ name: 'app', image: 'app:1' }] },
    },
  ],
});

interface Told {
  /** AADSTS codes of refused sign-ins, each with the minutes of the first and the last. */
  readonly refused: Readonly<Record<string, readonly [number, number]>>;
  readonly reloads: number;
  readonly statuses: readonly string[];
}

function play(story: readonly object[]): Told {
  const loaded = load({ cloudConfig: SIGN_IN('old') }, story);
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const world = worldOf(loaded.scenario);
  const refused: Record<string, [number, number]> = {};
  let reloads = 0;
  world.observe({
    onFact: ({ fact, at }: StampedFact<Identity>) => {
      if (fact.type === 'mic-cloud-config-reloaded') reloads += 1;
      if (fact.type !== 'aad-token-refused') return;
      const minute = Math.floor(at / 60e6);
      refused[fact.error] = [refused[fact.error]?.[0] ?? minute, minute];
    },
  });
  world.run();
  const assigned = world.table('azureAssignedIdentities').all();
  return { refused, reloads, statuses: assigned.map(({ metadata, status }) => `${metadata.name} ${status.status}`).sort() };
}

const ADD = (at: string): object => ({ at, rotate: { clientSecretOf: 'cluster', key: 'new' } });
const REMOVE = (at: string): object => ({ at, removeCredential: { of: 'cluster', key: 'old' } });
const WRITE = (at: string, how: string): object => ({ at, rewriteCloudConfig: { ...SIGN_IN('new'), how } });
const ALL = ['a-default-a Assigned', 'b-default-b Assigned', 'c-default-c Assigned'];

describe('the service principal of a cluster, rotated under MIC', () => {
  it('in the right order (added, written, removed) costs no call', () => {
    const told = play([work('1m', 'a'), ADD('10m'), WRITE('20m', 'write'), REMOVE('30m'), work('2h', 'b'), work('4h', 'c')]);
    expect(told).toEqual({ refused: {}, reloads: 1, statuses: ALL });
  });

  it('in the wrong order (removed first) has its sign-ins refused until the write', () => {
    const told = play([work('1m', 'a'), REMOVE('10m'), work('2h', 'b'), ADD('150m'), WRITE('160m', 'write'), work('4h', 'c')]);
    expect(Object.keys(told.refused)).toEqual(['AADSTS7000215']);
    const [first, last] = told.refused['AADSTS7000215'] ?? [0, 0];
    expect([first, last < 160, told.reloads, told.statuses]).toEqual([120, true, 1, ALL]);
  });

  it('replaced by a rename is not seen, so that calls go on failing', () => {
    const told = play([work('1m', 'a'), ADD('10m'), WRITE('20m', 'rename'), REMOVE('30m'), work('2h', 'b')]);
    expect(told.reloads).toBe(0);
    expect(told.statuses).toContain('b-default-b Created');
  });
});

describe('azure.json of a scenario', () => {
  it('names a service principal with its secret, or a managed identity, not both, and nobody who does not exist', () => {
    const rules = (cloudConfig: object, more: object = {}): string => {
      const loaded = load({ cloudConfig, ...more }, []);
      return loaded.ok ? '' : loaded.problems.map(({ rule }) => rule).join();
    };
    expect(rules(SIGN_IN('old'))).toBe('');
    expect(rules({ userAssignedIdentityID: 'identity:x.clientID' })).toBe('');
    expect(rules({ clientID: 'a' })).toContain('needs clientSecret');
    expect(rules({ ...SIGN_IN('old'), userAssignedIdentityID: 'a' })).toContain('MIC signs in as one');
    expect(rules(SIGN_IN('gone'))).toContain('has no such secret');
    expect(rules(SIGN_IN('old'), { clusterIdentity: 'x' })).toContain('the second says it all');
  });
});
