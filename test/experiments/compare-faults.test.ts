/** What breaks under each fault, for each architecture: every cell against facts of its run; every test fails where its fault does nothing. */
import { describe, expect, test } from 'vitest';
import { derivedFor } from '../../src/cli/architecture-choice.ts';
import { compare, faultTime } from '../../src/experiments/compare/index.ts';
import type { FaultCell } from '../../src/experiments/compare/index.ts';
import { COMPARED_FAULTS } from '../../src/experiments/compare/faults.ts';
import { minutes } from '../../src/kernel/time.ts';
import type { Overrides } from '../../src/model/calibration/index.ts';
import type { FactOf, FactType } from '../../src/model/facts/index.ts';
import type { Stamped } from '../../src/report/watcher.ts';
import { ARCHITECTURE_NAMES } from '../../src/scenarios/architecture/names.ts';
import type { Architecture } from '../../src/scenarios/architecture/names.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { written } from '../support/written.ts';

const app = (name: string, replicas: number): string => `
      - { apiVersion: v1, kind: ServiceAccount, metadata: { name: ${name} } }
      - apiVersion: aadpodidentity.k8s.io/v1
        kind: AzureIdentity
        metadata: { name: ${name}-identity }
        spec: { type: 0, resourceID: 'identity:${name}-id.resourceID', clientID: 'identity:${name}-id.clientID' }
      - apiVersion: aadpodidentity.k8s.io/v1
        kind: AzureIdentityBinding
        metadata: { name: ${name}-binding }
        spec: { azureIdentity: ${name}-identity, selector: ${name} }
      - apiVersion: apps/v1
        kind: Deployment
        metadata: { name: ${name} }
        spec:
          replicas: ${String(replicas)}
          selector: { matchLabels: { app: ${name} } }
          template:
            metadata: { labels: { app: ${name}, aadpodidbinding: ${name} } }
            spec: { serviceAccountName: ${name}, containers: [{ name: main, image: 'registry.example/app:1' }] }`;

/** One application keeps its tokens, one does not; more pods come in the middle of any outage. */
const scenario = written(`
horizon: 1h40m
world:
  identities: [{ name: kept-id }, { name: fresh-id }]
  services: [{ name: orders, kind: sql }, { name: vault, kind: keyVault }]
  roles:
    - { to: kept-id, role: SQL DB Contributor, on: orders }
    - { to: fresh-id, role: Key Vault Secrets User, on: vault }
  cluster:
    nodePools: [{ name: pool1, nodes: 2, images: ['registry.example/app:1'] }]
    podIdentity: {}
    workloads:
      - { name: kept, client: goLatest, identity: kept-id, uses: orders, every: 3m, select: { deployment: kept } }
      - { name: fresh, client: naive, identity: fresh-id, uses: vault, every: 3m, select: { deployment: fresh } }
story:
  - at: 1m
    apply:${app('kept', 2)}${app('fresh', 1)}
  - at: 46m
    scale: { deployment: kept, to: 4 }
`);

const AT = faultTime(scenario.horizon);
const END = AT + minutes(30);
interface Seen {
  readonly facts: readonly Stamped[];
  of<T extends FactType>(type: T, from?: number): readonly (FactOf<T> & { readonly at: number })[];
}

/** The table of some architectures, and the facts of each of its runs. */
interface Compared {
  readonly cell: (architecture: Architecture, fault: string) => FaultCell;
  readonly run: (architecture: Architecture, fault?: string) => Seen;
}

function compared(of: ScenarioDescription, architectures: readonly Architecture[], overrides: Overrides = {}): Compared {
  const runs = new Map<string, Seen>();
  const observerOf = (architecture: Architecture, fault: string): { onFact(stamped: Stamped): void } => {
    const facts: Stamped[] = [];
    runs.set(`${architecture} ${fault}`, {
      facts,
      of: <T extends FactType>(type: T, from = 0) =>
        facts.flatMap(({ fact, at }) => (fact.type === type && at >= from ? [{ ...(fact as FactOf<T>), at }] : [])),
    });
    return { onFact: (stamped) => void facts.push(stamped) };
  };
  const columns = drained(compare({ scenarios: derivedFor(of, architectures), overrides, seed: 'faults', observerOf }));
  return {
    cell: (architecture, fault) => {
      const column = columns.find((candidate) => candidate.architecture === architecture);
      return needed(
        column?.faults.find((candidate) => candidate.fault === fault),
        `cell ${architecture} ${fault}`,
      );
    },
    run: (architecture, fault = '') => needed(runs.get(`${architecture} ${fault}`), `run ${architecture} ${fault}`),
  };
}

function drained<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

function needed<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`no ${what}`);
  return found;
}

const { cell, run } = compared(scenario, []);
/** Tokens of managed identities live for minutes: what takes a day otherwise shows within the run. */
const shortLived = compared(scenario, ['bare-imds', 'standard', 'managed'], {
  'mi.token.lifetime': '15m',
  'imds.cache.proactiveRenewAfter': '1m',
});

