/** Workload identity with an app registration in place of a user-assigned identity: trusted through Microsoft Graph, with tokens of its own life. */
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../src/scenarios/load.ts';
import { runWritten, told } from '../support/written.ts';
import type { WrittenRun } from '../support/written.ts';

const POD = `
  - at: 1m
    apply:
      - apiVersion: v1
        kind: Pod
        metadata: { name: app, labels: { azure.workload.identity/use: 'true' } }
        spec: { serviceAccountName: app, containers: [{ name: main, image: 'app:1' }] }
`;

/** One pod that asks anew each time, as an application that trusts it from the start, or by what the story says. */
function run(trust: string, story = '', overrides: Record<string, string> = {}): WrittenRun {
  return runWritten(
    `
horizon: 30m
world:
  applications: [{ name: shop${trust} }]
  services: [{ name: orders, kind: keyVault }]
  roles: [{ to: shop, role: Key Vault Secrets User, on: orders }]
  cluster:
    nodePools: [{ name: pool1, nodes: 1, images: ['app:1'] }]
    workloadIdentity: {}
    workloads:
      - { name: app, credential: workloadIdentity, client: naive, identity: shop, uses: orders, every: 1m, retryAfterDenial: never, select: { pod: app } }
story:${POD}${story}`,
    { 'entra.token.errorProb': '0', ...overrides },
  );
}

const TRUSTED = ', federated: [{ serviceAccount: default/app }]';

/** Times [s] at which the pod got a token. */
const served = (made: WrittenRun): readonly number[] => told(made, 'token-answered').map(({ at }) => at);
const refusals = (made: WrittenRun): ReadonlySet<string> => new Set(told(made, 'aad-token-refused').map(({ error }) => error));

test('an application that trusts the service account gives its pods tokens of 60 to 90 minutes, each of another life', () => {
  const made = run(TRUSTED);
  const lives = told(made, 'aad-token-issued').map(({ at, expiresAt }) => expiresAt / 1e6 - at);
  expect(lives.length).toBeGreaterThan(20);
  for (const life of lives) expect(life > 3590 && life < 5410).toBe(true);
  expect(new Set(lives.map((life) => Math.round(life))).size).toBeGreaterThan(5);
});

test('a fixed life is the knob’s, and that of managed identities has no part in it', () => {
  const made = run(TRUSTED, '', { 'wi.accessToken.lifetime.appRegistration': '75m', 'wi.accessToken.lifetime': '10h' });
  for (const { at, expiresAt } of told(made, 'aad-token-issued')) expect(Math.round(expiresAt / 1e6 - at)).toBe(4500);
});

describe('a federated credential of an application', () => {
  const PUT = '  - { at: 10m, putFederatedCredential: { application: shop, name: main, serviceAccount: default/app } }\n';
  const SOON = { 'wi.fic.propagation': '5s', 'wi.fic.divergence.prob': '0', 'wi.fic.negativeCache': '1s' };

  test('that comes late is missed until then; without any, Entra knows of no record', () => {
    const made = run('', PUT, SOON);
    expect(refusals(made)).toEqual(new Set(['AADSTS700211']));
    expect(Math.min(...served(made))).toBeGreaterThan(600);
    expect(served(made).length).toBeGreaterThan(15);
    // Microsoft Graph, not ARM.
    expect(told(made, 'arm-answered').filter(({ op }) => op === 'putFederatedCredential')).toEqual([]);
    expect(told(made, 'federated-credential-written')).toMatchObject([
      { name: 'main', what: 'created', subject: 'system:serviceaccount:default:app' },
    ]);
  });

  test('that goes is believed no more', () => {
    const made = run(
      TRUSTED.replace('[{', '[{ name: main,'),
      '  - { at: 15m, deleteFederatedCredential: { application: shop, name: main } }\n',
    );
    expect(Math.max(...served(made))).toBeLessThan(901);
    expect(refusals(made)).toEqual(new Set(['AADSTS700211']));
  });

  test('beyond the twentieth is refused', () => {
    const many = Array.from({ length: 21 }, (_, n) =>
      PUT.replace('main', `n${String(n)}`).replace('default/app', `other/n${String(n)}`),
    ).join('');
    expect(run('', many).world.table('federatedCredentials').all()).toHaveLength(20);
  });
});

test('a step names an identity or an application, not both and not none', () => {
  const text = (holder: string): string => `
question: What?
group: migration
horizon: 1m
world: { identities: [{ name: a }], applications: [{ name: b }] }
story: [{ at: 1s, putFederatedCredential: { ${holder} name: n, serviceAccount: x/y } }]`;
  const problems = (holder: string): readonly string[] => {
    const loaded = loadScenario({ path: 'x.yaml', text: text(holder), readText: () => undefined });
    return loaded.ok ? [] : loaded.problems.map(({ rule }) => rule);
  };
  expect(problems('identity: a, application: b,')).toEqual(['needs one of identity and application']);
  expect(problems('')).toEqual(['needs one of identity and application']);
  expect(problems('application: c,').join()).toContain('"c"');
  expect(problems('application: b,')).toEqual([]);
});
