/**
 * Claim: the published manifests of aad-pod-identity v1.8.17 are read as they are, and run. They lie beside the repository; where they do
 * not, the name of the tests says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Outcome, StampedFact } from '../../src/kernel/world.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import type { World } from '../../src/scenarios/assemble/index.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { worldOf } from '../support/packaged.ts';

const folder = join(import.meta.dirname, '../../../shared/real/pod-identity-v1.8.17');
const isThere = existsSync(folder);

interface Told {
  readonly world: World;
  readonly outcome: Outcome;
  readonly facts: readonly StampedFact<Identity>[];
}

/**
 * A scenario of these manifests and one application in pods of the Deployment `of`, run for ten minutes.
 *
 * @param parts - `identity`: whose client id the application names; `''`: none
 */
function run(
  manifests: readonly unknown[],
  parts: {
    readonly of: string;
    readonly namespace?: string;
    readonly identity?: string;
    readonly story?: readonly object[];
    readonly applications?: readonly { readonly name: string; readonly credentials: readonly object[] }[];
  },
): Told {
  const { of: deployment, namespace = 'default', identity = 'demo-id', story = [], applications = [] } = parts;
  const text = stringify({
    question: 'Do the published manifests work?',
    group: 'basics',
    horizon: '10m',
    world: {
      identities: [{ name: 'demo-id' }],
      applications,
      services: [{ name: 'vault', kind: 'keyVault' }],
      roles: ['demo-id', ...applications.map(({ name }) => name)].map((to) => ({ to, role: 'Key Vault Secrets User', on: 'vault' })),
      cluster: {
        nodePools: [{ name: 'pool1', nodes: 2 }],
        podIdentity: { install: 'manifests' },
        workloads: [{ name: 'app', ...(identity === '' ? {} : { identity }), uses: 'vault', select: { namespace, deployment } }],
      },
    },
    manifests,
    story,
  });
  const loaded = loadScenario({ path: 'published.yaml', text, readText: (path) => readFileSync(join(folder, path), 'utf8') });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const world = worldOf(loaded.scenario);
  const facts: StampedFact<Identity>[] = [];
  world.observe({
    onFact: (fact) => {
      facts.push(fact);
    },
  });
  return { world, outcome: world.run(), facts };
}

/** What befell the pods whose name begins so: how NMI answered, how the first token came, what the service said. Each once, sorted. */
function courseOf({ facts }: Told, pods: string): readonly string[] {
  const seen = facts.flatMap(({ fact }) => {
    if (fact.type === 'nmi-answered' && fact.sender.startsWith(pods)) return [`nmi ${String(fact.status)}`];
    if (fact.type === 'token-answered' && fact.isFirst && fact.pod.startsWith(pods)) return [`first token by ${fact.servedBy}`];
    if (fact.type === 'service-answered' && fact.sender.startsWith(pods)) return [`${fact.service} ${String(fact.status)}`];
    return [];
  });
  return [...new Set(seen)].sort();
}

/** Status of every AzureAssignedIdentity at the end, by pod without its random end and identity. */
function assignments({ world }: Told): readonly string[] {
  return world
    .table('azureAssignedIdentities')
    .all()
    .map(({ spec, status }) => `${spec.pod.split('-')[0] ?? ''} ${spec.azureIdentityRef.metadata.name} ${status.status}`);
}

function countOf({ facts }: Told, matches: (fact: StampedFact<Identity>['fact']) => boolean): number {
  return facts.filter(({ fact }) => matches(fact)).length;
}

const INSTALLATION = 'infra/deployment-rbac.yaml';
const IDENTITY = 'demo/aadpodidentity.yaml';
const BINDING = 'demo/aadpodidentitybinding.yaml';
const DEPLOYMENT = 'demo/deployment.yaml';

/** Applied when MIC and NMI are up: a pod that starts before the redirect is in asks IMDS itself, and goes on doing so. */
function later(...files: readonly string[]): readonly object[] {
  return files.map((file) => ({ file, at: '1m' }));
}