/** Pods with a failed asking or a denial from the fault on. */
function victims(seen: Seen): ReadonlySet<string> {
  const failed = seen.of('token-failed', AT).map(({ pod }) => pod);
  const denied = seen.of('service-answered', AT).flatMap(({ sender, status }) => (status >= 400 ? [sender] : []));
  return new Set([...failed, ...denied]);
}

const startedLate = (seen: Seen): ReadonlySet<string> =>
  new Set(
    seen
      .of('container-started', AT)
      .map(({ pod }) => pod)
      .filter((pod) => /^default\/(?:kept|fresh)-/u.test(pod)),
  );

test.each(ARCHITECTURE_NAMES)('undisturbed, %s serves everybody', (architecture) => {
  expect(victims(run(architecture))).toEqual(new Set());
});

/** Answers for which Entra was asked undisturbed, for lack of any token: by pods, or by an IMDS that had none of that identity. */
function needs(architecture: Architecture, until: number, clientId = ''): number {
  const seen = run(architecture);
  const isMeant = (id: string): boolean => clientId === '' || id === clientId;
  const earlier = new Set(
    seen.of('imds-answered').flatMap(({ at, vm, clientId: id, status }) => (at < AT && status === 200 ? [`${vm} ${id}`] : [])),
  );
  const ofImds = seen
    .of('imds-answered', AT)
    .filter(({ at, vm, clientId: id, isCached }) => at < until && !isCached && isMeant(id) && !earlier.has(`${vm} ${id}`));
  const own = seen.of('token-answered', AT).filter(({ at, servedBy, appId }) => at < until && servedBy === 'aad' && isMeant(appId));
  return ofImds.length + own.length;
}

describe.each(ARCHITECTURE_NAMES)('an outage of Entra under %s', (architecture) => {
  test('breaks it exactly if somebody then needs a token that no cache has, and only until it is over', () => {
    const found = cell(architecture, 'aadOutage');
    expect(found.outcome).toBe(needs(architecture, END) > 0 ? 'broke' : 'held');
    if (found.outcome !== 'broke') return;
    expect(found.recoveredAfterUs).toBeGreaterThanOrEqual(minutes(30));
    expect(run(architecture, 'aadOutage').of('token-failed', END + minutes(3))).toEqual([]);
  });
});

test('an outage of Entra breaks IMDS and pod identity too once caches hold nothing', () => {
  for (const architecture of ['bare-imds', 'managed'] as const) expect(shortLived.cell(architecture, 'aadOutage').outcome).toBe('broke');
});

describe('a storm of 429 at ARM', () => {
  test.each(ARCHITECTURE_NAMES)('breaks %s exactly if somebody calls it in that time', (architecture) => {
    const calls = run(architecture)
      .of('arm-answered', AT)
      .filter(({ at }) => at < END);
    expect(cell(architecture, 'armStorm').outcome).toBe(calls.length > 0 ? 'broke' : 'held');
  });

  test('keeps MIC from assigning: only pods that come meanwhile fail, and they are served when it is over', () => {
    const seen = run('standard', 'armStorm');
    const late = startedLate(seen);
    expect(victims(seen).size).toBeGreaterThan(0);
    expect([...victims(seen)].filter((pod) => !late.has(pod))).toEqual([]);
    expect(cell('standard', 'armStorm').recoveredAfterUs).toBeGreaterThanOrEqual(minutes(30));
  });
});

describe('a rolling update of NMI', () => {
  test.each(['secret', 'bare-imds', 'workload-identity'] as const)('finds nothing to roll under %s', (architecture) => {
    expect(cell(architecture, 'nmiRollout').outcome).toBe('absent');
  });

  test.each(['standard', 'managed'] as const)(
    'takes the redirect off each node in turn under %s: nothing fails, and the way to IMDS is open',
    (architecture) => {
      const seen = run(architecture, 'nmiRollout');
      const changes = seen.of('rules-changed', AT);
      const nodes = new Set(changes.map(({ node }) => node));
      expect(nodes.size).toBe(2);
      // Pods of a node are exposed while its redirect is off: that is what the cell sums.
      let exposed = 0;
      for (const node of nodes) {
        const [off, on] = changes.filter((change) => change.node === node);
        expect([off?.redirect, on?.redirect]).toEqual(['off', 'on']);
        const pods = new Set(
          seen
            .of('container-started')
            .flatMap((fact) =>
              fact.node === node && fact.at < (off?.at ?? 0) && /^default\/(?:kept|fresh)-/u.test(fact.pod) ? [fact.pod] : [],
            ),
        );
        exposed += pods.size * ((on?.at ?? 0) - (off?.at ?? 0));
      }
      const found = cell(architecture, 'nmiRollout');
      expect(found.outcome).toBe('opened');
      expect(found.exposedPodSeconds).toBeCloseTo(exposed / 1e6, 0);
    },
  );
});

