/** What is said between whoever wants a token and whoever gives it: clients, node kernel, NMI, IMDS, Entra, target services. */
import type { Duration, Moment } from '../../kernel/time.ts';
import type { AccessToken } from '../azure.ts';
import type { ClaimChange, PrincipalChange } from '../directory.ts';
import type { ServiceAccountToken } from '../federated-credential.ts';
import type { AzureIdentity } from '../kubernetes.ts';
import type { FederatedPlace } from '../workload-identity.ts';

/** An HTTP request to the metadata address, as it leaves a process. */
export interface MetadataCall {
  readonly method: string;
  readonly path: string;
  /** Value of the `Metadata` header; absent: not sent. */
  readonly metadataHeader?: string;
  readonly query: {
    readonly resource?: string;
    readonly clientId?: string;
    readonly objectId?: string;
    /** `msi_res_id` or `mi_res_id`. */
    readonly resourceId?: string;
    readonly apiVersion?: string;
    /** `bypass_cache`, which nobody documents. */
    readonly bypassCache?: 'true' | 'false';
  };
  /** Header X-Forwarded-For, as a proxy adds it; absent: not there. */
  readonly forwardedFor?: string;
  /** Absent: short enough for any server. */
  readonly headers?: 'tooLong';
  /** Headers of NMI's host route. */
  readonly podHeaders?: { readonly podns?: string; readonly podname?: string };
}

/** What a token answer carries beside the status. Fields NMI drops are absent in its answers. */
export interface TokenBody {
  readonly token: AccessToken;
  readonly resource: string;
  /** Whether IMDS took it from its cache (not on the wire; for reports). */
  readonly isCached: boolean;
}

/** What third parties do to the rules of a node. */
export type RulesDisturbance =
  /** Empties the chain. */
  | 'flush'
  /** Writes its two rules again in the wrong order. */
  | 'reverse'
  /** Puts a rule before the jump that sends the packets on to IMDS, or takes it away again. */
  | 'precede'
  | 'withdraw'
  /** Begins or ends to drop packets for NMI's address. */
  | 'block'
  | 'unblock'
  /** Holds the lock of xtables. */
  | 'lock';

/** What is done to a node's nat table. NMI: `ensure` and `remove` the redirect, `rewrite` it as it is, `forgetFlows` of connections older than it. */
export type RulesOperation = 'ensure' | 'rewrite' | 'remove' | 'forgetFlows' | RulesDisturbance;

