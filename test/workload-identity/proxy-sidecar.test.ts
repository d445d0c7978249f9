/** The proxy sidecar of workload identity: old SDKs ask the metadata address, and it asks Entra; until it serves, nobody answers. */
import { describe, expect, test } from 'vitest';
import { runWritten, told } from '../support/written.ts';
import type { WrittenRun } from '../support/written.ts';

const WORLD = `
horizon: 10m
world:
  identities:
    - { name: shop-id, clientID: 11111111-0000-4000-8000-000000000001, federated: [{ serviceAccount: default/shop }] }
  services: [{ name: vault, kind: keyVault }]
  roles: [{ to: shop-id, role: Key Vault Secrets User, on: vault }]
  cluster:
    start: settled
    nodePools: [{ name: pool1, nodes: 2, images: ['registry.example/app:1'] }]
    workloadIdentity: {}
    workloads:
      - { name: shop, client: naive, uses: vault, every: 1m, retryAfterDenial: 1s, select: { labels: { app: shop } } }
`;

const ACCOUNT = `
      - apiVersion: v1
        kind: ServiceAccount
        metadata: { name: shop, annotations: { azure.workload.identity/client-id: 11111111-0000-4000-8000-000000000001 } }`;

const META = `labels: { app: shop, azure.workload.identity/use: 'true' }, annotations: { azure.workload.identity/inject-proxy-sidecar: 'true' }`;
const SPEC = `serviceAccountName: ACCOUNT, containers: [{ name: main, image: 'registry.example/app:1' }]`;
const pod = (account = 'shop'): string => `
      - { apiVersion: v1, kind: Pod, metadata: { name: one, ${META} }, spec: { ${SPEC.replace('ACCOUNT', account)} } }`;
const run = (objects: string, overrides: Record<string, string> = {}): WrittenRun =>
  runWritten(`${WORLD}\nstory:\n  - at: 1m\n    apply:${ACCOUNT}${objects}`, { 'wi.proxy.start': '5s', ...overrides });

const triesOf = (made: WrittenRun): readonly string[] =>
  told(made, 'token-try-ended').map(({ status, servedBy }) => `${String(status)} ${servedBy}`);

describe('a pod with the sidecar, whose SDK knows only the metadata address', () => {
  const made = run(pod());

  test('gets tokens of its federated identity from Entra, a new one for each request', () => {
    expect(told(made, 'token-answered').length).toBeGreaterThan(5);
    expect(new Set(told(made, 'token-answered').map(({ servedBy }) => servedBy))).toEqual(new Set(['aad']));
    expect(told(made, 'aad-token-issued')).toHaveLength(told(made, 'token-answered').length);
    expect(told(made, 'aad-token-issued')[0]).toMatchObject({ federatedSubject: 'system:serviceaccount:default:shop' });
    expect(told(made, 'imds-answered')).toEqual([]);
  });

  test('is answered from the first try where the sidecar comes first, and its start waits for that', () => {
    expect(triesOf(made).every((text) => text === '200 azwi-proxy')).toBe(true);
    const start = (of: WrittenRun): number => told(of, 'container-started').find(({ pod: name }) => name === 'default/one')?.at ?? 0;
    expect(start(made) - start(run(pod(), { 'wi.proxy.order': 'last' }))).toBeCloseTo(5, 1);
  });

  test('is refused until the sidecar serves where that comes last (#1101)', () => {
    const last = run(pod(), { 'wi.proxy.order': 'last' });
    const tries = triesOf(last);
    const [starting, serving] = told(last, 'token-proxy-phase');
    expect([starting?.phase, serving?.phase]).toEqual(['starting', 'serving']);
    expect((serving?.at ?? 0) - (starting?.at ?? 0)).toBeCloseTo(5, 3);
    expect(tries.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => '0 kernel'));
    expect(tries.slice(6).every((text) => text === '200 azwi-proxy')).toBe(true);
  });

  test('is told 500 when Entra refuses the token of its service account', () => {
    expect(new Set(triesOf(run(pod('other'))))).toEqual(new Set(['500 azwi-proxy']));
  });
});

test('a Job with the sidecar is never done, for that does not end (#773)', () => {
  const jobs = (annotation: string): WrittenRun =>
    run(`
      - apiVersion: batch/v1
        kind: Job
        metadata: { name: once }
        spec:
          template:
            metadata: { labels: { azure.workload.identity/use: 'true' }, annotations: { ${annotation} } }
            spec: { restartPolicy: Never, ${SPEC.replace('ACCOUNT', 'shop').replace("image: 'registry.example/app:1'", "image: 'registry.example/app:1', command: [sleep, '30']")} }`);
  const phase = (made: WrittenRun): string | undefined => made.world.table('pods').by('namespace', 'default')[0]?.status.phase;
  expect(phase(jobs('other: x'))).toBe('Succeeded');
  expect(phase(jobs("azure.workload.identity/inject-proxy-sidecar: 'true'"))).toBe('Running');
});

test('what is no request for a token the sidecar hands on to IMDS', () => {
  const made = run(pod(), {});
  const elsewhere = runWritten(
    `${WORLD.replace('client: naive,', "client: naive, path: '/metadata/instance',")}\nstory:\n  - at: 1m\n    apply:${ACCOUNT}${pod()}`,
    {},
  );
  expect(told(made, 'imds-answered')).toEqual([]);
  expect(told(elsewhere, 'token-try-ended').length).toBeGreaterThan(0);
  expect(told(elsewhere, 'token-try-ended').some(({ servedBy }) => servedBy === 'azwi-proxy')).toBe(false);
  expect(told(elsewhere, 'token-try-ended').some(({ servedBy }) => servedBy === 'imds')).toBe(true);
});
