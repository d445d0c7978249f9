/** The published manifests of aad-pod-identity v1.8.17 are read as they are. They lie beside the repository; where they do not, this says so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/scenarios/problem.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import type { ScenarioDescription } from '../../src/scenarios/description.ts';
import { scenarioText } from './loading.ts';

const folder = join(import.meta.dirname, '../../../shared/real/pod-identity-v1.8.17');
const isThere = existsSync(folder);

function loadReal(files: readonly string[]): ScenarioDescription {
  const text = scenarioText({ world: { identities: [{ name: 'demo-id' }] }, rest: { manifests: files } });
  const loaded = loadScenario({ path: 'real.yaml', text, readText: (path) => readFileSync(join(folder, path), 'utf8') });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.scenario;
}

function kindsOf(scenario: ScenarioDescription): readonly string[] {
  return scenario.steps.flatMap(({ action }) => (action.verb === 'apply' ? action.objects.map(({ kind }) => kind) : []));
}

describe.skipIf(!isThere)(isThere ? 'published manifests' : 'published manifests: skipped, there is no ../shared/real', () => {
  it('of the demo with the standard installation: MIC and NMI with their flags, one identity bound to one Deployment', () => {
    const scenario = loadReal([
      'infra/deployment-rbac.yaml',
      'infra/mic-exception.yaml',
      'demo/aadpodidentity.yaml',
      'demo/aadpodidentitybinding.yaml',
      'demo/deployment.yaml',
    ]);
    expect(scenario.cluster?.podIdentity).toMatchObject({
      source: 'manifests',
      micFlags: { cloudconfig: '/etc/kubernetes/azure.json', logtostderr: 'true' },
      nmiFlags: { node: '$(NODE_NAME)', 'http-probe-port': '8085', enableScaleFeatures: 'true', 'metadata-header-required': 'true' },
      settings: { mode: 'standard', version: '1.8.17', micNamespace: 'default' },
    });
    expect(scenario.overrides).toEqual({});
    expect(kindsOf(scenario)).toEqual([
      ...['ServiceAccount', 'DaemonSet', 'ServiceAccount', 'Deployment'],
      ...['AzurePodIdentityException', 'AzurePodIdentityException', 'AzureIdentity', 'AzureIdentityBinding', 'Deployment'],
    ]);
  });

  it('of managed mode: no MIC, NMI namespaced', () => {
    const scenario = loadReal(['infra/managed-mode-deployment.yaml']);
    expect(scenario.cluster?.podIdentity?.settings).toMatchObject({ mode: 'managed', forceNamespaced: 'yes' });
    expect(kindsOf(scenario)).toEqual(['ServiceAccount', 'DaemonSet']);
  });

  it('one by one, every file: none has a problem', () => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    expect(files).toHaveLength(11);
    for (const file of files) expect(kindsOf(loadReal([file])).length).toBeGreaterThan(0);
  });
});
