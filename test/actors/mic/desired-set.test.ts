/** The incremental desired set against a naive one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MicState } from '../../../src/actors/mic/index.ts';
import type { AzureIdentity, KubernetesKind } from '../../../src/model/kubernetes.ts';
import type { ApiCall } from '../../../src/model/messages/kubernetes.ts';
import { keyOf } from '../../../src/model/kubernetes.ts';
import type { Identity } from '../../../src/model/vocabulary.ts';
import type { Simulation } from '../../../src/kernel/simulation.ts';
import { INSTANT, runCluster } from './cluster.ts';
import type { Cluster, Step } from './cluster.ts';
import { armId, azureIdentity, binding, create, node, pod, remove } from './objects.ts';

const NODES = ['vm1', 'v1-0', 'v1-1'];
const SPACES = ['default', 'ns1'];

const podCalls = fc.record({
  name: fc.constantFrom('a', 'b', 'a-ns1'),
  namespace: fc.constantFrom(...SPACES),
  label: fc.constantFrom('s', 's', 't', ''),
  node: fc.constantFrom(...NODES, ...NODES, ''),
});
const bindingCalls = fc.record({
  name: fc.constantFrom('x', 'y', 'z'),
  namespace: fc.constantFrom(...SPACES),
  selector: fc.constantFrom('s', 't'),
  identity: fc.constantFrom('id', 'ie'),
});
const identityCalls = fc.record({
  name: fc.constantFrom('id', 'ie'),
  namespace: fc.constantFrom(...SPACES),
  arm: fc.constantFrom('ua', 'ub', 'malformed'),
  behavior: fc.constantFrom('', 'namespaced'),
});

/** One change of the cluster. */
const change: fc.Arbitrary<ApiCall> = fc.oneof(
  {
    weight: 8,
    arbitrary: podCalls.map(({ name, namespace, label, node: on }) =>
      create(pod(name, { namespace, ...(label === '' ? {} : { label }), ...(on === '' ? {} : { node: on }) })),
    ),
  },
  { weight: 4, arbitrary: podCalls.map(({ name, namespace }) => remove('Pod', `${namespace}/${name}`)) },
  {
    weight: 3,
    arbitrary: bindingCalls.map(({ name, namespace, selector, identity }): ApiCall => ({
      verb: 'apply',
      object: binding(name, identity, selector, namespace),
    })),
  },
  { weight: 1, arbitrary: bindingCalls.map(({ name, namespace }) => remove('AzureIdentityBinding', `${namespace}/${name}`)) },
  { weight: 2, arbitrary: identityCalls.map((spec): ApiCall => ({ verb: 'apply', object: identityOf(spec) })) },
  { weight: 1, arbitrary: identityCalls.map(({ name, namespace }) => remove('AzureIdentity', `${namespace}/${name}`)) },
  { weight: 1, arbitrary: fc.constantFrom('default/a-default-id', 'default/b-ns1-id').map((key) => remove('AzureAssignedIdentity', key)) },
);

function identityOf({
  name,
  namespace,
  arm,
  behavior,
}: {
  readonly name: string;
  readonly namespace: string;
  readonly arm: string;
  readonly behavior: string;
}): AzureIdentity {
  const base = azureIdentity(
    name,
    { resourceID: arm === 'malformed' ? '/subscriptions/s1/x' : armId(arm), clientID: `client-${arm}` },
    namespace,
  );
  return behavior === '' ? base : { ...base, metadata: { ...base.metadata, annotations: { 'aadpodidentity.k8s.io/Behavior': behavior } } };
}

/** Everything the real controller would derive from scratch: name to (pod, binding, identity), and what the diff would find. */
function naive(sim: Simulation<Identity>): {
  readonly desired: ReadonlyMap<string, string>;
  readonly work: readonly [number, number, number];
} {
  const desired = new Map<string, { readonly key: string; readonly versions: string }>();
  const bindings = [...sim.table('azureIdentityBindings').all()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const one of sim.table('pods').all()) {
    const { name, namespace, labels } = one.metadata;
    for (const match of bindings) {
      if (labels['aadpodidbinding'] !== match.spec.selector || one.spec.nodeName === undefined) continue;
      const identity = sim.table('azureIdentities').get(`${match.metadata.namespace}/${match.spec.azureIdentity}`);
      if (identity?.spec.resourceID.includes('userAssignedIdentities') !== true) continue;
      if (identity.metadata.annotations['aadpodidentity.k8s.io/Behavior'] === 'namespaced' && namespace !== identity.metadata.namespace)
        continue;
      const assigned = `${name}-${namespace}-${identity.metadata.name}`;
      if (desired.has(assigned)) continue;
      const versions = [
        match.metadata.name,
        match.metadata.resourceVersion,
        identity.metadata.name,
        identity.metadata.resourceVersion,
        name,
        namespace,
        one.spec.nodeName,
      ].join('|');
      desired.set(assigned, { key: `${keyOf(one)} ${keyOf(match)} ${keyOf(identity)}`, versions });
    }
  }
  const cached = new Map(
    sim
      .table('azureAssignedIdentities')
      .all()
      .map((object) => [object.metadata.name, object]),
  );
  let [creates, deletes, updates] = [0, 0, 0];
  for (const name of new Set([...desired.keys(), ...cached.keys()])) {
    const object = cached.get(name);
    const wish = desired.get(name);
    if (wish === undefined) deletes += 1;
    else if (object === undefined) creates += 1;
    else {
      const { azureBindingRef, azureIdentityRef, pod: podName, podNamespace, nodename } = object.spec;
      const versions = [
        azureBindingRef.metadata.name,
        azureBindingRef.metadata.resourceVersion,
        azureIdentityRef.metadata.name,
        azureIdentityRef.metadata.resourceVersion,
        podName,
        podNamespace,
        nodename,
      ].join('|');
      if (versions !== wish.versions) updates += 1;
      else if (object.status.status === 'Created') creates += 1;
    }
  }
  return { desired: new Map([...desired].map(([name, { key }]) => [name, key])), work: [creates, deletes, updates] };
}

