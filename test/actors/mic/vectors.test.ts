/** The sixteen conformance vectors of the behaviour description, each by its number; all were seen in the real v1.8.17. */
import { describe, expect, it } from 'vitest';
import { armCalls, idsOn, runCluster, statuses } from './cluster.ts';
import type { ClusterOptions, Step } from './cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from './objects.ts';
import { assignedTo, BASE, edited, fault, QUICK, refuseApi } from './troubles.ts';

let nudges = 0;

/** An event that means nothing: one more cycle. */
function nudge(at: number): Step {
  nudges += 1;
  return { at, api: [create(pod(`nudge-${String(nudges)}`, {}))] };
}

describe('conformance vectors', () => {
  it('1: one of two pods of one name in two namespaces goes: the identity is taken off though in use, and reconcile brings it back', () => {
    const steps: Step[] = [
      { at: 1, api: ['ns1', 'ns2'].map((namespace) => create(pod('web-0', { node: 'n1', label: 's', namespace }))) },
      { at: 5, api: [remove('Pod', 'ns1/web-0')] },
    ];
    const early = runCluster({ ...BASE, steps, until: 10 });
    expect(idsOn(early, 'n1')).toEqual([]);
    expect(statuses(early)).toEqual(['web-0-ns2-x Assigned']);
    const late = runCluster({ ...BASE, steps, knobs: { ...QUICK, 'mic.reconcile': '180s' }, until: 365 });
    expect(idsOn(late, 'n1')).toEqual(['x']);
    expect(late.of('mic-reconciled').map(({ added }) => added)).toContain(1);
  });

  it('2: what is still Created is deleted without taking the identity off', () => {
    const cluster = runCluster({
      ...BASE,
      objects: [...(BASE.objects ?? []), assignedTo('p', 'v1-0', 'Created')],
      carrying: { v1: { type: 'UserAssigned', ids: [armId('x')] } },
      steps: [nudge(1)],
    });
    expect(statuses(cluster)).toEqual([]);
    expect(idsOn(cluster, 'v1')).toEqual(['x']);
    expect(cluster.of('mic-removal-decided')).toMatchObject([{ verdict: 'notAssigned', resource: 'v1' }]);
  });

  it('3: a node that is gone before its pod leaves the identity on the scale set, and says binding removed', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
        { at: 5, api: [remove('Node', 'v1-0')] },
        { at: 6, api: [remove('Pod', 'default/p')] },
      ],
    });
    expect(statuses(cluster)).toEqual([]);
    expect(idsOn(cluster, 'v1')).toEqual(['x']);
    expect(cluster.of('mic-event').map(({ reason }) => reason)).toEqual(['binding applied', 'binding removed']);
    expect(cluster.of('mic-removal-decided')).toMatchObject([{ verdict: 'nodeGone' }]);
  });

  it('4: an identity edited from x to y while the PATCH fails once leaves x on the resource for ever', () => {
    const steps: Step[] = [
      { at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] },
      { at: 4, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 1 }, { status: 400 }) },
      { at: 5, api: [{ verb: 'apply', object: edited(azureIdentity('x'), { resourceID: armId('y'), clientID: 'client-y' }) }] },
      nudge(8),
    ];
    expect(idsOn(runCluster({ ...BASE, steps }), 'n1')).toEqual(['x', 'y']);
    expect(idsOn(runCluster({ ...BASE, steps: [...steps, { at: 20, api: [remove('Pod', 'default/p')] }] }), 'n1')).toEqual(['x']);
  });

  it('5: a DELETE that fails once and a pod of the same name that returns: stuck Unassigned without identity', () => {
    const p = pod('p', { node: 'n1', label: 's' });
    const cluster = runCluster({
      ...BASE,
      steps: [
        { at: 1, api: [create(p)] },
        { at: 4, act: (turn) => refuseApi(turn, 'delete', 500) },
        { at: 5, api: [remove('Pod', 'default/p')] },
        { at: 5.1, api: [create(p)] },
        nudge(10),
        nudge(20),
        nudge(30),
      ],
      knobs: { ...QUICK, 'mic.reconcile': '20s' },
    });
    expect(statuses(cluster)).toEqual(['p-default-x Unassigned']);
    expect(idsOn(cluster, 'n1')).toEqual([]);
  });

  it.each([
    ['6: a pod that moves within its scale set keeps the identity there', 'v1-1', { v1: ['x'], n1: [] }],
    ['7: a pod that moves from a scale set to a VM takes it off the one and onto the other in one cycle', 'n1', { v1: [], n1: ['x'] }],
  ])('%s', (_title, to, expected) => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        { at: 1, api: [create(pod('sts-0', { node: 'v1-0', label: 's' }))] },
        // Gone and back elsewhere between two cycles.
        { at: 5, api: [remove('Pod', 'default/sts-0'), create(pod('sts-0', { node: to, label: 's' }))] },
      ],
      knobs: { ...QUICK, 'watch.latency': '1s' },
    });
    expect(cluster.sim.table('azureAssignedIdentities').all()).toMatchObject([
      { spec: { nodename: to }, metadata: { labels: { nodename: to } }, status: { status: 'Assigned' } },
    ]);
    expect({ v1: idsOn(cluster, 'v1'), n1: idsOn(cluster, 'n1') }).toEqual(expected);
    expect(cluster.of('mic-cycle-started').map(({ creates, updates, deletes }) => [creates, updates, deletes])).toContainEqual([0, 1, 0]);
  });

  it('8: a service principal (type 1) goes to Assigned without a single call of ARM', () => {
    const cluster = runCluster({
      ...BASE,
      objects: [node('n1'), azureIdentity('sp', { type: 1, resourceID: '' }), binding('b', 'sp', 's')],
      steps: [{ at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] }],
    });
    expect(statuses(cluster)).toEqual(['p-default-sp Assigned']);
    expect(cluster.deliveries.filter(({ message }) => message.type === 'ArmRequest')).toEqual([]);
  });

  it('9: an immutable identity whose pod goes in a cycle that fails keeps its assignment until the next good cycle', () => {
    const steps: Step[] = [
      { at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] },
      { at: 4, act: (turn) => fault(turn, 'patch', { op: 'patchIdentity', times: 1 }, { status: 400 }) },
      { at: 5, api: [remove('Pod', 'default/p'), create(pod('q', { node: 'n1', label: 't' }))] },
    ];
    const world: ClusterOptions = {
      ...BASE,
      objects: [...(BASE.objects ?? []), azureIdentity('y'), binding('by', 'y', 't')],
      settings: { immutableClientIds: ['client-x'] },
    };
    const knobs = { ...QUICK, 'watch.latency': '1s' };
    const bad = runCluster({ ...world, steps, knobs: { ...knobs, 'mic.sync.tail': '3s' }, until: 8 });
    expect(statuses(bad)).toEqual(['p-default-x Assigned', 'q-default-y Created']);
    const good = runCluster({ ...world, steps: [...steps, nudge(30)], knobs });
    expect(statuses(good)).toEqual(['q-default-y Assigned']);
    expect(idsOn(good, 'n1')).toEqual(['x', 'y']);
  });

  it('10: a pod on a node that is not in the cache gets nothing when the node appears, only at the next event', () => {
    const steps: Step[] = [
      { at: 1, api: [create(pod('p', { node: 'v1-7', label: 's' }))] },
      { at: 5, api: [create(node('v1-7'))] },
    ];
    expect(statuses(runCluster({ ...BASE, steps }))).toEqual([]);
    expect(statuses(runCluster({ ...BASE, steps: [...steps, nudge(50)] }))).toEqual(['p-default-x Assigned']);
  });

  it('11: the removal of an absent id from a resource with a system-assigned identity alone PATCHes type None', () => {
    const cluster = runCluster({
      ...BASE,
      objects: [...(BASE.objects ?? []), assignedTo('p', 'n1', 'Assigned')],
      carrying: { n1: { type: 'SystemAssigned', ids: [] } },
      steps: [nudge(1)],
    });
    const patches = cluster.deliveries.flatMap(({ message }) =>
      message.type === 'ArmRequest' && message.call.op === 'patchIdentity' ? [message.call] : [],
    );
    expect(patches).toEqual([{ op: 'patchIdentity', resource: { kind: 'vm', name: 'n1' }, identityType: 'None' }]);
  });

  it('12: three bad identities named one at a time cost three PATCHes 1 s apart, and the good one beside them is not assigned', () => {
    const names = ['bad1', 'bad2', 'bad3', 'y'];
    const cluster = runCluster({
      ...BASE,
      objects: [node('n1'), ...names.map((name) => azureIdentity(name)), ...names.map((name) => binding(name, name, 's'))],
      steps: [{ at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] }],
      until: 50,
    });
    expect(armCalls(cluster, 'patchIdentity')).toEqual([1, 2, 3]);
    expect(idsOn(cluster, 'n1')).toEqual([]);
    expect(statuses(cluster)).toEqual(names.map((name) => `p-default-${name} Created`));
  });

  it('13: a 409 on PATCH is tried three times at once, fails, and throttles nothing', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        { at: 0.5, act: (turn) => fault(turn, 'conflict', { op: 'patchIdentity', times: 3 }, { status: 409, retryAfter: 30 }) },
        { at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] },
        nudge(3),
      ],
    });
    // Injected answers never reach ARM: it sees only the PATCH of the second cycle, within what Retry-After would have forbidden.
    expect(armCalls(cluster, 'patchIdentity')).toEqual([3]);
    expect(cluster.of('mic-worker-ended').map(({ error }) => error.includes('StatusCode=409'))).toEqual([true, false]);
    expect(statuses(cluster)).toEqual(['p-default-x Assigned']);
  });

  it('14: a 429 on PATCH with Retry-After 60 s: one PATCH, none of any scale set for 60 s, but GETs', () => {
    const cluster = runCluster({
      ...BASE,
      objects: [...(BASE.objects ?? []), node('w-0')],
      scaleSets: ['v1', 'w'],
      steps: [
        { at: 0.5, act: (turn) => fault(turn, 'throttle', { op: 'patchIdentity', times: 1 }, { status: 429, retryAfter: 60 }) },
        { at: 1, api: [create(pod('p', { node: 'v1-0', label: 's' }))] },
        { at: 10, api: [create(pod('q', { node: 'w-0', label: 's' }))] },
        nudge(60),
        nudge(62),
      ],
    });
    expect(armCalls(cluster, 'patchIdentity')).toEqual([62, 62]);
    expect(armCalls(cluster, 'get').filter((moment) => moment < 60)).toEqual([1, 1, 10, 10, 10, 10]);
    expect(statuses(cluster)).toEqual(['p-default-x Assigned', 'q-default-x Assigned']);
  });

  it('15: a 503 with Retry-After 1 s on GET is asked four times, a second apart, and fails at the fourth second', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [
        { at: 0.5, act: (turn) => fault(turn, 'down', { op: 'get', times: 4 }, { status: 503, retryAfter: 1 }) },
        { at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] },
      ],
      until: 20,
    });
    const answers = cluster.deliveries.filter(
      ({ actor, message }) => actor.startsWith('mic/') && message.type === 'ArmResponse' && message.status === 503,
    );
    expect(answers.map(({ at }) => at / 1_000_000)).toEqual([1, 2, 3, 4]);
    // At second 5 the call fails; its Retry-After holds back the second GET of the failure path.
    expect(cluster.of('mic-worker-ended').map(({ at, error }) => [at / 1_000_000, error.includes('503')])).toEqual([[5, true]]);
    expect(armCalls(cluster, 'get')).toEqual([]);
  });

  it('16: an operation accepted without Retry-After is polled at once and then every 5 s', () => {
    const cluster = runCluster({
      ...BASE,
      steps: [{ at: 1, api: [create(pod('p', { node: 'n1', label: 's' }))] }],
      knobs: { ...QUICK, 'vm.patch.duration': '12s' },
    });
    expect(armCalls(cluster, 'pollOperation')).toEqual([1, 6, 11, 16]);
  });
});