describe.each(ARCHITECTURE_NAMES)('a deleted identity under %s', (architecture) => {
  test('is missed exactly if a pod of it needs a token that no cache has: what was issued lives on', () => {
    const [identity] = scenario.identities;
    const hit = victims(run(architecture, 'identityDeleted'));
    const isMissed = needs(architecture, Infinity, identity?.clientId) > 0;
    expect([...hit].filter((pod) => !pod.startsWith('default/kept-'))).toEqual([]);
    expect(run(architecture, 'identityDeleted').of('principal-deleted', AT)).toHaveLength(1);
    expect(hit.size > 0).toBe(isMissed);
    expect(cell(architecture, 'identityDeleted')).toMatchObject({ outcome: isMissed ? 'broke' : 'held', recoveredAfterUs: null });
  });
});

test('a deleted identity is missed behind IMDS too, once its cache holds nothing', () => {
  for (const architecture of ['bare-imds', 'standard', 'managed'] as const) {
    expect(victims(shortLived.run(architecture))).toEqual(new Set());
    expect(shortLived.cell(architecture, 'identityDeleted')).toMatchObject({ outcome: 'broke', recoveredAfterUs: null });
    // Not before the tokens of its last hour have had their time.
    const served = shortLived.run(architecture, 'identityDeleted').of('token-answered', AT);
    expect(served.some(({ appId }) => appId === scenario.identities[0]?.clientId)).toBe(true);
  }
});

describe('credentials that end', () => {
  test('break client secrets: Entra says that they have expired, and people are not done with new ones before the run ends', () => {
    const refusals = run('secret', 'credentialExpired').of('aad-token-refused', AT);
    expect(new Set(refusals.map(({ error }) => error))).toEqual(new Set(['AADSTS7000222']));
    expect(cell('secret', 'credentialExpired')).toMatchObject({ outcome: 'broke', recoveredAfterUs: null });
  });

  test.each(['bare-imds', 'standard', 'managed'] as const)('are rolled by the platform under %s, and nobody notices', (architecture) => {
    expect(run(architecture, 'credentialExpired').of('credential-rolled', AT)).toHaveLength(2);
    expect(cell(architecture, 'credentialExpired').outcome).toBe('held');
  });

  test('are the signing keys of the cluster under workload identity: rotated, and nobody notices', () => {
    expect(run('workload-identity', 'credentialExpired').of('signing-key-rotated', AT)).toHaveLength(1);
    expect(cell('workload-identity', 'credentialExpired').outcome).toBe('held');
  });
});

describe('three times the nodes and pods', () => {
  test.each(ARCHITECTURE_NAMES)('all come and are all served under %s', (architecture) => {
    const seen = run(architecture, 'scaleOut');
    expect(seen.of('node-ready', AT)).toHaveLength(4);
    // 3 × (4 + 1) pods in the end, of which 3 were there.
    expect(startedLate(seen).size).toBe(12);
    const served = new Set(seen.of('token-answered', AT).flatMap(({ isFirst, pod }) => (isFirst ? [pod] : [])));
    expect([...startedLate(seen)].filter((pod) => !served.has(pod))).toEqual([]);
    const found = cell(architecture, 'scaleOut');
    expect(found.unserved).toBe(0);
    // On a new node pods may be there before NMI is: the way to IMDS is open to them.
    const isMediated = architecture === 'standard' || architecture === 'managed';
    if (isMediated) expect(found.exposedPodSeconds).toBeGreaterThan(0);
    const failed = victims(seen);
    expect(found.outcome).toBe(failed.size > 0 ? 'broke' : isMediated ? 'opened' : 'held');
    expect([...failed].filter((pod) => !served.has(pod))).toEqual([]);
  });

  test('count as broken where pods that are wanted never start', () => {
    const found = compared(scenario, ['secret'], { 'node.provision.failProb': '1' }).cell('secret', 'scaleOut');
    expect(found).toMatchObject({ outcome: 'broke', failures: 0, recoveredAfterUs: null, unserved: 12 });
  });
});

describe('watches that stall', () => {
  test.each(['secret', 'bare-imds', 'workload-identity'] as const)('are nobody’s under %s', (architecture) => {
    expect(cell(architecture, 'watchStall').outcome).toBe('absent');
  });

  test.each(['standard', 'managed'] as const)('break %s for the pods that come meanwhile, until they flow again', (architecture) => {
    const seen = run(architecture, 'watchStall');
    const hit = victims(seen);
    expect(hit.size).toBeGreaterThan(0);
    expect([...hit].filter((pod) => !startedLate(seen).has(pod))).toEqual([]);
    const found = cell(architecture, 'watchStall');
    expect(found.outcome).toBe('broke');
    expect(found.recoveredAfterUs).toBeGreaterThanOrEqual(minutes(30));
  });
});

test('every fault that strikes makes another run than the undisturbed one', () => {
  for (const architecture of ARCHITECTURE_NAMES)
    for (const { name } of COMPARED_FAULTS) {
      const found = cell(architecture, name);
      if (found.outcome === 'absent') continue;
      expect(JSON.stringify(run(architecture, name).facts) === JSON.stringify(run(architecture).facts), `${architecture} ${name}`).toBe(
        false,
      );
    }
});