/** Winners among the rows the process keeps, by the rule that a creation-ordered list would follow. */
function kept(sim: Simulation<Identity>): ReadonlyMap<string, string> {
  const order = new Map(
    sim
      .table('pods')
      .all()
      .map((one, index) => [keyOf(one), index]),
  );
  const rows = [...sim.table('micDesired').all()].sort(
    (a, b) => (order.get(a.podKey) ?? 0) - (order.get(b.podKey) ?? 0) || (a.bindingKey < b.bindingKey ? -1 : 1),
  );
  const winners = new Map<string, string>();
  for (const row of rows) if (!winners.has(row.name)) winners.set(row.name, `${row.podKey} ${row.bindingKey} ${row.identityKey}`);
  return winners;
}

function sorted(map: ReadonlyMap<string, string>): readonly string[] {
  return [...map].map(([name, value]) => `${name}: ${value}`).sort();
}

/** Runs the changes and checks every cycle as it happens. */
function check(
  changes: readonly ApiCall[],
  knobs: Readonly<Record<string, string>>,
): { readonly cluster: Cluster; readonly cycles: number } {
  const steps: Step[] = changes.map((call, n) => ({ at: 1 + n * 0.4, api: [call] }));
  let cycles = 0;
  const cluster = runCluster({
    objects: [
      ...NODES.map((name) => node(name)),
      ...SPACES.flatMap((namespace) => [
        identityOf({ name: 'id', namespace, arm: 'ua', behavior: '' }),
        identityOf({ name: 'ie', namespace, arm: 'ub', behavior: '' }),
      ]),
      ...SPACES.flatMap((namespace) => [binding('x', 'id', 's', namespace), binding('y', 'ie', 't', namespace)]),
    ],
    vms: ['vm1'],
    scaleSets: ['v1'],
    identities: ['ua', 'ub'],
    steps,
    until: 100,
    run: { mode: 'fast' },
    knobs: {
      ...INSTANT,
      'vm.patch.duration': '0s',
      'vmss.patch.duration.serverSide': '1s',
      'mic.sync.tail': '0.1s',
      'mic.clientQps': 1000,
      'mi.resource.throttle': 'TB(1000, 1000/s)',
      ...knobs,
    },
    onDelivery: (sim, { actor, after, facts }) => {
      const seen = actor === 'mic/default/mic-0' ? (after as MicState).loop.cycles : cycles;
      if (seen === cycles) return;
      cycles = seen;
      const expected = naive(sim);
      expect(sorted(kept(sim))).toEqual(sorted(expected.desired));
      const [begun] = facts.flatMap(({ fact }) =>
        fact.type === 'mic-cycle-started' && fact.cycle === cycles ? [[fact.creates, fact.deletes, fact.updates]] : [],
      );
      expect(begun ?? [0, 0, 0]).toEqual(expected.work);
    },
  });
  return { cluster, cycles };
}

// Claim: keeping the desired set up to date finds in every single cycle what a recomputation from nothing finds. By comparison with a
// naive one over random histories of pods, bindings, identities and assigned identities, names that collide included.
describe('the incremental desired set', () => {
  it('finds in every cycle what a full recomputation finds', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 5, maxLength: 40 }), (changes) => {
        check(changes, {});
      }),
      { numRuns: 120, seed: 7 },
    );
  });

  it('sees enough cycles with work for that to mean something', () => {
    const changes = fc.sample(fc.array(change, { minLength: 40, maxLength: 40 }), { numRuns: 5, seed: 3 });
    const working = changes.reduce((sum, some) => sum + check(some, {}).cluster.of('mic-cycle-started').length, 0);
    expect(working).toBeGreaterThan(20);
    const kinds = new Set<KubernetesKind>(
      changes.flat().flatMap((call) => ('object' in call ? [call.object.kind] : 'kind' in call ? [call.kind] : [])),
    );
    expect(kinds.size).toBe(4);
  });
});
