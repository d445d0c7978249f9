/** The slice of one MIC process, and what reaches it. Big sets are tables: micDesired, micTouched, micWork. */
import type { Duration, Moment } from '../../kernel/time.ts';
import { ORIGIN } from '../../kernel/time.ts';
import type { IdentityType } from '../../model/azure.ts';
import type { PlainEvent } from '../../model/event-correlation.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { IdentityDelta, ResourceRef } from '../../model/messages/arm.ts';
import type { ListedKind } from '../../model/mic/startup.ts';
import type { CloudConfig } from '../../model/settings.ts';
import type { TokenBucket } from '../../model/token-bucket.ts';
import { newLease } from './lease-state.ts';
import type { LeaseState } from './lease-state.ts';

/** Everything that can reach a MIC process. */
export type MicInbox = MessageOf<
  | 'MicStarted'
  | 'LeaseDue'
  | 'RenewDeadlineDue'
  | 'CachesSynced'
  | 'MicCrashDue'
  | 'MicListDue'
  | 'ApiRepeatDue'
  | 'LoopDue'
  | 'PeriodicSyncDue'
  | 'ReconcileDue'
  | 'ResyncDue'
  | 'WorkerDue'
  | 'ArmStepDue'
  | 'MicTokenDue'
  | 'CloudConfigWritten'
  | 'WatchEvent'
  | 'ApiResponse'
  | 'ArmResponse'
  | 'MetadataResponse'
  | 'AadTokenResponse'
  | 'IdentityLookup'
  | 'Probe'
  | 'Signal'
>;

/**
 * Where a process stands: `candidate` asks for the lock with real calls, `standby` waits beside a healthy leader without any,
 * `syncing` has won and fills its caches, `leading` runs the loop, `ended` is dead.
 */
type MicRole = 'candidate' | 'standby' | 'syncing' | 'leading' | 'ended';

/** A cycle that has work. */
interface OpenCycle {
  readonly startedAt: Moment;
  /** Its workers that are not done. */
  working: number;
  /** Those of them that wait for their turn, where a release works on one resource after another. */
  waiting: string[];
}

/** The sync loop. */
interface LoopState {
  /** `computing`: a cycle that finds nothing uses CPU until `freeAt`. `tail`: the sleep after a working cycle. */
  phase: 'idle' | 'cycle' | 'reconcile' | 'tail';
  /** Accepted events no cycle has answered. */
  queued: number;
  /** Pending tick of the periodic sync and of the reconcile; at most one each. */
  syncTick: 'none' | 'pending';
  reconcileTick: 'none' | 'pending';
  /** Until when the last cycle without work computes [µs]. */
  freeAt: Moment;
  /** Cycles begun. */
  cycles: number;
  /** Cycles under way, by number. More than one only where cycles may overlap. */
  open: Record<number, OpenCycle>;
}

/**
 * Phase of a worker: creating → assigning → confirming → deleting, or after a failed cloud call checking → settling; `removing` is the
 * clean-up of a node that is gone.
 */
type WorkerPhase = 'starting' | 'creating' | 'assigning' | 'confirming' | 'deleting' | 'checking' | 'settling' | 'removing';

/** Work on one VM or scale set in one cycle. Its items are rows of micWork: changes first, deletes after them. */
export interface Worker {
  readonly name: string;
  readonly kind: 'vm' | 'vmss' | 'node';
  /** Name ARM is asked for. */
  readonly resource: string;
  /** Cycle it belongs to. */
  readonly cycle: number;
  phase: WorkerPhase;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Number of creates, retries and updates. */
  readonly changes: number;
  readonly deletes: number;
  /** Next item of the phase, and how many are under way. */
  next: number;
  inFlight: number;
  /** Ids the GET after a failure showed, spelled as they are compared. */
  present: readonly string[];
  /** Error of the cloud call; `''`: none. */
  error: string;
}

/** One UpdateUserMSI or one GET at ARM. */
export interface ArmTask {
  readonly resource: ResourceRef;
  /** Cloud client of the present call. */
  client: number;
  readonly goal: 'update' | 'read';
  readonly add: readonly string[];
  readonly remove: readonly string[];
  step: 'get' | 'patch' | 'poll';
  /** What it waits for: the process's token, an answer, or a timer (then what follows it). */
  waits: 'token' | 'answer' | 'repeat' | 'giveUp' | 'poll' | 'retry' | 'pollLimit';
  request: string;
  /** Failed tries and conflicts of the present call. */
  tries: number;
  conflicts: number;
  identityType: IdentityType;
  /** Entries of the present PATCH and of those after it; `clear` has none. */
  delta: IdentityDelta[];
  rest: IdentityDelta[];
  /** Entries sent so far. */
  sent: number;
  form: 'delta' | 'clear' | 'list';
  /** For `list`: the model to PUT, as the GET showed it but for its identities. */
  model: { ids: string[]; capacity: number };
  /** Tries without bad identities so far. */
  attempt: number;
  /** First error: what the task answers in the end, even if a later try succeeded. */
  firstError: string;
  operation: string;
  pollUntil: Moment;
  pollErrors: number;
  /** When the present operation began: the GET, or a PATCH with all its chunks. */
  since: Moment;
  /** Error to give up with after the last wait of the SDK. */
  lastError: string;
  lastRetryAfter: Duration;
}

