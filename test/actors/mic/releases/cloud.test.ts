/** What MIC asks of ARM: each change under the release before and the release with it. */
import { describe, expect, it } from 'vitest';
import type { IdentityType } from '../../../../src/model/azure.ts';
import { armCalls, idsOn, statuses } from '../cluster.ts';
import type { Cluster, ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from '../objects.ts';
import { BASE, assignedTo, fault } from '../troubles.ts';
import { under } from './release-world.ts';

const ONE: Step = { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] };

function typeOf(cluster: Cluster, name: string): IdentityType | undefined {
  return cluster.sim
    .table('computeResources')
    .all()
    .find((resource) => resource.name === name)?.identityType;
}

/** A pod with so many identities at once. */
function many(count: number): Partial<ClusterOptions> {
  const names = Array.from({ length: count }, (_, n) => `i${String(n).padStart(3, '0')}`);
  return {
    objects: [node('v1-0'), ...names.map((name) => azureIdentity(name)), ...names.map((name) => binding(`b-${name}`, name, 's'))],
    identities: names,
    steps: [ONE],
    knobs: { 'mic.clientQps': 1000 },
  };
}

describe('the write', () => {
  it('was a PUT of the whole list before 1.6.0: what somebody added meanwhile is lost; a PATCH leaves it', () => {
    const meanwhile: Partial<ClusterOptions> = {
      steps: [
        { ...ONE, arm: [] },
        { at: 2, arm: [{ op: 'assignIdentity', resource: { kind: 'vmss', name: 'v1' }, identity: armId('y') }] },
      ],
      knobs: { 'arm.write.acceptLatency': '5s', 'arm.get.latency': '2s' },
    };
    const before = under('1.5.5', meanwhile);
    expect(armCalls(before, 'putIdentities')).toEqual([3]);
    expect(idsOn(before, 'v1')).toEqual(['x']);
    const after = under('1.6.0', meanwhile);
    expect(armCalls(after, 'patchIdentity')).toEqual([3]);
    expect(idsOn(after, 'v1')).toEqual(['x', 'y']);
  });

  it('names an id that ARM spells otherwise again before 1.6.3: ARM refuses the list for good, while it was a list (INC-23)', () => {
    const spelled = armId('x').replace('resourcegroups', 'resourceGroups');
    const twice: Partial<ClusterOptions> = { carrying: { v1: { type: 'UserAssigned', ids: [spelled] } }, steps: [ONE] };
    expect(statuses(under('1.5.5', twice))).toEqual(['p-default-x Created']);
    expect(armCalls(under('1.6.2', twice), 'patchIdentity')).toEqual([1]);
    expect(armCalls(under('1.6.3', twice), 'patchIdentity')).toEqual([]);
    expect(statuses(under('1.6.3', twice))).toEqual(['p-default-x Assigned']);
  });

  it('is lost to all for one bad identity up to 1.6.0, and tried without it since (INC-04)', () => {
    const bad: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), azureIdentity('bad'), binding('bb', 'bad', 's')],
      steps: [ONE],
    };
    expect(statuses(under('1.5.5', bad))).toEqual(['p-default-bad Created', 'p-default-x Created']);
    expect(statuses(under('1.6.0', bad))).toEqual(['p-default-bad Created', 'p-default-x Created']);
    expect(statuses(under('1.6.1', bad))).toEqual(['p-default-bad Created', 'p-default-x Assigned']);
  });

  it('of more than 150 ids is one that ARM refuses before 1.7.0, and several since (INC-16)', () => {
    expect(idsOn(under('1.6.3', many(151)), 'v1')).toEqual([]);
    expect(idsOn(under('1.7.0', many(151)), 'v1')).toHaveLength(151);
  });

  it('of a PUT counts what is there already: 149 and 2 more stop everything, where a PATCH passes', () => {
    const full = Array.from({ length: 149 }, (_, n) => `old${String(n)}`);
    const two: Partial<ClusterOptions> = {
      ...many(2),
      identities: ['i000', 'i001', ...full],
      carrying: { v1: { type: 'UserAssigned', ids: full.map(armId) } },
    };
    expect(idsOn(under('1.5.5', two), 'v1')).toHaveLength(149);
    expect(idsOn(under('1.6.0', two), 'v1')).toHaveLength(151);
  });
});

