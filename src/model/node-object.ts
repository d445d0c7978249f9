/** The Node object as a kubelet registers it, and as a settled world has it. */
import type { Node, Taint } from './kubernetes.ts';

/** What is known of a machine that is to be a node. */
export interface NodeFacts {
  readonly name: string;
  readonly pool: string;
  readonly providerID: string;
  /** Most pods it takes [pods] -- constant. */
  readonly maxPods: number;
  readonly isReady: boolean;
  readonly taints?: readonly Taint[];
}

/** A Node of that name before the API server saw it. */
export function nodeObject(node: NodeFacts): Node {
  return {
    kind: 'Node',
    metadata: {
      name: node.name,
      namespace: '',
      uid: '',
      resourceVersion: '',
      labels: { agentpool: node.pool, 'kubernetes.io/hostname': node.name, 'kubernetes.io/os': 'linux' },
      annotations: {},
      finalizers: [],
      ownerReferences: [],
    },
    spec: {
      providerID: node.providerID,
      unschedulable: false,
      ...(node.taints === undefined || node.taints.length === 0 ? {} : { taints: node.taints }),
    },
    status: { ready: node.isReady, maxPods: node.maxPods },
  };
}