/** A call of the API server that is not answered for good. */
interface PendingCall {
  readonly client: 'crd' | 'core';
  readonly call: ApiCall;
  /** Times it was sent again. */
  repeats: number;
}

/** What a new leader does before its loop begins. */
interface StartupState {
  /** When the process started, and when it won the lock. */
  startedAt: Moment;
  wonAt: Moment;
  /** The type upgrade while it runs: place in its list of kinds, what was listed of the present one, and place in that. */
  upgrade:
    | {
        step: 'marker' | 'making' | 'listing' | 'writing' | 'marking';
        kind: number;
        objects: readonly { readonly key: string; readonly version: string }[];
        at: number;
      }
    | undefined;
  /** First lists, by kind. */
  lists: Partial<Record<ListedKind, { isDone: boolean; failures: number; failedAt: Moment }>>;
}

/** A reconcile pass: resources one after the other, first all reads, then the repairs. */
interface ReconcilePass {
  phase: 'reading' | 'repairing';
  readonly resources: readonly { readonly kind: 'vm' | 'vmss'; readonly name: string; readonly wanted: readonly string[] }[];
  at: number;
  missing: { readonly kind: 'vm' | 'vmss'; readonly name: string; readonly ids: readonly string[] }[];
  /** Identities put back, and repairs that failed. */
  added: number;
  failures: number;
  /** What had changed between the tick and the pass: the next tick looks again. */
  since: number;
}

/** A Kubernetes Event that waits for the recorder's one writer. `counted`: it is on the server already, under that name. */
export interface RecordedEvent extends PlainEvent {
  readonly outcome: 'new' | 'counted';
  readonly name: string;
  readonly count: number;
}

/** The process's own token for ARM, as adal keeps it. */
interface TokenState {
  phase: 'idle' | 'asking' | 'pausing';
  /** -1: has none. */
  expiresAt: number;
  /** Calls made in this refresh. */
  attempt: number;
  request: string;
  /** Tasks that wait for it, in order. */
  /** How its last try ended; 0: nobody answered -- changes. */
  status: number;
  waiters: string[];
}

/** A client of the cloud: whom it signs in as, its token, and until when calls of a kind are held back, by throttle key [µs]. */
export interface CloudClient {
  readonly config: CloudConfig;
  readonly token: TokenState;
  readonly throttledUntil: Record<string, Moment>;
}

/** A question of NMI that waits for an assignment (variant `nmi.lookup: mic`). */
export interface PendingLookup {
  readonly asker: string;
  /** `namespace/name`. */
  readonly pod: string;
  readonly clientId: string;
  readonly resourceId: string;
}

/** Slice of one MIC process. */
export interface MicState {
  /** Pod key and node -- constant. */
  pod: string;
  node: string;
  /** Event at which this process began: tells its requests from those of an earlier process in the same pod -- constant. */
  boot: number;
  serial: number;
  role: MicRole;
  lease: LeaseState;
  startup: StartupState;
  loop: LoopState;
  workers: Record<string, Worker>;
  tasks: Record<string, ArmTask>;
  pass: ReconcilePass | undefined;
  /** Whether the last reconcile pass found all in place and nothing changed since, as far as the last tick knew. */
  isReconciled: boolean;
  /** Cloud clients that are in use, by number, and the number of the one for new calls. */
  clients: Record<number, CloudClient>;
  client: number;
  /** azure.json's own identity as it stood when the process began: never taken off a resource -- constant. */
  ownIdentity: string;
  /** Calls of the API server under way, by request. */
  calls: Record<string, PendingCall>;
  /** Rate limits of the two clients: custom resources, and the rest. */
  crdBucket: TokenBucket | undefined;
  coreBucket: TokenBucket | undefined;
  recorder: { queue: RecordedEvent[]; state: 'idle' | 'sending' };
  /** Questions that wait, by their id; and until when each server of the door is busy [µs]. */
  lookups: { pending: Record<string, PendingLookup>; busyUntil: Moment[] };
}

/** A process before its first message. */
export function newMic(): MicState {
  return {
    pod: '',
    node: '',
    boot: -1,
    serial: 0,
    role: 'candidate',
    lease: newLease(),
    startup: { startedAt: ORIGIN, wonAt: ORIGIN, upgrade: undefined, lists: {} },
    loop: { phase: 'idle', queued: 0, syncTick: 'none', reconcileTick: 'none', freeAt: ORIGIN, cycles: 0, open: {} },
    workers: {},
    tasks: {},
    pass: undefined,
    isReconciled: false,
    clients: {},
    client: 0,
    ownIdentity: '',
    calls: {},
    crdBucket: undefined,
    coreBucket: undefined,
    recorder: { queue: [], state: 'idle' },
    lookups: { pending: {}, busyUntil: [] },
  };
}