describe('a refusal', () => {
  it('with Retry-After is forgotten before 1.6.3: the next event asks again at once (INC-14)', () => {
    const refused: Partial<ClusterOptions> = {
      steps: [
        { ...ONE, act: (turn) => fault(turn, 'busy', { op: 'patchIdentity', times: 1 }, { status: 429, retryAfter: 60 }) },
        { at: 10, api: [create(pod('other', {}))] },
      ],
    };
    // The refused call of second 1 never reaches ARM itself.
    expect(armCalls(under('1.6.2', refused), 'patchIdentity')).toEqual([10]);
    expect(armCalls(under('1.6.3', refused), 'patchIdentity')).toEqual([]);
  });

  it('of the GET of a scale set counts as one without identities from 1.6.1 to 1.7.3: adding drops its system-assigned identity', () => {
    const unread: Partial<ClusterOptions> = {
      carrying: { v1: { type: 'SystemAssigned', ids: [] } },
      steps: [{ ...ONE, act: (turn) => fault(turn, 'get', { op: 'get', times: 2 }, { status: 403 }) }],
    };
    const before = under('1.7.3', unread);
    expect([statuses(before), typeOf(before, 'v1')]).toEqual([['p-default-x Assigned'], 'UserAssigned']);
    const after = under('1.7.4', unread);
    expect([statuses(after), typeOf(after, 'v1')]).toEqual([['p-default-x Created'], 'SystemAssigned']);
    expect(typeOf(under('1.6.0', unread), 'v1')).toBe('SystemAssigned');
  });

  it('of that GET takes everything off when something is to go', () => {
    const unread: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), assignedTo('p', 'v1-0', 'Assigned')],
      carrying: { v1: { type: 'UserAssigned', ids: [armId('x'), armId('y')] } },
      steps: [{ at: 1, api: [create(pod('other', {}))], act: (turn) => fault(turn, 'get', { op: 'get', times: 2 }, { status: 403 }) }],
    };
    expect(idsOn(under('1.7.3', unread), 'v1')).toEqual([]);
    expect(idsOn(under('1.7.4', unread), 'v1')).toEqual(['x', 'y']);
  });
});

describe('a scale set', () => {
  it('that is being deleted is written before 1.7.2, and spared since (INC-56)', () => {
    const deleted: Partial<ClusterOptions> = {
      steps: [
        { at: 0.5, arm: [{ op: 'deleteResource', resource: { kind: 'vmss', name: 'v1' } }] },
        { ...ONE, at: 3 },
      ],
      knobs: { 'arm.get.latency': '2s', 'node.delete.duration': '60s' },
    };
    expect(armCalls(under('1.7.1', deleted), 'patchIdentity')).not.toEqual([]);
    expect(armCalls(under('1.7.2', deleted), 'patchIdentity')).toEqual([]);
  });

  it('that could not be read ends the process in 1.7.2 alone', () => {
    const unread: Partial<ClusterOptions> = {
      steps: [{ ...ONE, act: (turn) => fault(turn, 'get', { op: 'get', times: 2 }, { status: 403 }) }],
    };
    const ends = (release: Parameters<typeof under>[0]): unknown =>
      under(release, unread)
        .of('mic-stopped')
        .map(({ reason }) => reason);
    expect([ends('1.7.1'), ends('1.7.2'), ends('1.7.3')]).toEqual([[], ['panic: nil pointer dereference'], []]);
  });
});

describe('work with nothing to add or remove', () => {
  const principal = azureIdentity('sp', { type: 1, resourceID: '' });
  it('read the resource before 1.7.5, and took a lone system-assigned identity off it', () => {
    const idle: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), principal, binding('bsp', 'sp', 't')],
      carrying: { v1: { type: 'SystemAssigned', ids: [] } },
      steps: [{ at: 1, api: [create(pod('p', { node: 'v1-0', label: 't' }))] }],
    };
    const before = under('1.7.4', idle);
    expect([armCalls(before, 'get'), typeOf(before, 'v1')]).toEqual([[1], 'None']);
    const after = under('1.7.5', idle);
    expect([armCalls(after, 'get'), typeOf(after, 'v1')]).toEqual([[], 'SystemAssigned']);
  });
});

describe('the identity of the cluster itself', () => {
  it('is taken off with its last pod before 1.7.5, and kept since', () => {
    const own: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), assignedTo('p', 'v1-0', 'Assigned'), pod('p', { node: 'v1-0', label: 's' })],
      carrying: { v1: { type: 'UserAssigned', ids: [armId('x')] } },
      settings: { clusterIdentityClientId: 'client-x' },
      steps: [{ at: 1, api: [remove('Pod', 'default/p')] }],
    };
    expect(idsOn(under('1.7.4', own), 'v1')).toEqual([]);
    expect(idsOn(under('1.7.5', own), 'v1')).toEqual(['x']);
  });
});
