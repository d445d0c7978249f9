/** The webhook of workload identity: who gets credentials at admission, and what becomes of pods that came while it was away (WI-04). */
import { describe, expect, test } from 'vitest';
import { runWritten, told } from '../support/written.ts';
import type { WrittenRun } from '../support/written.ts';

const WORLD = `
world:
  identities:
    - { name: shop-id, clientID: 11111111-0000-4000-8000-000000000001, federated: [{ serviceAccount: default/shop }] }
  services: [{ name: vault, kind: keyVault }]
  roles: [{ to: shop-id, role: Key Vault Secrets User, on: vault }]
  cluster:
    nodePools: [{ name: pool1, nodes: 3, images: ['registry.example/app:1'] }]
    workloadIdentity: {}
    workloads:
      - { name: shop, credential: CREDENTIAL, uses: vault, select: { labels: { app: shop } } }
`;

const pod = (name: string, more = "azure.workload.identity/use: 'true'", annotations = '{}'): string => `
      - apiVersion: v1
        kind: Pod
        metadata: { name: ${name}, labels: { app: shop, ${more} }, annotations: ${annotations} }
        spec: { serviceAccountName: shop, containers: [{ name: main, image: 'registry.example/app:1' }] }`;

const ACCOUNT = `
      - apiVersion: v1
        kind: ServiceAccount
        metadata: { name: shop, annotations: { azure.workload.identity/client-id: 11111111-0000-4000-8000-000000000001 } }`;

function run(story: string, how: { readonly credential?: string; readonly overrides?: Record<string, string> } = {}): WrittenRun {
  const { credential = 'workloadIdentity', overrides = {} } = how;
  return runWritten(`horizon: 30m\n${WORLD.replace('CREDENTIAL', credential)}\nstory:\n${story}`, overrides);
}

const served = (made: WrittenRun): readonly string[] =>
  told(made, 'token-answered').flatMap(({ isFirst, pod: name, servedBy }) => (isFirst ? [`${name} by ${servedBy}`] : []));

describe('a pod with the label', () => {
  const made = run(`  - at: 1m\n    apply:${ACCOUNT}${pod('one')}`);
  const [stored] = made.world.table('pods').by('namespace', 'default');

  test('is given the environment and the projected token, and signs in with the client id of its service account', () => {
    expect(stored?.spec.projectedToken).toEqual({ audience: 'api://AzureADTokenExchange', life: 3_600_000_000 });
    expect(stored?.spec.containers[0]?.env).toMatchObject({ AZURE_CLIENT_ID: '11111111-0000-4000-8000-000000000001' });
    expect(served(made)).toEqual(['default/one by aad']);
    expect(told(made, 'aad-token-issued')[0]).toMatchObject({ federatedSubject: 'system:serviceaccount:default:shop' });
  });

  test('is stored only when the webhook has answered', () => {
    const slow = run(`  - at: 1m\n    apply:${ACCOUNT}${pod('one')}`, { overrides: { 'wi.webhook.latency': '3s' } });
    const begun = (of: WrittenRun): number => told(of, 'container-started').find(({ pod: name }) => name === 'default/one')?.at ?? 0;
    expect(begun(slow) - begun(made)).toBeGreaterThan(2.5);
    expect(begun(slow) - begun(made)).toBeLessThan(3.1);
  });
});

test('without the label the webhook is not asked, and the credential is unavailable at once, for ever', () => {
  const made = run(`  - at: 1m\n    apply:${ACCOUNT}${pod('one', 'other: x')}`);
  expect(told(made, 'webhook-answered')).toEqual([]);
  expect(served(made)).toEqual([]);
  const failures = told(made, 'token-failed');
  expect(failures.length).toBeGreaterThan(100);
  expect(failures.every(({ reason, at, askedAt }) => reason === 'noCredential' && at === askedAt / 1e6)).toBe(true);
});

test('DefaultAzureCredential goes on to the metadata address where the webhook left nothing, and takes workload identity where it did', () => {
  const made = run(`  - at: 1m\n    apply:${ACCOUNT}${pod('with')}${pod('without', 'other: x')}`, { credential: 'default' });
  expect(served(made).toSorted()).toEqual(['default/with by aad', 'default/without by imds']);
});

