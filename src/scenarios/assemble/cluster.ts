/** The cluster at the start: its nodes are there and Ready; everything else is the story's, or `settled.ts`'s. */
import type { Calibration } from '../../model/calibration/index.ts';
import type { Node } from '../../model/kubernetes.ts';
import type { ObjectMeta } from '../../model/object-meta.ts';
import { nodeObject } from '../../model/node-object.ts';
import { nodeProviderId } from '../../model/provider-id.ts';
import type { NodePoolRow } from '../../model/cluster-rows.ts';
import type { ClusterDescription, NodePoolDescription, ScenarioDescription } from '../description.ts';
import { nodesOfPool, scaleSetOfPool } from '../description.ts';
import { computeId } from './azure.ts';
import type { World } from './world.ts';

/** Metadata of an object that exists from the start. */
function metadataOf(name: string, namespace = '', labels: Readonly<Record<string, string>> = {}): ObjectMeta {
  return {
    name,
    namespace,
    uid: `${namespace}/${name}@1`,
    resourceVersion: '1',
    labels,
    annotations: {},
    finalizers: [],
    ownerReferences: [],
  };
}

/** Fills pools, nodes and the namespaces every cluster has. */
export function fillCluster(world: World, scenario: ScenarioDescription, cluster: ClusterDescription, calibration: Calibration): void {
  const most = calibration.value(cluster.network === 'kubenet' ? 'limits.podsPerNode.kubenet' : 'limits.podsPerNode');
  for (const namespace of ['default', 'kube-system'])
    world.fill('namespaces', namespace, { kind: 'Namespace', metadata: metadataOf(namespace) });
  for (const rule of cluster.admission) world.fill('admissionRules', rule.id, rule);
  for (const policy of cluster.egress) world.fill('egressPolicies', policy.namespace, policy);
  for (const source of cluster.nodePools) {
    const pool = { maxPods: most, ...source };
    if (pool.kind === 'vmss') world.fill('nodePools', computeId(scenario, 'vmss', scaleSetOfPool(pool)).toLowerCase(), rowOf(pool));
    for (const name of nodesOfPool(pool)) {
      if (pool.kind === 'vm') world.fill('nodePools', computeId(scenario, 'vm', name).toLowerCase(), rowOf(pool));
      world.fill('nodes', name, nodeOf(scenario, pool, name));
    }
  }
}

/** A pool whose nodes have a size. */
type SizedPool = NodePoolDescription & { readonly maxPods: number };

function rowOf({ name, maxPods, images, taints, startupTaints, autoscaler }: SizedPool): NodePoolRow {
  return { pool: name, maxPods, images, taints, startupTaints, ...(autoscaler === undefined ? {} : { autoscaler }) };
}

function nodeOf(scenario: ScenarioDescription, pool: SizedPool, name: string): Node {
  const { subscription, resourceGroup } = scenario;
  const resourceName = pool.kind === 'vmss' ? scaleSetOfPool(pool) : name;
  const providerID = nodeProviderId({ subscription, resourceGroup, resourceKind: pool.kind, resourceName, name });
  const node = nodeObject({ name, pool: pool.name, providerID, maxPods: pool.maxPods, isReady: true, taints: pool.taints });
  return { ...node, metadata: { ...node.metadata, uid: `${name}@1`, resourceVersion: '1' } };
}
