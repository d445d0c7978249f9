/** The architecture `secret`: how long a secret lives, who rotates it, and how the new one reaches pods. */
import { describe, expect, test } from 'vitest';
import { derivedFor } from '../../src/cli/architecture-choice.ts';
import type { FactOf, FactType } from '../../src/model/facts/index.ts';
import { worldOf } from '../support/packaged.ts';
import { written } from '../support/written.ts';

const scenario = (horizon: string, every: string): ReturnType<typeof written> =>
  written(`
horizon: ${horizon}
world:
  identities: [{ name: app-id }]
  services: [{ name: vault, kind: keyVault }]
  roles: [{ to: app-id, role: Key Vault Secrets User, on: vault }]
  cluster:
    start: settled
    nodePools: [{ name: pool1, nodes: 2, images: ['app:1'] }]
    podIdentity: {}
    workloads:
      - { name: app, client: naive, identity: app-id, uses: vault, every: ${every}, retryAfterDenial: never, select: { deployment: app } }
story:
  - at: 1m
    apply:
      - apiVersion: apps/v1
        kind: Deployment
        metadata: { name: app }
        spec:
          replicas: 3
          selector: { matchLabels: { app: app } }
          template:
            metadata: { labels: { app: app } }
            spec: { containers: [{ name: main, image: 'app:1' }] }
`);

type Told = <T extends FactType>(type: T) => readonly (FactOf<T> & { readonly at: number })[];

/** Facts of one run, times in seconds. */
function run(overrides: Record<string, string>, { horizon = '3h', every = '10s' } = {}): Told {
  const [derived] = derivedFor(scenario(horizon, every), ['secret']);
  if (derived === undefined) throw new Error('no such architecture');
  const world = worldOf(derived.scenario, { overrides: { 'entra.token.errorProb': '0', 'secret.rotation.errorProb': '0', ...overrides } });
  const facts: { readonly at: number; readonly fact: { readonly type: string } }[] = [];
  world.observe({ onFact: ({ at, fact }) => void facts.push({ at: at / 1e6, fact }) });
  world.run();
  return (type) => facts.flatMap(({ at, fact }) => (fact.type === type ? [{ ...(fact as FactOf<typeof type>), at }] : []));
}

const HOUR = 3600;
/** Forgotten, noticed 10 minutes after the first failure, repaired in half an hour. */
const FORGOTTEN = {
  'secret.remaining': '1h',
  'secret.outage.detect': '10m',
  'secret.rotation.duration': '30m',
  'secret.rollout.duration': '90s',
};

const cared = (told: Told): readonly (readonly [string, number])[] =>
  told('client-secret-cared').map(({ what, at }) => [what, Math.round(at)]);

/** First and last failure, and the first token of each pod after the last write. */
function outage(told: Told): { readonly from: number; readonly until: number } {
  const failed = told('token-failed').map(({ at }) => at);
  return { from: Math.min(...failed), until: Math.max(...failed) };
}

