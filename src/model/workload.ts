/** What applications do with tokens, and the services they use them at. */
import type { Duration, Moment } from '../kernel/time.ts';
import type { TokenBucket } from './token-bucket.ts';

/** An application: which pods (or VM processes) run it, how it gets tokens, and what for. Key: its name. */
export interface WorkloadRow {
  readonly name: string;
  /** Pods that run it; undefined for processes on VMs. */
  readonly select?: {
    readonly namespace: string;
    readonly owner?: string;
    readonly pod?: string;
    /** Init container that runs it, and ends with its first token; undefined: the pod's main containers. */
    readonly initContainer?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  /** VM or scale set whose machines run it as a plain process; undefined for pods. */
  readonly on?: { readonly kind: 'vm' | 'vmss'; readonly name: string };
  /** Token-client profile by name (see `token-client/`). */
  readonly client: string;
  /** Client id it asks for; `''`: none given. */
  readonly clientId: string;
  /** What it shows Entra itself; undefined: it asks the metadata address instead. */
  readonly credential?: WorkloadCredential;
  /** Path of its token requests; undefined: the documented one. */
  readonly path?: string;
  /** `asked`: its requests carry `bypass_cache=true`, which IMDS heeds where `imds.bypassCache.enabled` is on. NMI drops it. */
  readonly bypassCache?: 'asked';
  /** Workload whose address it sends from, where it can (see `spoofing.ts`). */
  readonly spoofs?: string;
  /** Audience it asks for. */
  readonly resource: string;
  /** Service it calls with the token; `''`: none. */
  readonly service: string;
  /** Time between uses. */
  readonly every: Duration;
  /** How soon the application itself asks again after a failed getToken or a denial; undefined: never. */
  readonly retryAfterDenial?: Duration;
}

/**
 * A credential in a pod: the text of a client secret; or the token of its service account, if the webhook put one there. Without one, an
 * application that wants nothing else (WorkloadIdentityCredential) has `nothing`; one that tries in turn (DefaultAzureCredential) goes on
 * to the `metadata` address.
 */
type WorkloadCredential =
  { readonly kind: 'secret'; readonly value: string } | { readonly kind: 'workloadIdentity'; readonly otherwise: 'nothing' | 'metadata' };

/** The client secret of one application, as its people keep it. Key: client id. */
export interface ClientSecret {
  readonly clientId: string;
  readonly objectId: string;
  /** When the newest one ends -- changes. */
  readonly expiresAt: Moment;
  /** What the cluster was given, oldest first; the first has been there for ever -- changes. */
  readonly versions: readonly { readonly value: string; readonly writtenAt: Moment }[];
}

/** A target service. Key: its name. */
export interface ServiceRow {
  readonly name: string;
  /** `api`: an application's own, protected by an application role. */
  readonly kind: 'sql' | 'keyVault' | 'cosmosDb' | 'arm' | 'api';
  readonly audience: string;
  /** Scope of role assignments that grant access to it. */
  readonly scope: string;
  /** Application role it wants in the token; absent: it asks for none. Of an `api` only. */
  readonly appRole?: string;
}

/** What the vaults of one subscription take together. Key: the subscription in lower case. */
export interface VaultTraffic {
  readonly subscription: string;
  /** Its throttle, filled as of the last request. */
  readonly bucket: TokenBucket;
}