describe.skipIf(!isThere)(isThere ? 'published manifests, run' : 'published manifests, run: skipped, there is no ../shared/real', () => {
  it('demo with MIC and NMI: one PATCH, and the pod gets its token from NMI and is let in', () => {
    const told = run([INSTALLATION, ...later(IDENTITY, BINDING, DEPLOYMENT)], { of: 'demo' });
    expect(told.outcome.ended).toBe('horizon');
    expect(assignments(told)).toEqual(['demo demo-aad1 Assigned']);
    expect(countOf(told, (fact) => fact.type === 'arm-answered' && fact.op === 'patchIdentity' && fact.status === 202)).toBe(1);
    expect(courseOf(told, 'default/demo-')).toContain('first token by nmi');
    expect(courseOf(told, 'default/demo-').filter((line) => line.startsWith('vault'))).toEqual(['vault 200']);
  });

  it('the same with the exceptions: both are objects of the cluster, MIC is excepted and the demo is not', () => {
    const told = run([INSTALLATION, 'infra/mic-exception.yaml', ...later(IDENTITY, BINDING, DEPLOYMENT)], { of: 'demo' });
    expect(told.world.table('azurePodIdentityExceptions').all().map(keyOf).sort()).toEqual([
      'default/mic-exception',
      'kube-system/aks-addon-exception',
    ]);
    const resolved = told.facts.flatMap(({ fact }) =>
      fact.type === 'nmi-resolved' ? [`${fact.sender.split('-')[0] ?? ''} ${fact.isExcepted ? 'excepted' : 'mediated'}`] : [],
    );
    expect([...new Set(resolved)].sort()).toEqual(['default/demo mediated', 'default/mic excepted']);
    expect(courseOf(told, 'default/demo-')).toContain('first token by nmi');
  });

  it('the Java example in its own namespace, placeholders in angle brackets filled with the only identity', () => {
    const told = run([INSTALLATION, ...later('java-blob/azureidentity.yaml', 'java-blob/azurebinding.yaml', 'java-blob/deployment.yaml')], {
      of: 'demo-blob-deployment',
      namespace: 'blob',
    });
    expect(assignments(told)).toEqual(['demo blob-example Assigned']);
    expect(courseOf(told, 'blob/demo-blob-')).toEqual(expect.arrayContaining(['first token by nmi', 'vault 200']));
  });

  it.each(['demo/aadpodidentity-sp.yaml', 'demo/aadpodidentity-sp-cert.yaml'])(
    '%s: Assigned without a PATCH; Entra knows no application with the placeholder for a secret, so NMI answers 403',
    (file) => {
      const told = run([INSTALLATION, ...later(file, BINDING, DEPLOYMENT)], { of: 'demo', identity: '' });
      expect(told.world.table('secrets').all().map(keyOf).sort()).toEqual(['default/demo-aad1-sp']);
      expect(assignments(told)).toEqual(['demo demo-aad1 Assigned']);
      expect(countOf(told, (fact) => fact.type === 'arm-answered' && fact.op === 'patchIdentity')).toBe(0);
      expect(countOf(told, (fact) => fact.type === 'aad-token-refused' && fact.error === 'AADSTS700016')).toBeGreaterThan(10);
      expect(courseOf(told, 'default/demo-')).toContain('nmi 403');
      expect(courseOf(told, 'default/demo-')).not.toContain('nmi 200');
    },
  );

  it.each([
    ['demo/aadpodidentity-sp.yaml', 'secret'],
    ['demo/aadpodidentity-sp-cert.yaml', 'certificate'],
  ] as const)('%s, of the only application of the world: NMI gets a token with its %s, and the pod is let in', (file, kind) => {
    const told = run([INSTALLATION, ...later(file, BINDING, DEPLOYMENT)], {
      of: 'demo',
      identity: 'demo-app',
      applications: [{ name: 'demo-app', credentials: [{ key: 'k1', kind }] }],
    });
    expect(assignments(told)).toEqual(['demo demo-aad1 Assigned']);
    expect(courseOf(told, 'default/demo-')).toEqual(expect.arrayContaining(['first token by nmi', 'nmi 200', 'vault 200']));
    expect(courseOf(told, 'default/demo-')).not.toContain('nmi 403');
    expect(countOf(told, (fact) => fact.type === 'aad-token-issued' && fact.principalKind === 'application')).toBeGreaterThan(0);
  });

  it('managed mode: no MIC, no AzureAssignedIdentity; 403 until a person puts the identity on the scale set, then a token', () => {
    const story = [{ at: '3m', assignIdentity: { identity: 'demo-id', to: 'pool:pool1' } }];
    const told = run(['infra/managed-mode-deployment.yaml', ...later(IDENTITY, BINDING, DEPLOYMENT)], { of: 'demo', story });
    expect(assignments(told)).toEqual([]);
    expect(countOf(told, (fact) => fact.type === 'mic-started')).toBe(0);
    expect(courseOf(told, 'default/demo-')).toEqual(expect.arrayContaining(['first token by nmi', 'nmi 200', 'nmi 403', 'vault 200']));
    const first = told.facts.find(({ fact }) => fact.type === 'token-answered');
    expect(first?.at).toBeGreaterThan(180e6);
  });

  it('everything at once, at time zero: the simulator does not stumble', () => {
    const files = [INSTALLATION, 'infra/mic-exception.yaml', IDENTITY, BINDING, DEPLOYMENT];
    const blob = ['java-blob/azureidentity.yaml', 'java-blob/azurebinding.yaml', 'java-blob/deployment.yaml'];
    const told = run([...files, ...blob], { of: 'demo' });
    expect(told.outcome.ended).toBe('horizon');
    expect(assignments(told).toSorted()).toEqual(['demo blob-example Assigned', 'demo demo-aad1 Assigned']);
  });
});
