/** Facts about asking for tokens, getting them, and using them. */
import type { Duration, Moment } from '../../kernel/time.ts';

/** What happened on the token path. `pod` is `namespace/name`, or the name of a VM's workload. */
export type TokenFact =
  /** An application needs a token: one logical `getToken` begins. `ordinal` counts the pod's askings, from 1. */
  | {
      readonly type: 'token-asked';
      readonly pod: string;
      readonly request: string;
      readonly ordinal: number;
      readonly resource: string;
      readonly clientId: string;
      /** When the container (or the VM's process) started. */
      readonly startedAt: Moment;
    }
  /** One HTTP try of that client ended. Status 0: refused; -1: the client's own time-out. */
  | {
      readonly type: 'token-try-ended';
      readonly pod: string;
      readonly request: string;
      readonly attempt: number;
      readonly status: number;
      readonly servedBy: string;
      readonly took: Duration;
    }
  /** The application has a token. `wait` counts from `since`: container start for the pod's first token, else the asking. */
  | {
      readonly type: 'token-answered';
      readonly pod: string;
      readonly request: string;
      readonly ordinal: number;
      /** Whether it is the first token this process ever got. */
      readonly isFirst: boolean;
      readonly since: Moment;
      readonly uti: string;
      readonly objectId: string;
      readonly appId: string;
      readonly requestedClientId: string;
      readonly servedBy: 'nmi' | 'imds' | 'clientCache' | 'aad';
      readonly isCachedAtImds: boolean;
    }
  /** The client gave up; the application may ask again. */
  | {
      readonly type: 'token-failed';
      readonly pod: string;
      readonly request: string;
      readonly ordinal: number;
      readonly status: number;
      readonly reason: string;
      readonly askedAt: Moment;
      /** `needed`: there was no token. `inline`: a use waited for a refresh. `background`: a refresh nobody waited for. */
      readonly purpose: 'needed' | 'inline' | 'background';
    }
  /** The node's netfilter decided where a new connection goes. */
  | {
      readonly type: 'connection-routed';
      readonly node: string;
      readonly pod: string;
      readonly to: 'nmi' | 'imds' | 'refused' | 'dropped';
      readonly network: 'pod' | 'host';
      readonly request: string;
    }
  /** NMI looked up the pod that a request comes from; `resolved` is whom it took it for. */
  | {
      readonly type: 'nmi-resolved';
      readonly node: string;
      readonly request: string;
      readonly sender: string;
      readonly resolved: string;
      readonly isExcepted: boolean;
    }
  | {
      readonly type: 'nmi-answered';
      readonly node: string;
      readonly request: string;
      /** Who truly asked. */
      readonly sender: string;
      readonly status: number;
      readonly took: Duration;
      /** Client id it asked the upstream for; `''` if it never got that far. */
      readonly clientId: string;
      readonly resource: string;
      /** First status of an AzureAssignedIdentity that this request found: none, Created, Assigned. */
      readonly found: 'none' | 'Created' | 'Assigned' | 'notLooked';
      /** `namespace/name` of the AzureIdentity it took; `''` for none. */
      readonly identity: string;
      readonly route: 'token' | 'hostToken';
      /** Path as it came: NMI's metrics name the operation by it. */
      readonly path: string;
      /** Pod it took the sender for, and its namespace; both `''` before it knew. */
      readonly pod: string;
      readonly namespace: string;
      readonly hasRetryAfter: boolean;
      /** Whether NMI's metrics count it: an answer out of a panic they do not. */
      readonly isCounted: boolean;
    }
  /**
   * NMI's way to a token ended: at IMDS by client id or for the default identity, or at Entra with a credential; named as its metrics
   * name it. All tries and the sleeps between them are one. Status 200: a token; 0: nobody could be reached.
   */
  | {
      readonly type: 'nmi-upstream-ended';
      readonly node: string;
      readonly request: string;
      readonly operation: 'adal_token_msi' | 'adal_token_msi_userassignedid' | 'adal_token';
      readonly status: number;
      readonly took: Duration;
    }
  /** A look of NMI's for something of Kubernetes failed: a scan for the sender's pod, or a read of a Secret. */
  | {
      readonly type: 'nmi-kubernetes-call-failed';
      readonly node: string;
      readonly request: string;
      readonly operation: 'get_pod_list' | 'get_secret';
    }
  /** NMI's process on a node changed phase. */
  /** `release`: of a process that starts, the release of its image where that is another than the installed one. */
  | {
      readonly type: 'nmi-phase';
      readonly node: string;
      readonly phase: 'starting' | 'syncing' | 'serving' | 'draining' | 'dead';
      readonly release?: string;
    }
  /** The redirect of a node came or went. */
  | { readonly type: 'rules-changed'; readonly node: string; readonly redirect: 'on' | 'off'; readonly by: string }
  | {
      readonly type: 'imds-answered';
      readonly vm: string;
      readonly request: string;
      readonly sender: string;
      readonly status: number;
      readonly clientId: string;
      readonly objectId: string;
      readonly resource: string;
      readonly isCached: boolean;
      readonly error: string;
    }
  /** Entra issued a token: what the sign-in log will show, `loggedAt` later. */
  | {
      readonly type: 'aad-token-issued';
      readonly uti: string;
      readonly objectId: string;
      readonly appId: string;
      readonly audience: string;
      readonly principalKind: 'systemAssigned' | 'userAssigned' | 'application';
      readonly keyId: string;
      /** Subject of the service account whose token was exchanged; absent: none was. */
      readonly federatedSubject?: string;
      readonly expiresAt: Moment;
      readonly loggedAt: Moment;
      /** When the log forgets it. */
      readonly keptUntil: Moment;
    }
  /** IMDS handed out a token of its cache, and the log of sign-ins has a row of it: a what-if. */
  | {
      readonly type: 'cached-token-logged';
      readonly uti: string;
      readonly objectId: string;
      readonly appId: string;
      readonly audience: string;
      readonly loggedAt: Moment;
      readonly keptUntil: Moment;
    }
  | {
      readonly type: 'aad-token-refused';
      readonly appId: string;
      readonly error: string;
      /** Subject of the service account whose token was shown; absent: none was. */
      readonly federatedSubject?: string;
    }
  /** A vault told a client that came without a token where to get one (401). */
  | {
      readonly type: 'service-challenged';
      readonly service: string;
      readonly operation: string;
      readonly sender: string;
      readonly loggedAt: Moment;
    }
  /** A target service answered: its access log, and beside it the pod that truly asked. */
  | {
      readonly type: 'service-answered';
      readonly service: string;
      readonly kind: 'sql' | 'keyVault' | 'cosmosDb' | 'arm' | 'api';
      readonly operation: string;
      readonly request: string;
      readonly objectId: string;
      readonly appId: string;
      readonly uti: string;
      readonly callerIP: string;
      readonly sender: string;
      readonly status: number;
      readonly error: string;
      readonly loggedAt: Moment;
    };
