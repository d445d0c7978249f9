/** `delete` with a `*`: all objects that match at that moment go, as with kubectl delete --all, or when their CRD is deleted. */
import { expect, test } from 'vitest';
import { runWritten } from '../support/written.ts';
import { problemsOf } from './loading.ts';

const IDENTITY = (name: string, namespace: string): string => `
      - apiVersion: aadpodidentity.k8s.io/v1
        kind: AzureIdentity
        metadata: { name: ${name}, namespace: ${namespace} }
        spec: { type: 0, resourceID: 'identity:shop-id.resourceID', clientID: 'identity:shop-id.clientID' }`;

const WORLD = `
horizon: 5m
world:
  identities: [{ name: shop-id }]
  cluster: { start: settled, nodePools: [{ name: pool1, nodes: 1 }], podIdentity: {} }
story:
  - at: 1m
    apply:${IDENTITY('web-1', 'default')}${IDENTITY('web-2', 'default')}${IDENTITY('db', 'default')}${IDENTITY('web-1', 'other')}
`;

const left = (target: string): readonly string[] => {
  const made = runWritten(`${WORLD}  - { at: 2m, delete: ['${target}'] }`, {});
  return made.world
    .table('azureIdentities')
    .all()
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .toSorted();
};

test.each([
  ['AzureIdentity/default/web-*', ['default/db', 'other/web-1']],
  ['AzureIdentity/*/web-1', ['default/db', 'default/web-2']],
  ['AzureIdentity/default/*', ['other/web-1']],
  ['AzureIdentity/*/*', []],
  ['AzureIdentity/default/nothing-*', ['default/db', 'default/web-1', 'default/web-2', 'other/web-1']],
])('%s', (target, rest) => {
  expect(left(target)).toEqual(rest);
});

test('pods whose names the cluster makes can be meant so', () => {
  const made = runWritten(`${WORLD}  - { at: 2m, delete: ['Pod/default/mic-*'] }`, {});
  const mic = made.world
    .table('pods')
    .by('namespace', 'default')
    .filter(({ metadata }) => metadata.name.startsWith('mic-'));
  expect(mic).toHaveLength(2);
  expect(mic.every(({ metadata }) => (metadata.creationTimestamp ?? 0) >= 120_000_000)).toBe(true);
});

test('what is no name with stars is refused', () => {
  const text = `question: Is it?\n${WORLD.trimStart()}  - { at: 2m, delete: ['AzureIdentity/default/(web*'] }`;
  expect(problemsOf(text).some((line) => line.includes('must hold letters, digits, -, . and * only'))).toBe(true);
});
