/** Kubernetes manifests: kinds, versions, defaults, lists, placeholders, and what the API server would refuse. */
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import { seconds } from '../../src/kernel/time.ts';
import { described, notesOf, problemsOf, scenarioText } from './loading.ts';

const oneIdentity = { identities: [{ name: 'a-id' }] };

function objectsOf(manifest: string, world: object = {}): readonly KubernetesObject[] {
  const scenario = described(scenarioText({ world, rest: { manifests: ['m.yaml'] } }), { 'm.yaml': manifest });
  return scenario.steps.flatMap(({ action, origin }) => (action.verb === 'apply' && origin === 'manifest' ? action.objects : []));
}

function problems(manifest: string): readonly string[] {
  return problemsOf(scenarioText({ rest: { manifests: ['m.yaml'] } }), { 'm.yaml': manifest });
}

const deployment = (replicas: number): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  replicas: ${String(replicas)}\n  template:\n    metadata: { labels: { app: web } }\n    spec:\n      containers: [{ name: c, image: i }]\n`;

describe('objects', () => {
  it('get the defaults of the API server: of 10 replicas, 3 may surge and 2 be unavailable', () => {
    const [object] = objectsOf(deployment(10));
    expect(object).toMatchObject({
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default', uid: '', resourceVersion: '' },
      spec: {
        replicas: 10,
        maxSurge: 3,
        maxUnavailable: 2,
        template: { spec: { terminationGracePeriod: seconds(30), restartPolicy: 'Always' } },
      },
    });
  });

  it('come from lists, of lists, and of several documents, in order', () => {
    const named = (name: string): string => `{ apiVersion: v1, kind: Namespace, metadata: { name: ${name} } }`;
    const text = `${named('a')}\n---\n# nothing\n---\n{ apiVersion: v1, kind: List, items: [${named('b')}, { apiVersion: v1, kind: NamespaceList, items: [${named('c')}] }] }\n`;
    expect(objectsOf(text).map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
  });

  it('may be CronJobs: a Job that repeats by its schedule, and keeps a history', () => {
    const cron = (schedule: string, more = ''): string =>
      `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: tick }\nspec:\n  schedule: '${schedule}'\n${more}  jobTemplate:\n    spec:\n      completions: 2\n      template:\n        metadata: { labels: { app: tick } }\n        spec:\n          restartPolicy: Never\n          containers: [{ name: c, image: i }]\n`;
    const repeats = (schedule: string, more?: string): unknown => {
      const [object] = objectsOf(cron(schedule, more));
      return object?.kind === 'Job' ? [object.spec.completions, object.spec.repeats] : undefined;
    };
    expect(repeats('*/5 * * * *')).toEqual([2, { every: seconds(300), keep: 3 }]);
    expect(repeats('* * * * *', '  successfulJobsHistoryLimit: 1\n')).toEqual([2, { every: seconds(60), keep: 1 }]);
    expect(repeats('@hourly')).toEqual([2, { every: seconds(3600), keep: 3 }]);
    expect(problems(cron('*/7 * * * *'))).toEqual([expect.stringContaining('spec.schedule: must be')]);
    expect(problems(cron('* * * * *', '  concurrencyPolicy: Forbid\n'))).toEqual([
      expect.stringContaining('concurrencyPolicy: must be Allow'),
    ]);
  });

  it('keep what merge keys and anchors say', () => {
    const text =
      'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels: &l { x: y }\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  <<: &m { namespace: a }\n  name: s\n';
    expect(objectsOf(text).map(({ metadata }) => [metadata.namespace, metadata.name])).toEqual([
      ['', 'a'],
      ['a', 's'],
    ]);
  });

  it('of kinds that are not used are noted and left out', () => {
    const text = 'apiVersion: v1\nkind: Ingress\nmetadata: { name: c }\n';
    expect(objectsOf(text)).toEqual([]);
    expect(notesOf(scenarioText({ rest: { manifests: ['m.yaml'] } }), { 'm.yaml': text })).toEqual([
      'm.yaml:2:7 kind: kind not used: Ingress',
    ]);
  });
});

describe('what is refused', () => {
  it('is a known kind in another version', () => {
    expect(problems('apiVersion: aadpodidentity.k8s.io/v2\nkind: AzureIdentityBinding\nmetadata: { name: b }\n')).toEqual([
      'm.yaml:1:13 apiVersion: aadpodidentity.k8s.io/v2 is not supported: AzureIdentityBinding is read as aadpodidentity.k8s.io/v1',
    ]);
    expect(problems(deployment(1).replace('apps/v1', 'extensions/v1beta1'))).toEqual([
      'm.yaml:1:13 apiVersion: extensions/v1beta1 is not supported: Deployment is read as apps/v1',
    ]);
  });

  it('is a field of the wrong type: four mistakes, four problems', () => {
    const text = deployment(1)
      .replace('replicas: 1', 'replicas: many')
      .replace('app: web', 'app: 7')
      .replace('name: web', 'name: Web!')
      .replace('image: i', 'image: [i]');
    expect(problems(text)).toEqual([
      'm.yaml:3:19 metadata.name: must be lower-case letters, digits, "-" and ".", not "Web!"',
      'm.yaml:5:13 spec.replicas: must be a whole number, not the text "many"',
      'm.yaml:7:32 spec.template.metadata.labels.app: must be a text, not the number 7; put it in quotes',
      'm.yaml:9:38 spec.template.spec.containers[0].image: must be a text, not a list',
    ]);
  });

  it('is a file that is missing, empty, or no YAML', () => {
    const text = scenarioText({ rest: { manifests: ['gone.yaml', 'empty.yaml', 'bad.yaml'] } });
    const found = problemsOf(text, { 'empty.yaml': '# nothing\n', 'bad.yaml': 'a: [' });
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(/^bad\.yaml:1:\d+ is not YAML: /);
    expect(found[1]).toBe('empty.yaml:1:1 the manifest is empty');
    expect(found[2]).toMatch(/^test\.yaml:\d+:5 manifests\[0\]: gone\.yaml cannot be read$/);
  });

  it('is a workload whose Deployment no manifest has', () => {
    const workloads = [{ name: 'w', resource: 'https://vault.azure.net', select: { deployment: 'wep' } }];
    const found = problemsOf(scenarioText({ cluster: { workloads }, rest: { manifests: ['m.yaml'] } }), { 'm.yaml': deployment(1) });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(
      'world.cluster.workloads[0].select.deployment: unknown Deployment "default/wep"; did you mean default/web?; no manifest has it',
    );
  });
});