/** Messages of this area. */
export type TokenMessage =
  /** A process of this kind begins: a workload in a container or on a VM. */
  | { readonly type: 'ProxyStarted'; readonly place: ProxyPlace }
  | { readonly type: 'WorkloadStarted'; readonly place: WorkloadPlace; readonly workload: string }
  | {
      readonly type: 'MetadataRequest';
      readonly request: string;
      readonly call: MetadataCall;
      /** Source address as the receiver sees it. */
      readonly sourceIP: string;
      /** Which actor the answer goes to. */
      readonly replyTo: string;
      /** Pod that truly sent it (`namespace/name`), `''` for none; for reports, no component decides by it. */
      readonly sender: string;
      /** Whether it comes from the host's network namespace. */
      readonly network: 'pod' | 'host';
      /** `nmi`: it is addressed to the port NMI listens on, not to the metadata address. */
      readonly to?: 'nmi';
      /** Connection it travels on; a new id is a new TCP connection. */
      readonly connection: string;
      /** How long the sender waits for a connection; absent: as long as its operating system does. */
      readonly connectTimeout?: Duration;
    }
  | {
      readonly type: 'MetadataResponse';
      readonly request: string;
      /** HTTP status; 0: the connection was refused. */
      readonly status: number;
      readonly body?: TokenBody;
      /** Error text or non-token body. */
      readonly text?: string;
      readonly retryAfter?: Duration;
      readonly servedBy: 'nmi' | 'imds' | 'azwi-proxy' | 'kernel';
    }
  /** The client hangs up: its time-out came first. */
  | { readonly type: 'ConnectionClosed'; readonly request: string }
  | {
      readonly type: 'AadTokenRequest';
      readonly request: string;
      readonly clientId: string;
      readonly credential:
        | { readonly kind: 'certificate' | 'secret'; readonly keyId: string; readonly value: string }
        /** The token of a service account. */
        | { readonly kind: 'assertion'; readonly keyId: ''; readonly token: ServiceAccountToken };
      readonly resource: string;
    }
  | {
      readonly type: 'AadTokenResponse';
      readonly request: string;
      readonly status: number;
      readonly token?: AccessToken;
      /** Code such as `AADSTS700016`. */
      readonly error?: string;
      readonly retryAfter?: Duration;
    }
  /** Use of a token at a target service. */
  | {
      readonly type: 'ServiceRequest';
      readonly request: string;
      readonly operation: string;
      /** Absent in the call with which a new client of a vault learns where tokens come from. */
      readonly token?: AccessToken;
      readonly sender: string;
      readonly callerIP: string;
    }
  | { readonly type: 'ServiceResponse'; readonly request: string; readonly status: number; readonly error?: string }
  /** A token client's and its application's timers. */
  | { readonly type: 'UseDue' }
  | { readonly type: 'RetryDue'; readonly request: string }
  | { readonly type: 'TryTimeoutDue'; readonly request: string }
  /** IMDS: a platform-side credential roll happens now (story), or falls due (timer of Entra). */
  | { readonly type: 'CredentialRollDue'; readonly objectId: string }
  /** Somebody adds a credential to an application, and says whether its others go. Without `life` it is as long as people choose. */
  | {
      readonly type: 'CredentialWanted';
      readonly objectId: string;
      readonly kind: 'certificate' | 'secret';
      readonly keyId: string;
      readonly value: string;
      readonly life?: Duration;
      readonly others: 'kept' | 'removed';
    }
  /** Somebody removes a credential of an application. */
  | { readonly type: 'CredentialUnwanted'; readonly objectId: string; readonly keyId: string }
  /** Entra to the issuer of a cluster: the keys in its document; and the wait for them is over (timer). */
  | { readonly type: 'JwksRequest'; readonly request: string; readonly issuer: string }
  | { readonly type: 'JwksResponse'; readonly request: string; readonly issuer: string; readonly keys: readonly string[] }
  | { readonly type: 'JwksTimeoutDue'; readonly issuer: string }
  /** Somebody has the cluster sign with a new key. */
  | { readonly type: 'SigningKeyRotationWanted' }
  /** Entra refused the client secret that a pod showed: somebody may notice. */
  | { readonly type: 'SecretRefused'; readonly clientId: string; readonly value: string }
  /** Somebody is to do something about a client secret (timer). `pod`: which one to restart. */
  | {
      readonly type: 'SecretCareDue';
      readonly clientId: string;
      readonly step: 'warn' | 'rotate' | 'notice' | 'write' | 'restart';
      readonly pod: string;
    }
  /** Somebody changes the groups or the application roles of a principal. */
  | { readonly type: 'ClaimChange'; readonly objectId: string; readonly change: ClaimChange }
  /** Somebody deletes, restores, purges, disables or enables a principal, or revokes its tokens. */
  | { readonly type: 'PrincipalChange'; readonly objectId: string; readonly change: PrincipalChange }
  /** Entra: the time of a soft-deleted principal is over (timer). */
  | { readonly type: 'PurgeDue'; readonly objectId: string }
  /** Entra: an outage begins (timer). */
  | { readonly type: 'OutageDue' }
  /** NMI: timers. */
  | { readonly type: 'NmiStepDue'; readonly step: 'list' | 'synced' | 'rules' | 'crash' | 'drained' }
  | { readonly type: 'PodLookupDue'; readonly request: string }
  | { readonly type: 'IdentityPollDue'; readonly request: string }
  | { readonly type: 'UpstreamRetryDue'; readonly request: string }
  /** NMI: no connection to IMDS came about in time. */
  | { readonly type: 'UpstreamTimeoutDue'; readonly request: string }
  | { readonly type: 'RulesCheckDue' }
  /** NMI to the node's netfilter and back. */
  | {
      readonly type: 'RulesCommand';
      readonly request: string;
      readonly op: RulesOperation;
      /** How long a `lock` is held. */
      readonly hold?: Duration;
    }
  | { readonly type: 'RulesDone'; readonly request: string; readonly changed: boolean; readonly error?: 'locked' }
  /** Netfilter: whoever held the lock of xtables lets it go (timer). */
  | { readonly type: 'LockFreeDue' }
  /**
   * `closed`: the process closed its port and told its clients itself; `down`: nobody listens, and what was open is to be reset;
   * `settled`: the world began long after NMI came up, so its rules are in as well. `address`: where it listens, if not as installed.
   */
  | { readonly type: 'ListenerChanged'; readonly state: 'up' | 'down' | 'closed' | 'settled'; readonly address?: string }
  /** A process of the node has ended, and with it its connections. */
  | { readonly type: 'ProcessGone'; readonly process: string }
  /** Netfilter: the chain is written (timer), the time to look after old connections has come (timer), nobody listens any more. */
  | { readonly type: 'RulesWritten' }
  | { readonly type: 'FlowCheckDue' }
  | { readonly type: 'ConnectionRefused'; readonly request: string; readonly replyTo: string }
  /** Documented variant (`nmi.lookup: mic`): NMI asks MIC. */
  | {
      readonly type: 'IdentityLookup';
      readonly request: string;
      readonly podNamespace: string;
      readonly podName: string;
      readonly clientId?: string;
      readonly resourceId?: string;
    }
  | {
      readonly type: 'IdentityLookupResult';
      readonly request: string;
      readonly outcome: 'assigned' | 'pending' | 'denied';
      readonly identities: readonly AzureIdentity[];
    }
  | { readonly type: 'LookupTimeoutDue'; readonly request: string };

/** Where the proxy sidecar of workload identity runs. */
export interface ProxyPlace {
  /** When the pod's volumes were filled. */
  readonly startedAt: Moment;
  /** Actor that takes what is no request for a token on to the metadata address. */
  readonly gateway: string;
  readonly federated: FederatedPlace;
}

/** Where a workload runs. */
export interface WorkloadPlace {
  /** `namespace/name` of its pod; `''` on a VM. */
  readonly pod: string;
  readonly podUid: string;
  /** Node or VM name. */
  readonly node: string;
  /** Actor that takes its packets to the metadata address: the node's netfilter, or the VM's IMDS where there is none. */
  readonly gateway: string;
  readonly ip: string;
  readonly network: 'pod' | 'host';
  readonly startedAt: Moment;
  /** An init container: its program asks once and ends, well or ill, with the answer. Absent: it runs until it is ended. */
  readonly until?: 'firstToken';
  /** Its sign-in as its service account; absent: the webhook of workload identity never saw the pod. */
  readonly federated?: FederatedPlace;
}