test('a life of the token that the webhook does not take is refused, and one that it takes is that of the token', () => {
  const life = (seconds: number): string =>
    pod('one', "azure.workload.identity/use: 'true'", `{ azure.workload.identity/service-account-token-expiration: '${String(seconds)}' }`);
  expect(told(run(`  - at: 1m\n    apply:${ACCOUNT}${life(60)}`), 'webhook-answered')).toMatchObject([{ outcome: 'refused' }]);
  const long = run(`  - at: 1m\n    apply:${ACCOUNT}${life(7200)}`);
  expect(long.world.table('pods').get('default/one')?.spec.projectedToken?.life).toBe(7_200_000_000);
});

describe('while both nodes of the webhook are emptied', () => {
  const drains = '  - at: 10m\n    drain: pool1/0\n  - at: 10m\n    drain: pool1/1\n';
  const deployment = `
      - apiVersion: apps/v1
        kind: Deployment
        metadata: { name: shop }
        spec:
          replicas: 3
          selector: { matchLabels: { app: shop } }
          template:
            metadata: { labels: { app: shop, azure.workload.identity/use: 'true' } }
            spec: { serviceAccountName: shop, containers: [{ name: main, image: 'registry.example/app:1' }] }`;
  const story = `  - at: 1m\n    apply:${ACCOUNT}${deployment}\n${drains}`;

  test('policy Ignore lets pods in as they came, and they stay without credentials though the webhook is back within seconds', () => {
    const made = run(story, { overrides: { 'wi.webhook.failurePolicy': 'Ignore' } });
    const ignored = told(made, 'webhook-answered').filter(({ outcome }) => outcome === 'ignored');
    expect(ignored.length).toBeGreaterThan(0);
    const victims = new Set(ignored.map(({ pod: name }) => name));
    const late = told(made, 'token-failed').filter(({ pod: name, at }) => victims.has(name) && at > 1750);
    expect(new Set(late.map(({ pod: name }) => name))).toEqual(victims);
    expect(served(made).filter((text) => victims.has(text.split(' ')[0] ?? ''))).toEqual([]);
  });

  test('to delete such a pod heals it: its successor is admitted', () => {
    const healed = run(
      `${story}  - at: 20m\n    scale: { deployment: shop, to: 0 }\n  - at: 21m\n    scale: { deployment: shop, to: 3 }\n`,
      {
        overrides: { 'wi.webhook.failurePolicy': 'Ignore' },
      },
    );
    expect(told(healed, 'token-failed').filter(({ at }) => at > 1270)).toEqual([]);
    expect(told(healed, 'token-answered').filter(({ isFirst, at }) => isFirst && at > 1260)).toHaveLength(3);
  });

  test('policy Fail holds pods back until it is there again, and all of them have credentials', () => {
    const made = run(story);
    expect(told(made, 'webhook-answered').some(({ outcome }) => outcome === 'refused')).toBe(true);
    expect(told(made, 'token-failed')).toEqual([]);
    const ready = made.world
      .table('pods')
      .by('owner', 'Deployment/default/shop')
      .filter(({ status }) => status.ready);
    expect(ready).toHaveLength(3);
    expect(ready.every(({ spec }) => spec.projectedToken !== undefined)).toBe(true);
  });
});

describe('a webhook that loses all its copies', () => {
  const outage = `  - { at: 5m, drain: pool1/0 }
  - { at: 5m, drain: pool1/1 }
  - { at: 5m, drain: pool1/2 }
  - { at: 10m, uncordon: pool1/0 }
  - at: 20m
    apply:${pod('plain', 'other: x')}`;
  const plainStarts = (overrides: Record<string, string>): boolean =>
    told(run(outage, { overrides }), 'container-started').some(({ pod: name }) => name === 'default/plain');

  test('comes back, and is never asked about pods without its label', () => {
    expect(plainStarts({ 'wi.webhook.failurePolicy': 'Fail' })).toBe(true);
  });

  test('never comes back where it is asked about all pods, its own too, and no pod starts any more (#523)', () => {
    expect(plainStarts({ 'wi.webhook.failurePolicy': 'Fail', 'wi.webhook.objects': 'all' })).toBe(false);
    expect(plainStarts({ 'wi.webhook.failurePolicy': 'Ignore', 'wi.webhook.objects': 'all' })).toBe(true);
  });
});

