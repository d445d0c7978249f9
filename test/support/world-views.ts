/** What can be seen of a world, by structure: without random names, times and versions, so that two worlds can be compared. */
import { keyOf } from '../../src/model/kubernetes.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { isHolder } from '../../src/model/mic/lease.ts';
import type { World } from '../../src/scenarios/assemble/index.ts';

/** How often each text occurs, in code-unit order. */
export function tally(texts: Iterable<string>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function poolOf(world: World, node: string): string {
  return world.table('nodes').get(node)?.metadata.labels['agentpool'] ?? 'no node';
}

function ownerOf(pod: Pod): string {
  return pod.metadata.ownerReferences.map(({ kind, name }) => `${kind}/${name}`).join() || `Pod/${pod.metadata.name}`;
}

/** What pods are, names of single pods aside. */
export function podsOf(world: World): Readonly<Record<string, number>> {
  return tally(
    world
      .table('pods')
      .all()
      .map((pod) => {
        const { phase, ready, restarts, podIP } = pod.status;
        // Pods without a pool of their own may be anywhere.
        const place = Object.hasOwn(pod.spec.nodeSelector, 'agentpool') ? poolOf(world, pod.spec.nodeName ?? '') : 'anywhere';
        const state = `${phase} ready ${String(ready)} restarts ${String(restarts)} ip ${podIP === '' ? 'none' : 'set'}`;
        return `${ownerOf(pod)} ${place} ${state} ${Object.keys(pod.metadata.labels).sort().join()} ${pod.metadata.finalizers.join()}`;
      }),
  );
}

/** AzureAssignedIdentities by what they were made of and where. */
export function assignmentsOf(world: World): Readonly<Record<string, number>> {
  return tally(
    world
      .table('azureAssignedIdentities')
      .all()
      .map(({ metadata, spec, status }) => {
        const pod = world.table('pods').get(`${spec.podNamespace}/${spec.pod}`);
        const { azureIdentityRef: identity, azureBindingRef: binding } = spec;
        return [
          `${metadata.namespace} ${keyOf(identity)} ${keyOf(binding)} for ${pod === undefined ? 'nobody' : ownerOf(pod)}`,
          `in ${poolOf(world, spec.nodename)}, on its node ${String(pod?.spec.nodeName === spec.nodename)}`,
          `labels ${Object.keys(metadata.labels).sort().join()}, finalizers ${metadata.finalizers.join()}, status ${status.status}`,
          `copies ${JSON.stringify([identity.spec, binding.spec])}`,
        ].join('; ');
      }),
  );
}

/** VMs and scale sets with their identities, what IMDS may know of them, and the rules of each node. */
export function machinesOf(world: World): readonly string[] {
  const resources = world
    .table('computeResources')
    .all()
    .map(({ name, identityType, userAssigned, provisioningState, capacity }) => {
      const ids = userAssigned.map((id) => id.split('/').at(-1) ?? '').sort();
      return `${name} ${identityType} [${ids.join()}] ${provisioningState} ${String(capacity)}`;
    });
  const grants = world
    .table('identityGrants')
    .all()
    .map(({ resource, identity, detachedAt }) => `grant of ${identity} to ${resource}${detachedAt === undefined ? '' : ', detached'}`);
  const machines = world
    .table('virtualMachines')
    .all()
    .map(({ name, node, resource }) => `machine ${name} ${node} ${resource}`);
  const rules = world
    .table('nodeRules')
    .all()
    .map(({ node, chain, jump, listener }) => `rules ${node} ${chain} ${jump} ${listener}`);
  return [...resources, ...grants, ...machines, ...rules].sort();
}

/** What components keep for themselves. */
export function booksOf(world: World): Readonly<Record<string, number>> {
  const controlled = world
    .table('controlledPods')
    .all()
    .map(({ owner: of, stage }) => `controlled ${of} ${stage}`);
  const placements = world
    .table('placements')
    .all()
    .map(({ state }) => `placement ${state}`);
  const seats = world
    .table('schedulerNodes')
    .all()
    .map(({ node, isOpen, maxPods }) => `seat ${node} ${String(isOpen)} ${String(maxPods)}`);
  const desired = world
    .table('micDesired')
    .all()
    .map(({ identityKey, bindingKey }) => `desired ${identityKey} ${bindingKey}`);
  const left = [...world.table('micTouched').all(), ...world.table('micWork').all()].map((row) => `left to do ${JSON.stringify(row)}`);
  const actors = world.actors.map((actor) => `actor ${actor.split('/')[0] ?? ''}`);
  return tally([...controlled, ...placements, ...seats, ...desired, ...left, ...actors]);
}

const PLAIN = [
  'nodes',
  'deployments',
  'statefulSets',
  'daemonSets',
  'namespaces',
  'serviceAccounts',
  'azureIdentities',
  'azureIdentityBindings',
] as const;

/** Objects that are what somebody applied, versions and times aside. */
export function objectsOf(world: World): readonly string[] {
  const objects: string[] = [];
  for (const table of PLAIN)
    for (const object of world.table(table).all()) {
      const { metadata, ...rest } = object;
      const { name, namespace, uid, labels, annotations, finalizers, ownerReferences } = metadata;
      objects.push(JSON.stringify({ name, namespace, uid, labels, annotations, finalizers, ownerReferences, ...rest }));
    }
  return objects.sort();
}

/** Locks of leaders, and whether a pod of MIC holds them. */
export function leadersOf(world: World): readonly string[] {
  const isMic = (holder: string): boolean =>
    world
      .table('pods')
      .all()
      .some((pod) => isHolder(holder, keyOf(pod)) && pod.spec.containers.some(({ image }) => image.includes('/mic:')));
  return world
    .table('leases')
    .all()
    .map(({ metadata, spec }) => `${keyOf({ metadata })} held by ${isMic(spec.holder) ? 'a MIC pod' : `"${spec.holder}"`}`);
}
