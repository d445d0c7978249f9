/** The pods of a workload are those that it selects, found without a look at any other pod than the workload's own place holds. */
import { expect, test } from 'vitest';
import type { Pod } from '../../src/model/kubernetes.ts';
import { keyOf } from '../../src/model/kubernetes.ts';
import { podsSelectedBy } from '../../src/model/selectors.ts';
import type { SelectablePods } from '../../src/model/selectors.ts';
import type { WorkloadRow } from '../../src/model/workload.ts';
import { pod } from '../report/objects.ts';

function podIn(namespace: string, name: string, owner: string): Pod {
  const one = pod(name);
  const [kind = '', ownerName = ''] = owner.split('/');
  const ownerReferences = owner === '' ? [] : [{ kind, name: ownerName, uid: 'u' }];
  return { ...one, metadata: { ...one.metadata, namespace, ownerReferences, labels: { app: name.slice(0, 1) } } };
}

const PODS = [
  podIn('default', 'a-1', 'Deployment/a'),
  podIn('default', 'a-2', 'Deployment/a'),
  podIn('default', 'b-1', 'StatefulSet/a'),
  podIn('default', 'alone', ''),
  podIn('other', 'a-1', 'Deployment/a'),
];

/** The pods, and what of them was looked at. */
function table(): SelectablePods & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: (key) => {
      asked.push(key);
      return PODS.find((one) => keyOf(one) === key);
    },
    by: (index, value) => {
      asked.push(`${index} ${value}`);
      return PODS.filter(({ metadata }) =>
        index === 'namespace'
          ? metadata.namespace === value
          : metadata.ownerReferences.some(({ kind, name }) => `${kind}/${metadata.namespace}/${name}` === value),
      );
    },
  };
}

const workload = (select: WorkloadRow['select']): WorkloadRow => ({ select }) as WorkloadRow;

test.each([
  ['its name', { namespace: 'default', pod: 'a-1', labels: {} }, ['default/a-1'], 'default/a-1'],
  ['its owner', { namespace: 'default', owner: 'Deployment/a', labels: {} }, ['default/a-1', 'default/a-2'], 'owner Deployment/default/a'],
  ['its labels', { namespace: 'default', labels: { app: 'a' } }, ['default/a-1', 'default/a-2', 'default/alone'], 'namespace default'],
  ['its name and labels that differ', { namespace: 'default', pod: 'a-1', labels: { app: 'b' } }, [], 'default/a-1'],
  ['a name that nobody has', { namespace: 'other', pod: 'alone', labels: {} }, [], 'other/alone'],
] as const)('by %s', (_what, select, expected, looked) => {
  const pods = table();
  expect(podsSelectedBy(workload(select), pods).map(keyOf)).toEqual(expected);
  expect(pods.asked).toEqual([looked]);
});

test('a workload outside of the cluster selects none', () => {
  const pods = table();
  expect(podsSelectedBy(workload(undefined), pods)).toEqual([]);
  expect(pods.asked).toEqual([]);
});