test('a process that reads its token once is refused when that has expired; one that reads it again never is', () => {
  const story = `  - at: 1m\n    apply:${ACCOUNT}${pod('one')}`;
  const refused = (readAgain: string): readonly string[] => {
    const overrides = { 'wi.saToken.readAgain': readAgain };
    const made = runWritten(
      `horizon: 90m\n${WORLD.replace('CREDENTIAL', 'workloadIdentity, client: naive, every: 5m, retryAfterDenial: 5m')}\nstory:\n${story}`,
      overrides,
    );
    return told(made, 'aad-token-refused').map(({ error, at }) => `${error} ${String(Math.floor(at / 600))}0 min`);
  };
  expect(refused('true')).toEqual([]);
  const [first] = refused('false');
  expect(first).toBe('AADSTS700024 60 min');
});

describe('a webhook that answers too late', () => {
  const story = `  - at: 1m\n    apply:${ACCOUNT}${pod('one')}`;
  const answered = (overrides: Record<string, string>): WrittenRun =>
    run(story, { overrides: { 'wi.webhook.latency': '12s', ...overrides } });

  test('is waited for 10 s, and then the pod is refused, or comes without its variables', () => {
    const refused = answered({});
    expect(told(refused, 'webhook-answered')).toMatchObject([
      { outcome: 'refused', reason: 'context deadline exceeded', took: 10_000_000, at: 70 },
    ]);
    expect(refused.world.table('pods').get('default/one')).toBeUndefined();
    const ignored = answered({ 'wi.webhook.failurePolicy': 'Ignore' });
    expect(told(ignored, 'webhook-answered')).toMatchObject([{ outcome: 'ignored', at: 70 }]);
    expect(ignored.world.table('pods').get('default/one')?.spec.projectedToken).toBeUndefined();
  });

  test('is in time where the API server waits longer', () => {
    expect(told(answered({ 'wi.webhook.timeout': '15s' }), 'webhook-answered')).toMatchObject([{ outcome: 'mutated', took: 12_000_000 }]);
  });
});

describe('a webhook that is installed by the story', () => {
  const webhook = `
      - apiVersion: apps/v1
        kind: Deployment
        metadata: { name: azure-wi-webhook-controller-manager, namespace: azure-workload-identity-system }
        spec:
          replicas: 2
          selector: { matchLabels: { app: webhook } }
          template: { metadata: { labels: { app: webhook } }, spec: { containers: [{ name: manager, image: 'registry.example/app:1' }] } }`;
  const story = `  - at: 30s
    apply:${ACCOUNT}${pod('before')}
  - at: 1m
    apply:${webhook}
  - at: 61s
    apply:${pod('soon')}
  - at: 3m
    apply:${pod('later')}
  - at: 6m
    apply:${pod('late')}`;
  const outcomes = (overrides: Record<string, string>): readonly string[] => {
    const world = WORLD.replace('workloadIdentity: {}', 'workloadIdentity: { webhook: applied }').replace('CREDENTIAL', 'workloadIdentity');
    const made = runWritten(`horizon: 10m\n${world}\nstory:\n${story}`, { 'wi.webhook.failurePolicy': 'Ignore', ...overrides });
    return told(made, 'webhook-answered').map(({ pod: name, outcome, reason }) => `${name} ${outcome} ${reason}`.trim());
  };

  test('sees no pod of before, and misses those that come before its own pods are ready', () => {
    expect(outcomes({})).toEqual(['default/soon ignored unreachable', 'default/later mutated', 'default/late mutated']);
  });

  test('misses those, too, that come while it is ready and does not serve yet (#709)', () => {
    expect(outcomes({ 'wi.webhook.servesAfter': '210s' })).toEqual([
      'default/soon ignored unreachable',
      'default/later ignored context deadline exceeded',
      'default/late mutated',
    ]);
  });
});
