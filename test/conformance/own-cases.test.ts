/** Cases of our own in the words of the collection, where no open case combines them. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCaseFiles } from './case-files.ts';
import { runCase } from './case-run.ts';

const { files } = readCaseFiles(path.join(import.meta.dirname, 'cases'));
const probes = files.flatMap(({ cases }) => cases).find(({ id }) => id === 'e2e.liveness.probes');
const ID = '/subscriptions/e2e-sub/resourcegroups/identity-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/keyvault-identity';
const metadata = (name: string): { name: string; namespace: string } => ({ name, namespace: 'default' });
const resource = { kind: 'VirtualMachineScaleSet', name: 'aks-nodepool1-vmss' };

test('a PATCH that a fault lets fail is a call: it counts, and is in the metrics of MIC', () => {
  if (probes === undefined) throw new Error('the case that lends its cluster is gone');
  const when = [
    { fault: { id: 'f', on: 'arm.patch', times: 1, error: { message: 'boom' } } },
    {
      apply: [
        {
          kind: 'AzureIdentity',
          metadata: metadata('i'),
          spec: { type: 0, resourceID: ID, clientID: '11111111-0000-0000-0000-0000000000e0' },
        },
        { kind: 'AzureIdentityBinding', metadata: metadata('b'), spec: { azureIdentity: 'i', selector: 's' } },
        {
          kind: 'Pod',
          metadata: { ...metadata('p'), labels: { aadpodidbinding: 's' } },
          spec: { containers: [{ name: 'c', image: 'x' }] },
        },
      ],
    },
    {
      await: {
        objects: { kind: 'AzureAssignedIdentity', contains: [{ status: { status: 'Assigned' } }] },
        timeoutSeconds: 600,
        pollSeconds: 5,
      },
    },
  ];
  const then = [
    { armPatch: { resource, nth: 1, add: [ID], failed: true } },
    { armPatch: { resource, nth: 2, failed: false } },
    { metric: { name: 'cloud_provider_operations_errors_count', labels: { operation_type: 'vmss_update' }, count: 1 } },
    { metric: { name: 'assigned_identity_addition_count', count: 1 } },
  ];
  expect(runCase({ ...probes, id: 'own.fault-counts', when, then, observed: [] })).toMatchObject({ verdict: 'passed' });
});

/** Files of cases like the collection's, on its bases. */
const own = readCaseFiles(path.join(import.meta.dirname, 'own'), path.join(import.meta.dirname, 'cases'));

test('the files of own cases can be read', () => {
  expect(own.problems).toEqual([]);
});

describe.each(own.files)('$name', ({ cases }) => {
  test.each(cases)('$id passes', (one) => {
    expect(runCase(one)).toMatchObject({ verdict: 'passed' });
  });
});
