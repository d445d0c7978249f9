/** Timers of MIC and what its two replicas say to nobody else. Grown by the MIC's phases. */

import type { ListedKind } from '../mic/startup.ts';

/** Messages of this area. */
export type MicMessage =
  /** A MIC process begins in its container. */
  | { readonly type: 'MicStarted'; readonly pod: string; readonly node: string; readonly start: 'settled' | 'cold' }
  /** Timer: next attempt at the lease (candidate), or next renewal (leader). */
  | { readonly type: 'LeaseDue' }
  /** Timer: the renewals did not succeed in time. */
  | { readonly type: 'RenewDeadlineDue' }
  /** Timer: all caches are filled. */
  | { readonly type: 'CachesSynced' }
  /** Timer: a list of a starting leader is asked again. */
  | { readonly type: 'MicListDue'; readonly kind: ListedKind }
  /** Timer: a call of the API server that was answered with Retry-After is sent again. */
  | { readonly type: 'ApiRepeatDue'; readonly request: string }
  /** Timer: the process crashes by itself. */
  | { readonly type: 'MicCrashDue' }
  /** Timer: the loop looks for work. */
  | { readonly type: 'LoopDue' }
  /** Timer: periodic sync and reconcile. */
  | { readonly type: 'PeriodicSyncDue' }
  | { readonly type: 'ReconcileDue' }
  /** Timer: informers of AzureIdentity and AzureIdentityBinding resync. */
  | { readonly type: 'ResyncDue'; readonly table: string }
  /** Timer of one resource's worker: it begins. */
  | { readonly type: 'WorkerDue'; readonly resource: string; readonly step: string }
  /** Timer of one task at ARM: its SDK sends again, polls, or gives up. */
  | { readonly type: 'ArmStepDue'; readonly task: string }
  /** The file watcher: azure.json of the node was written in place, or another file took its name. */
  | { readonly type: 'CloudConfigWritten'; readonly how: 'write' | 'rename' }
  /** Timer: one of MIC's cloud clients asks for its ARM token again. */
  | { readonly type: 'MicTokenDue'; readonly client: number };