describe('AzureIdentity and AzureIdentityBinding', () => {
  const identity =
    'apiVersion: aadpodidentity.k8s.io/v1\nkind: AzureIdentity\nmetadata: { name: a }\nspec:\n  resourceID: RESOURCE_ID\n  clientID: CLIENT_ID\n';

  it('without a type is a user-assigned identity, and its placeholders become the only identity there is', () => {
    const [object] = objectsOf(identity, oneIdentity);
    const { identities } = described(scenarioText({ world: oneIdentity }));
    expect(object).toMatchObject({ spec: { type: 0, resourceID: identities[0]?.id, clientID: identities[0]?.clientId } });
    expect(notesOf(scenarioText({ world: oneIdentity, rest: { manifests: ['m.yaml'] } }), { 'm.yaml': identity })).toHaveLength(2);
  });

  it('with placeholders is refused when there are two identities to choose from, unless they are filled', () => {
    const world = { identities: [{ name: 'a-id' }, { name: 'b-id' }] };
    const found = problemsOf(scenarioText({ world, rest: { manifests: ['m.yaml'] } }), { 'm.yaml': identity });
    expect(found).toEqual([
      'm.yaml:5:15 spec.resourceID: placeholder RESOURCE_ID is not filled in: give it in fill:, as RESOURCE_ID: identity:NAME.resourceID',
      'm.yaml:6:13 spec.clientID: placeholder CLIENT_ID is not filled in: give it in fill:, as CLIENT_ID: identity:NAME.clientID',
    ]);
    const fill = { RESOURCE_ID: 'identity:b-id.resourceID', CLIENT_ID: 'identity:b-id.clientID' };
    const filled = described(scenarioText({ world, rest: { manifests: [{ file: 'm.yaml', fill }] } }), { 'm.yaml': identity });
    const apply = filled.steps[0]?.action;
    expect(apply?.verb === 'apply' ? apply.objects[0] : undefined).toMatchObject({ spec: { clientID: filled.identities[1]?.clientId } });
  });

  it('warns of a wrong letter case, which the API server drops', () => {
    const text = identity.replace('resourceID: RESOURCE_ID', 'ResourceID: x');
    const notes = notesOf(scenarioText({ world: oneIdentity, rest: { manifests: ['m.yaml'] } }), { 'm.yaml': text });
    expect(notes).toContain('m.yaml:5:15 spec.ResourceID: is spelled resourceID since version 1.6: the API server drops it as written');
    expect(notes.some((note) => note.includes('spec.resourceID: is missing: MIC ignores this AzureIdentity'))).toBe(true);
  });

  it('warns of a pod label that no binding selects, and names the selectors there are', () => {
    const pods = (label: string): string =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: p, labels: { aadpodidbinding: ${label} } }\nspec: { containers: [{ name: c, image: i }] }\n`;
    const binding =
      'apiVersion: aadpodidentity.k8s.io/v1\nkind: AzureIdentityBinding\nmetadata: { name: b }\nspec: { azureIdentity: gone, selector: shop }\n';
    const text = scenarioText({ rest: { manifests: ['p.yaml', 'b.yaml'] } });
    const notes = (label: string): readonly string[] =>
      notesOf(text, { 'p.yaml': pods(label), 'b.yaml': binding }).filter((note) => note.startsWith('p.yaml'));
    expect(notes('shop')).toEqual([]);
    expect(notes('shp')).toEqual([
      'p.yaml:3:49 metadata.labels.aadpodidbinding: "shp" is the selector of no AzureIdentityBinding (their selectors: shop): the pod gets no identity',
    ]);
  });

  it('warns of a binding whose AzureIdentity no manifest has, and loads all the same', () => {
    const binding =
      'apiVersion: aadpodidentity.k8s.io/v1\nkind: AzureIdentityBinding\nmetadata: { name: b }\nspec: { azureIdentity: gone, selector: s }\n';
    const text = scenarioText({ rest: { manifests: ['m.yaml'] } });
    expect(problemsOf(text, { 'm.yaml': binding })).toEqual([]);
    expect(notesOf(text, { 'm.yaml': binding })).toEqual([
      'm.yaml:4:24 spec.azureIdentity: names the AzureIdentity default/gone, which no manifest has: the binding binds nothing',
    ]);
  });
});
