/** Slice of an application process and its token client. */
import type { AccessToken } from '../../model/azure.ts';
import type { Moment } from '../../kernel/time.ts';
import type { WorkloadPlace } from '../../model/messages/token.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** One logical getToken under way. */
export interface Asking {
  readonly id: string;
  /** Number of this asking among all of the process, from 1. */
  readonly ordinal: number;
  readonly askedAt: Moment;
  /** `needed`: the use has no token. `inline`: it waits for a refresh. `background`: it went on with the old token. */
  readonly kind: 'needed' | 'inline' | 'background';
  /** Retries used, by layer of the profile [1] -- changes. */
  counts: readonly number[];
  /** Number of the present try, from 1 -- changes. */
  attempt: number;
  /** Id of the request whose answer counts; `''` while it waits -- changes. */
  tryId: string;
  tryStartedAt: Moment;
  stage: 'probe' | 'try' | 'backoff' | 'failing';
  /** How the last try ended; see TryOutcome -- changes. */
  status: number;
}

/** A token as the client keeps it. */
interface HeldToken {
  readonly token: AccessToken;
  readonly receivedAt: Moment;
}

/** Slice of an application process. */
export interface PodState {
  /** Name of its row in `workloads`. */
  workload: string;
  place: WorkloadPlace;
  /** Number of askings so far, cached answers included -- changes. */
  ordinal: number;
  /** The asking under way -- changes. */
  asking: Asking | undefined;
  /** The token it keeps -- changes. */
  held: HeldToken | undefined;
  /** Whether it ever got a token -- changes. */
  first: 'pending' | 'got';
  /** What the present use waits for -- changes. */
  use: 'none' | 'challenge' | 'token' | 'service';
  /** Id of the call of the service; `''` for none -- changes. */
  serviceCall: string;
  /** The open connection of its pool: the token it was opened with, and until when it lives -- changes. */
  pooled: { readonly token: AccessToken; readonly until: Moment } | undefined;
  /** Whether its first call of a vault, without a token, was answered -- changes. */
  challenge: 'due' | 'met';
  /** Calls of the present use that a vault throttled -- changes. */
  throttled: number;
  /** What the client found out about its endpoint -- changes. */
  endpoint: 'unknown' | 'available' | 'unavailable';
  /** When it last tried to refresh a token that was still valid -- changes. */
  refreshedAt: Moment | undefined;
  /** Its connection to the metadata address: kept alive while answers come -- changes. */
  connection: { id: string; usedAt: Moment; opened: number };
}

const NOWHERE: WorkloadPlace = { pod: '', podUid: '', node: '', gateway: '', ip: '', network: 'pod', startedAt: 0 as Moment };

/** The slice of a process that has not started. */
export function initialState(): PodState {
  return {
    workload: '',
    place: NOWHERE,
    ordinal: 0,
    asking: undefined,
    held: undefined,
    first: 'pending',
    use: 'none',
    serviceCall: '',
    pooled: undefined,
    challenge: 'due',
    throttled: 0,
    endpoint: 'unknown',
    refreshedAt: undefined,
    connection: { id: '', usedAt: 0 as Moment, opened: 0 },
  };
}

/** How facts name the process: `namespace/name` of its pod, or `vm/workload`. */
export function nameOf(turn: Turn): string {
  return turn.self.slice(turn.self.indexOf('/') + 1);
}

/** Id of an asking. The start keeps the lives of a restarted container, or of pods of one name, apart. */
export function askingId(state: PodState, turn: Turn): string {
  return `${turn.self}#${String(state.place.startedAt)}/${String(state.ordinal)}`;
}
