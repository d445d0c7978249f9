/** Applications in a scenario: declared, referred to, rotated, and used by NMI in the place of an identity. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { StampedFact } from '../../src/kernel/world.ts';
import { ORIGIN, before, days, hours } from '../../src/kernel/time.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import type { LoadResult } from '../../src/scenarios/load.ts';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { worldOf } from '../support/packaged.ts';

function load(parts: { readonly world?: object; readonly story?: readonly object[]; readonly horizon?: string }): LoadResult {
  const { world = {}, story = [], horizon = '3h' } = parts;
  const text = stringify({ question: 'Does it work?', group: 'rotation', horizon, world, story });
  return loadScenario({ path: 'applications.yaml', text, readText: () => undefined });
}

const problemsOf = (loaded: LoadResult): readonly string[] => (loaded.ok ? [] : loaded.problems.map(({ rule }) => rule));

const SECRET = (data: string): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'sp' },
  stringData: { clientSecret: data },
});

const OBJECTS: readonly object[] = [
  SECRET('application:billing.secret'),
  {
    apiVersion: 'aadpodidentity.k8s.io/v1',
    kind: 'AzureIdentity',
    metadata: { name: 'billing' },
    spec: { type: 1, tenantID: 't', clientID: 'application:billing.clientID', clientPassword: { name: 'sp', namespace: 'default' } },
  },
  {
    apiVersion: 'aadpodidentity.k8s.io/v1',
    kind: 'AzureIdentityBinding',
    metadata: { name: 'billing' },
    spec: { azureIdentity: 'billing', selector: 'billing' },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', labels: { aadpodidbinding: 'billing' } },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
  },
];

const WORLD = {
  services: [{ name: 'vault', kind: 'keyVault' }],
  roles: [{ to: 'billing', role: 'Key Vault Secrets User', on: 'vault' }],
  cluster: {
    nodePools: [{ name: 'pool1', nodes: 1 }],
    podIdentity: {},
    workloads: [
      { name: 'app', client: 'naive', identity: 'billing', uses: 'vault', every: '1m', retryAfterDenial: '1m', select: { pod: 'app' } },
    ],
  },
};

/** Answers of Entra for the application, by code or `issued KEY`, each once with the minute of its first. */
function told(loaded: LoadResult): ReadonlyMap<string, number> {
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const world = worldOf(loaded.scenario);
  const seen = new Map<string, number>();
  const note = (what: string, { at }: StampedFact<Identity>): void => {
    if (!seen.has(what)) seen.set(what, at / 60e6);
  };
  world.observe({
    onFact: (stamped) => {
      const { fact } = stamped;
      if (fact.type === 'aad-token-issued') note(`issued ${fact.keyId}`, stamped);
      if (fact.type === 'aad-token-refused') note(fact.error, stamped);
      if (fact.type === 'service-answered') note(`vault ${String(fact.status)}`, stamped);
    },
  });
  world.run();
  return seen;
}

describe('an application of a scenario', () => {
  it('has one secret from long ago unless it says otherwise; times before the start carry a minus', () => {
    const credentials = [
      { key: 'c1', kind: 'certificate', value: 'my key', notBefore: '-3d', expires: '2h' },
      { key: 's1', expires: '-1h' },
    ];
    const loaded = load({ world: { applications: [{ name: 'plain' }, { name: 'rich', credentials }] } });
    const [plain, rich] = loaded.ok ? loaded.scenario.applications : [];
    expect(plain?.credentials).toMatchObject([{ kind: 'secret', keyId: 'key1', notBefore: before(ORIGIN, days(30)) }]);
    expect(rich?.credentials).toMatchObject([
      { kind: 'certificate', value: 'my key', notBefore: before(ORIGIN, days(3)), notAfter: hours(2) },
      { kind: 'secret', notAfter: before(ORIGIN, hours(1)) },
    ]);
  });

  it('gets its tokens through NMI with its secret; expired, it is refused with AADSTS7000222; a rotation and its Secret mend that', () => {
    const applications = [{ name: 'billing', credentials: [{ key: 'first', expires: '1h' }] }];
    const story = [
      { at: '1m', apply: OBJECTS },
      { at: '90m', rotate: { clientSecretOf: 'billing', key: 'second', others: 'removed' } },
      { at: '2h', apply: [SECRET('application:billing.secret.second')] },
    ];
    const seen = told(load({ world: { ...WORLD, applications }, story }));
    expect(seen.get('vault 200')).toBeLessThan(10);
    expect(seen.get('AADSTS7000222')).toBeGreaterThanOrEqual(60);
    expect(seen.get('AADSTS7000222')).toBeLessThan(63);
    expect(seen.get('AADSTS7000215')).toBeGreaterThan(90);
    expect(seen.get('issued second')).toBeGreaterThan(120);
    expect(seen.get('issued second')).toBeLessThan(123);
  });

  it('that nobody declared, or whose key nobody made, is a problem at its place', () => {
    const world = { applications: [{ name: 'billing' }] };
    expect(problemsOf(load({ world, story: [{ at: '1m', rotate: { clientSecretOf: 'biling' } }] })).join()).toContain('billing');
    expect(problemsOf(load({ world, story: [{ at: '1m', removeCredential: { of: 'billing', key: 'key2' } }] })).join()).toContain('key1');
    expect(problemsOf(load({ world, story: [{ at: '1m', roll: { credentialOf: 'billing' } }] })).join()).toContain('rotate');
    const cluster = { nodePools: [] };
    const apply = (data: string): LoadResult => load({ world: { ...world, cluster }, story: [{ at: '1m', apply: [SECRET(data)] }] });
    expect(problemsOf(apply('application:billing.secret.key1'))).toEqual([]);
    expect(problemsOf(apply('application:billing.secret.key9')).join()).toContain('has no such secret');
    expect(problemsOf(apply('application:billing.colour')).join()).toContain('clientID');
  });
});
