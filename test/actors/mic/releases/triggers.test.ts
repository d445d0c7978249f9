/** What starts MIC's work, and who does it: each change under the release before and the release with it. */
import { describe, expect, it } from 'vitest';
import type { Release } from '../../../../src/model/pod-identity-release/release.ts';
import { armCalls, at, idsOn, secondsBetween, statuses } from '../cluster.ts';
import type { Cluster, ClusterOptions, Step } from '../cluster.ts';
import { armId, azureIdentity, binding, create, node, pod } from '../objects.ts';
import { BASE, assignedTo, fault } from '../troubles.ts';
import { under } from './release-world.ts';

const ONE: Step = { at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] };

describe('replicas', () => {
  it('all worked before 1.5-rc2; since then one leads', () => {
    const two: Partial<ClusterOptions> = { replicas: ['mic-0', 'mic-1'], steps: [ONE] };
    const workers = (cluster: Cluster): number => new Set(cluster.of('mic-worker-started').map(({ replica }) => replica)).size;
    expect(workers(under('1.5-dev', two))).toBe(2);
    expect(workers(under('1.5-rc2', two))).toBe(1);
  });

  it('start without an election before 1.5-rc2 as well', () => {
    const cold: Partial<ClusterOptions> = { start: 'cold', steps: [ONE], knobs: { 'mic.restart.duration': '8s' } };
    expect(statuses(under('1.4', cold))).toEqual(['p-default-x ']);
    expect(
      under('1.4', cold)
        .of('api-answered')
        .filter(({ kind }) => kind === 'Endpoints'),
    ).toEqual([]);
  });
});

describe('a cycle', () => {
  it('runs every hour since 1.5-dev: what failed in a quiet cluster is made good, before only by the next event', () => {
    const failing: Partial<ClusterOptions> = {
      steps: [{ ...ONE, act: (turn) => fault(turn, 'get', { op: 'get', times: 2 }, { status: 403 }) }],
      knobs: { 'mic.sync.periodic': '1h' },
      until: 7500,
    };
    expect(statuses(under('1.4', failing))).toEqual([]);
    expect(statuses(under('1.5-dev', failing))).toEqual(['p-default-x Assigned']);
  });

  it('left a little memory behind before 1.5.3, until the process held too much and was killed (INC-42)', () => {
    const often = { 'mic.sync.periodic': '10s', 'mic.memory.base': 16, 'mic.memory.leakPerCycle': 512, 'mic.memory.limit': 18 };
    const ends = (release: Release): readonly unknown[] =>
      under(release, { knobs: often })
        .of('mic-stopped')
        .map(({ at: moment, reason }) => [secondsBetween(at(0), moment), reason]);
    const [end] = ends('1.5.2');
    expect(end).toEqual([expect.any(Number), 'OOMKilled']);
    expect(
      under('1.5.2', { knobs: often })
        .of('mic-memory-grew')
        .map(({ mebibytes }) => mebibytes),
    ).toEqual([17, 18]);
    expect(ends('1.5.3')).toEqual([]);
  });

  it('starts when a label changes since 1.6.2, before only with another event (INC-25)', () => {
    const relabelled: Step = { at: 10, api: [{ verb: 'apply', object: pod('p', { node: 'n1', label: 's' }) }] };
    const quiet: Step = { at: 60, api: [create(pod('other', {}))] };
    const flip: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), pod('p', { node: 'n1' })],
      steps: [relabelled, quiet],
    };
    const assignedAt = (cluster: Cluster): readonly number[] =>
      cluster.of('mic-cycle-started').map(({ at: moment }) => secondsBetween(at(0), moment));
    expect(assignedAt(under('1.6.1', flip))).toEqual([60]);
    expect(assignedAt(under('1.6.2', flip))).toEqual([10]);
  });

  it('is not needed to put back what somebody took away: every 3 minutes since 1.6.3, never before (INC-08)', () => {
    const wiped: Partial<ClusterOptions> = {
      objects: [...(BASE.objects ?? []), assignedTo('p', 'v1-0', 'Assigned'), pod('p', { node: 'v1-0', label: 's' })],
      carrying: { v1: { type: 'UserAssigned', ids: [armId('x')] } },
      steps: [{ at: 5, arm: [{ op: 'unassignIdentity', resource: { kind: 'vmss', name: 'v1' }, identity: armId('x') }] }],
      knobs: { 'mic.reconcile': '180s' },
      until: 400,
    };
    expect(idsOn(under('1.6.2', wiped), 'v1')).toEqual([]);
    expect(idsOn(under('1.6.3', wiped), 'v1')).toEqual(['x']);
  });
});

describe('V4: 44 pods with an identity each on one scale set', () => {
  const names = Array.from({ length: 44 }, (_, n) => `i${String(n)}`);
  const crowd: Partial<ClusterOptions> = {
    objects: [node('v1-0'), ...names.map((name) => azureIdentity(name)), ...names.map((name) => binding(`b-${name}`, name, name))],
    identities: names,
    steps: [{ at: 1, api: names.map((name) => create(pod(`p-${name}`, { node: 'v1-0', label: name }))) }],
    knobs: {
      'vmss.patch.duration.serverSide': '37s',
      'vmss.patch.perIdentityCost': '0.04s',
      'mic.sync.tail': '0.2s',
      'watch.latency': '0.1s',
    },
    until: 3600,
  };
  /** Seconds from the pods to the last assigned identity that NMI may use. */
  const tookAll = (cluster: Cluster, verb: string): number => {
    const done = cluster
      .of('api-answered')
      .filter((fact) => fact.verb === verb && fact.kind === 'AzureAssignedIdentity' && fact.status < 300);
    expect(done).toHaveLength(44);
    return secondsBetween(at(1), done.at(-1)?.at ?? at(0));
  };

  it('takes 1.3 half an hour, one PUT after another, and 1.8.17 two PATCHes: at least 8 times faster', () => {
    const slow = under('1.3', crowd);
    const fast = under('1.8.17', crowd);
    expect(armCalls(slow, 'putIdentities')).toHaveLength(44);
    expect(armCalls(fast, 'patchIdentity').length).toBeLessThanOrEqual(2);
    const factor = tookAll(slow, 'create') / tookAll(fast, 'patchStatus');
    expect(factor).toBeGreaterThanOrEqual(8);
    expect(tookAll(slow, 'create') / 60).toBeGreaterThan(25);
  });
});