describe('a secret that everybody forgot', () => {
  test('is refused from its end on, noticed, made anew and written; pods that have it in their environment are restarted one by one', () => {
    const told = run({ ...FORGOTTEN, 'secret.distribution': 'env' });
    const { from, until } = outage(told);
    expect(from).toBeGreaterThanOrEqual(HOUR);
    expect(from).toBeLessThan(HOUR + 15);
    const noticed = Math.round(from + 600);
    const [first, second] = cared(told);
    expect([first?.[0], second?.[0]]).toEqual(['notice', 'write']);
    expect(Math.abs((first?.[1] ?? 0) - noticed)).toBeLessThanOrEqual(2);
    expect(second?.[1]).toBe((first?.[1] ?? 0) + 1800);
    // Each pod gives way to one that holds the new secret; the last goes when the rollout ends.
    const started = told('container-started').filter(({ at, pod }) => at > HOUR && pod.startsWith('default/app-'));
    expect(started).toHaveLength(3);
    expect(until - (second?.[1] ?? 0)).toBeGreaterThan(60);
    expect(until - (second?.[1] ?? 0)).toBeLessThan(90 + 35);
    expect(new Set(told('aad-token-refused').map(({ error }) => error))).toEqual(new Set(['AADSTS7000222']));
    expect(
      new Set(
        told('aad-token-issued')
          .filter(({ at }) => at > until)
          .map(({ keyId }) => keyId),
      ).size,
    ).toBe(1);
  });

  test('reaches pods that have it mounted with the next look of the kubelet, and no pod is restarted', () => {
    const slow = { ...FORGOTTEN, 'secret.distribution': 'volume', 'watch.latency': '0s' };
    const [fast, late] = ['1s', '55s'].map((delay) => run({ ...slow, 'secret.k8sVolume.delay': delay }));
    if (fast === undefined || late === undefined) throw new Error('two runs');
    expect(starts(fast)).toHaveLength(3);
    const write = (told: Told): number => told('client-secret-cared').find(({ what }) => what === 'write')?.at ?? 0;
    expect(outage(fast).until - write(fast)).toBeLessThan(12);
    expect(outage(late).until - write(late)).toBeGreaterThan(40);
    expect(outage(late).until - write(late)).toBeLessThan(67);
  });

  test('reaches pods of the secrets-store driver with its next poll', () => {
    const told = run({ ...FORGOTTEN, 'secret.distribution': 'csi', 'secret.csi.pollInterval': '20m' });
    const write = told('client-secret-cared').find(({ what }) => what === 'write')?.at ?? 0;
    const { until } = outage(told);
    expect(until - write).toBeGreaterThan(60);
    expect(until - write).toBeLessThan(1200 + 12);
  });

  test('is never noticed to be right again where the new one is mistyped: each outage is noticed anew', () => {
    const told = run({ ...FORGOTTEN, 'secret.distribution': 'volume', 'secret.rotation.errorProb': '1' });
    expect(
      cared(told)
        .map(([what]) => what)
        .slice(0, 4),
    ).toEqual(['notice', 'write', 'notice', 'write']);
    expect(new Set(told('aad-token-refused').map(({ error }) => error))).toEqual(new Set(['AADSTS7000222', 'AADSTS7000215']));
  });
});

function starts(of: Told): ReturnType<typeof of<'container-started'>> {
  return of('container-started').filter(({ pod }) => pod.startsWith('default/app-'));
}

describe('a secret that is rotated in time', () => {
  const CARED = {
    'secret.remaining': '40d',
    'secret.rotation.missedProb': '0',
    'secret.rotation.lead': '10d',
    'secret.alertLead': '30d',
    'secret.rotation.duration': '1h',
  };
  const SLOW = { horizon: '42d', every: '12h' };

  test('is warned of, replaced and brought to the pods, and nobody fails when the old one ends', () => {
    const of = run({ ...CARED, 'secret.distribution': 'env' }, SLOW);
    expect(cared(of).map(([what, at]) => [what, at / 86_400])).toEqual([
      ['warn', 10],
      ['rotate', 30],
      ['write', 30 + 1 / 24],
    ]);
    expect(of('token-failed')).toEqual([]);
    const renewed = starts(of).filter(({ at }) => at > 30 * 86_400 && at < 31 * 86_400);
    expect(renewed).toHaveLength(3);
  });

  test('fails when it ends where its environment was not renewed: a missed rotation', () => {
    const of = run({ ...CARED, 'secret.rotation.missedProb': '1', 'secret.distribution': 'env' }, SLOW);
    expect(
      cared(of)
        .map(([what]) => what)
        .slice(0, 2),
    ).toEqual(['warn', 'notice']);
    expect(of('token-failed').length).toBeGreaterThan(0);
  });
});

test('an SDK feels the end of a secret when its token is used up, unless it is said to feel it at once', () => {
  const felt = (how: string): number => {
    const [derived] = derivedFor(
      { ...scenario('3h', '1m'), workloads: scenario('3h', '1m').workloads.map((row) => ({ ...row, client: 'goLatest' })) },
      ['secret'],
    );
    if (derived === undefined) throw new Error('no such architecture');
    const failures: number[] = [];
    const overrides = {
      'secret.remaining': '30m',
      'secret.expired.podFailsAfter': how,
      'sp.token.lifetime': '75m',
      'entra.token.errorProb': '0',
    };
    const world = worldOf(derived.scenario, { overrides });
    world.observe({
      onFact: ({ at, fact }) => {
        if (fact.type === 'token-failed') failures.push(at / 1e6);
      },
    });
    world.run();
    return Math.min(...failures) / 60;
  };
  expect(felt('atOnce')).toBeLessThan(32);
  expect(felt('remainingTokenLife')).toBeGreaterThan(60);
});
