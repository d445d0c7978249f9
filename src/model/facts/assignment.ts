/** Facts about MIC: leadership, cycles, and what its workers do. What it writes is in the journals of the tables. */
import type { Duration } from '../../kernel/time.ts';

/** What happened in the control plane of pod identity. `replica` is the actor of the MIC process (`mic/namespace/pod`). */
export type AssignmentFact =
  | { readonly type: 'mic-started'; readonly replica: string }
  | { readonly type: 'mic-leading'; readonly replica: string }
  /** azure.json was written, and its cloud clients were made anew. */
  | { readonly type: 'mic-cloud-config-reloaded'; readonly replica: string }
  /** Its memory passed another MiB: what it holds now [MiB]. */
  | { readonly type: 'mic-memory-grew'; readonly replica: string; readonly mebibytes: number }
  | { readonly type: 'mic-stopped'; readonly replica: string; readonly reason: string }
  | { readonly type: 'mic-caches-synced'; readonly replica: string }
  | {
      readonly type: 'mic-cycle-started';
      readonly replica: string;
      readonly cycle: number;
      readonly creates: number;
      readonly deletes: number;
      readonly updates: number;
      readonly queued: number;
      /** Of these, how many found the event channel full and wait in the buffers of the informers. */
      readonly buffered: number;
    }
  | { readonly type: 'mic-cycle-ended'; readonly replica: string; readonly cycle: number; readonly took: Duration }
  /** A cycle that found nothing to do, and was one of the few such that MIC's log and metrics mention. */
  | { readonly type: 'mic-idle-cycle-reported'; readonly replica: string; readonly cycle: number; readonly took: Duration }
  /**
   * One operation of MIC's cloud layer ended, as its metrics count it: a GET, or a PATCH with all its chunks, polls and repeats by the
   * SDK. What the client's own throttle refused is one, too, and took no time. `error` is `''` for success; `retryAfter` is what the
   * answer that ended it asked for in a Retry-After header, zero without one.
   */
  | {
      readonly type: 'mic-cloud-operation-ended';
      readonly replica: string;
      readonly operation: 'vm_get' | 'vm_update' | 'vmss_get' | 'vmss_update';
      readonly resource: string;
      readonly error: string;
      readonly took: Duration;
      readonly retryAfter: Duration;
    }
  /** A write of an AzureAssignedIdentity ended, waiting for the client's rate limit included; a deletion is DELETE and PUT. */
  | {
      readonly type: 'mic-assigned-identity-written';
      readonly replica: string;
      readonly operation: 'addition' | 'update' | 'deletion' | 'status';
      readonly assigned: string;
      readonly error: string;
      readonly took: Duration;
    }
  /** One worker (one VM or scale set) began or ended its part of a cycle. */
  | {
      readonly type: 'mic-worker-started';
      readonly replica: string;
      readonly cycle: number;
      readonly resource: string;
      readonly add: readonly string[];
      readonly remove: readonly string[];
    }
  | {
      readonly type: 'mic-worker-ended';
      readonly replica: string;
      readonly cycle: number;
      readonly resource: string;
      readonly error: string;
    }
  /** MIC decided on a removal: what the reference count saw. */
  | {
      readonly type: 'mic-removal-decided';
      readonly replica: string;
      readonly assigned: string;
      readonly resource: string;
      readonly identity: string;
      readonly verdict: 'remove' | 'inUse' | 'immutable' | 'notAssigned' | 'notUserAssigned' | 'nodeGone' | 'aborted';
    }
  | { readonly type: 'mic-reconciled'; readonly replica: string; readonly added: number; readonly aborted: string }
  /** A desired AzureAssignedIdentity lost to another of the same name. */
  | { readonly type: 'mic-name-collision'; readonly replica: string; readonly name: string; readonly loser: string }
  /** A Kubernetes Event was handed to the recorder. */
  | {
      readonly type: 'mic-event';
      readonly replica: string;
      readonly level: 'Normal' | 'Warning';
      readonly reason: string;
      readonly regarding: string;
      /** As it is written; combined Events say so. */
      readonly message: string;
      readonly delivered: 'yes' | 'dropped';
    };
