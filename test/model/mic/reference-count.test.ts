/** Reference counting against a scan of everything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AzureAssignedIdentity, AssignedStatus } from '../../../src/model/kubernetes.ts';
import type { DesiredAssignment } from '../../../src/model/mic-rows.ts';
import { removalVerdict, useCount } from '../../../src/model/mic/reference-count.ts';
import type { UseCount } from '../../../src/model/mic/reference-count.ts';

const CLIENTS = ['c1', 'C1', 'c2', ''];
const PLACES: Readonly<Record<string, string | undefined>> = { n1: 's/rg/v1', n2: 's/rg/v1', n3: 's/rg/V1', n4: undefined, n5: undefined };

const user = fc.record({
  pod: fc.constantFrom('web-0', 'web-1', 'job'),
  podNamespace: fc.constantFrom('a', 'b'),
  node: fc.constantFrom('n1', 'n2', 'n3', 'n4', 'n5'),
  clientID: fc.constantFrom(...CLIENTS),
});
type User = typeof user extends fc.Arbitrary<infer T> ? T : never;

function row({ pod, podNamespace, node, clientID }: User): DesiredAssignment {
  return {
    replica: 'mic',
    name: `${pod}-${podNamespace}-id`,
    namespace: 'default',
    podKey: `${podNamespace}/${pod}`,
    pod,
    podNamespace,
    node,
    bindingKey: 'a/b',
    bindingName: 'b',
    bindingVersion: '1',
    identityKey: 'a/id',
    identityName: 'id',
    identityVersion: '1',
    identityType: 0,
    resourceID: 'r',
    clientID,
  };
}

function assigned({ pod, podNamespace, node, clientID }: User, status: AssignedStatus = 'Assigned', type = 0): AzureAssignedIdentity {
  const metadata = {
    name: 'x',
    namespace: 'default',
    uid: '',
    resourceVersion: '',
    labels: {},
    annotations: {},
    finalizers: [],
    ownerReferences: [],
  };
  return {
    kind: 'AzureAssignedIdentity',
    metadata,
    spec: {
      azureIdentityRef: {
        kind: 'AzureIdentity',
        metadata,
        spec: { type, resourceID: 'r', clientID, tenantID: '', auxiliaryTenantIDs: [], adResourceID: '', adEndpoint: '' },
      },
      azureBindingRef: { kind: 'AzureIdentityBinding', metadata, spec: { azureIdentity: 'id', selector: 's' } },
      pod,
      podNamespace,
      nodename: node,
    },
    status: { status },
  };
}

function countOf(users: readonly User[], isDesired: () => boolean = () => true): UseCount {
  const rows = users.map(row);
  return useCount(
    {
      some: ({ clientID, node }, test) =>
        rows.some((other) => other.clientID === clientID && (node === undefined || other.node === node) && test(other)),
      isDesired,
    },
    (node) => PLACES[node],
  );
}

function inUse(going: User, users: readonly User[]): boolean {
  return countOf(users)(assigned(going));
}

describe('reference counting', () => {
  // Claim: looking only at the rows of one client id answers what a scan of the whole desired set answers. By comparison with that scan.
  it('agrees with a scan over everything that is desired', () => {
    fc.assert(
      fc.property(fc.array(user, { minLength: 1, maxLength: 4 }), fc.array(user, { maxLength: 12 }), (leavers, users) => {
        // One count answers for all that go in a plan: what it remembers of one must not mislead it about the next.
        const isInUse = countOf(users);
        for (const going of leavers) {
          const sameResource = (other: User): boolean =>
            other.node === going.node || (PLACES[going.node] !== undefined && PLACES[other.node] === PLACES[going.node]);
          const naive = users.some((other) => other.pod !== going.pod && other.clientID === going.clientID && sameResource(other));
          expect(isInUse(assigned(going))).toBe(naive);
        }
      }),
    );
  });

  it('does not count a pod of the same name in another namespace (W11), another spelling of the client id (W13) or of the scale set (W14)', () => {
    const going: User = { pod: 'web-0', podNamespace: 'a', node: 'n1', clientID: 'c1' };
    expect(inUse(going, [{ ...going, podNamespace: 'b' }])).toBe(false);
    expect(inUse(going, [{ ...going, pod: 'web-1', clientID: 'C1' }])).toBe(false);
    expect(inUse(going, [{ ...going, pod: 'web-1', node: 'n3' }])).toBe(false);
    expect(inUse(going, [{ ...going, pod: 'web-1', node: 'n2' }])).toBe(true);
  });

  it('does not count a candidate that lost its name to another', () => {
    const going: User = { pod: 'web-0', podNamespace: 'a', node: 'n1', clientID: 'c1' };
    expect(countOf([{ ...going, pod: 'web-1' }], () => false)(assigned(going))).toBe(false);
  });

  it('removes only what is Assigned (or has no status), user-assigned, not immutable as spelled, and used by nobody else', () => {
    const going: User = { pod: 'web-0', podNamespace: 'a', node: 'n1', clientID: 'C1' };
    const verdict = (object: AzureAssignedIdentity, immutable: readonly string[], isUsed: 'used' | 'free'): string =>
      removalVerdict(object, { immutable, isInUse: () => isUsed === 'used' });
    expect(verdict(assigned(going), [], 'free')).toBe('remove');
    expect(verdict(assigned(going, ''), [], 'free')).toBe('remove');
    expect(verdict(assigned(going), [], 'used')).toBe('inUse');
    expect(verdict(assigned(going, 'Created'), [], 'free')).toBe('notAssigned');
    expect(verdict(assigned(going, 'Unassigned'), [], 'free')).toBe('notAssigned');
    expect(verdict(assigned(going, 'Assigned', 1), [], 'free')).toBe('notUserAssigned');
    expect(verdict(assigned(going), ['C1'], 'free')).toBe('immutable');
    expect(verdict(assigned(going), ['c1'], 'free')).toBe('remove');
  });
});
