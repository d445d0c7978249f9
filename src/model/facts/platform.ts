/** Facts about the platform: ARM, the API server, nodes, containers, principals, and the story itself. */
import type { Duration, Moment } from '../../kernel/time.ts';

/** What happened around pod identity. */
export type PlatformFact =
  | { readonly type: 'story-step'; readonly step: string; readonly text: string }
  /** ARM answered one call. `client` is the caller's actor kind and id; `retryAfter` what a Retry-After header said, zero without one. */
  | {
      readonly type: 'arm-answered';
      readonly client: string;
      readonly op: string;
      readonly resource: string;
      readonly status: number;
      readonly error: string;
      readonly retryAfter: Duration;
    }
  /** An identity was made again under a name that a VM or scale set still refers to: that reference is dead until it is renewed. */
  | { readonly type: 'identity-reference-stale'; readonly resource: string; readonly identity: string }
  /** An identity operation on a VM or scale set took effect (or failed). */
  | {
      readonly type: 'arm-operation-ended';
      readonly operation: string;
      readonly client: string;
      readonly resource: string;
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly outcome: 'Succeeded' | 'Failed' | 'Preempted';
      readonly took: Duration;
    }
  | { readonly type: 'api-answered'; readonly client: string; readonly verb: string; readonly kind: string; readonly status: number }
  /**
   * The webhook of workload identity was to see a new pod. `ignored`: it was not reached, or not in time, and the pod was admitted as it
   * came. `took`: for how long the API server waited for it.
   */
  | {
      readonly type: 'webhook-answered';
      readonly pod: string;
      readonly outcome: 'mutated' | 'ignored' | 'refused';
      readonly reason: string;
      readonly took: Duration;
    }
  /** A client waited for its own rate limit before it sent. */
  | { readonly type: 'client-throttled'; readonly client: string; readonly bucket: string; readonly waited: Duration }
  /** The cluster autoscaler changed the size of a pool, or gave up on a node or a pool. */
  | {
      readonly type: 'pool-scaled';
      readonly pool: string;
      readonly from: number;
      readonly to: number;
      readonly why: 'pendingPods' | 'unneeded' | 'notProvisioned' | 'refused';
    }
  | { readonly type: 'node-ready'; readonly node: string; readonly pool: string }
  | { readonly type: 'node-removed'; readonly node: string; readonly how: 'drained' | 'lost' | 'deleted' }
  /** A try to set up a volume of a pod ended. `waited`: the back-off before it; `error`: `''` for success. */
  | {
      readonly type: 'volume-setup-ended';
      readonly pod: string;
      readonly node: string;
      readonly volume: string;
      readonly attempt: number;
      readonly error: string;
      readonly waited: Duration;
      readonly took: Duration;
    }
  /** FailedMount, timed out waiting for the condition: a sync of a pod gave up waiting for its volumes, for the `count`-th time. */
  | { readonly type: 'volume-wait-expired'; readonly pod: string; readonly node: string; readonly count: number; readonly took: Duration }
  | {
      readonly type: 'container-started';
      readonly pod: string;
      readonly uid: string;
      readonly node: string;
      readonly ip: string;
      readonly image: string;
      readonly createdAt: Moment;
      /** Name of the init container, if it is one. */
      readonly init?: string;
    }
  | {
      readonly type: 'container-ended';
      readonly pod: string;
      readonly uid: string;
      readonly node: string;
      readonly ip: string;
      readonly reason: string;
      readonly init?: string;
    }
  | {
      readonly type: 'principal-created';
      readonly objectId: string;
      readonly appId: string;
      readonly kind: 'systemAssigned' | 'userAssigned' | 'application';
      readonly resourceId: string;
    }
  | { readonly type: 'principal-deleted'; readonly objectId: string; readonly resourceId: string }
  /** Entra began to fail a share [0 to 1] of token requests, for a while. */
  | { readonly type: 'entra-outage-began'; readonly until: Moment; readonly severity: number }
  /** A federated credential was written, and until when replicas of the directory hear of it; `missingFrom` [0 to 1] of them never do. */
  | {
      readonly type: 'federated-credential-written';
      readonly objectId: string;
      readonly name: string;
      readonly subject: string;
      readonly what: 'created' | 'updated' | 'deleted';
      readonly everywhereAt: Moment;
      readonly missingFrom: number;
    }
  | { readonly type: 'signing-key-rotated'; readonly issuer: string; readonly keyId: string }
  /** A pod identity of the add-on was added or deleted, or that was refused because of an identity of the list (`culprit`, else `''`). */
  | {
      readonly type: 'aks-operation-ended';
      readonly action: 'add' | 'delete';
      /** `namespace/name`. */
      readonly podIdentity: string;
      readonly outcome: 'Succeeded' | 'Failed';
      readonly culprit: string;
    }
  /** People were warned of the end of a client secret, made a new one in time or after they noticed an outage, or wrote it into the cluster. */
  | { readonly type: 'client-secret-cared'; readonly clientId: string; readonly what: 'warn' | 'rotate' | 'notice' | 'write' }
  /** An application got a credential: Entra takes it from `usableFrom` at the earliest. */
  | {
      readonly type: 'credential-added';
      readonly objectId: string;
      readonly keyId: string;
      readonly usableFrom: Moment;
      readonly notAfter: Moment;
    }
  | { readonly type: 'credential-removed'; readonly objectId: string; readonly keyId: string }
  | { readonly type: 'credential-rolled'; readonly objectId: string; readonly keyId: string; readonly notAfter: Moment }
  /** A principal joined or left a group, or got or lost an application role. `value`: object id of the group, or name of the role. */
  | {
      readonly type: 'directory-claim-changed';
      readonly objectId: string;
      readonly claim: 'groups' | 'roles';
      readonly value: string;
      readonly change: 'given' | 'taken';
    }
  /** A principal changed as a whole, other than by being made or deleted. */
  | {
      readonly type: 'principal-changed';
      readonly objectId: string;
      readonly change: 'disabled' | 'enabled' | 'restored' | 'purged' | 'tokensRevoked';
    }
  /** The directory refused a change about a principal. */
  | { readonly type: 'directory-change-refused'; readonly objectId: string; readonly error: string }
  /** The proxy sidecar of a pod starts after its main containers, or serves. One that comes first is stated as it serves. */
  | { readonly type: 'token-proxy-phase'; readonly pod: string; readonly node: string; readonly phase: 'starting' | 'serving' }
  | { readonly type: 'probe-failed'; readonly pod: string; readonly failures: number };
