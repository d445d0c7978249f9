/**
 * Token clients that were read, one row each.
 *
 * Sources: @azure/identity 1.5, 2.1, 3.4, 4.14 with msal-node and core-rest-pipeline; azidentity and MSAL for Go; go-autorest adal 0.9.23;
 * azure-identity and msrestazure for Python, MSAL Python 1.31; Azure.Identity for .NET (its cells and read time-outs of Python are
 * inferred). Clients that probe only in a chain of credentials have a second row, named `…Chain`.
 */
import { ZERO, millis, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { Keeping, Probe, Profile, RetryLayer } from './profile.ts';

const listed = (...waits: readonly number[]): readonly Duration[] => waits.map((wait) => seconds(wait));
const SERVER_ERRORS: readonly number[] = Array.from({ length: 100 }, (_, n) => 500 + n);
const without = (...left: readonly number[]): readonly number[] => SERVER_ERRORS.filter((status) => !left.includes(status));

const CONNECTION: Pick<RetryLayer, 'connection' | 'statusesWithRetryAfter'> = { connection: 'retried', statusesWithRetryAfter: [] };
const ANSWERS: Pick<RetryLayer, 'connection' | 'statusesWithRetryAfter'> = { connection: 'final', statusesWithRetryAfter: [] };

/** core-rest-pipeline: the inner layer of every @azure/identity. */
const jsPipeline: RetryLayer = {
  statuses: [408, ...without(501, 505)],
  statusesWithRetryAfter: [429, 503],
  connection: 'retried',
  waits: listed(1, 2, 4),
  jitter: { low: 0.5, high: 1 },
  cap: seconds(64),
  retryAfter: {},
};
const js404: RetryLayer = { ...ANSWERS, statuses: [404], waits: listed(0.8, 1.6), retryAfter: 'ignored' };
const jsMsi: RetryLayer = {
  ...ANSWERS,
  statuses: [404, 410],
  waits: listed(0.8, 1.6, 3.2, 6.4, 12.8),
  waitsOn410: listed(3, 6, 12, 24, 48),
  jitter: { low: 0.5, high: 1 },
  cap: seconds(64),
  retryAfter: 'ignored',
};
const msalNode: RetryLayer = {
  ...ANSWERS,
  statuses: [404, 408, 410, 429, ...SERVER_ERRORS],
  waits: listed(1, 2, 4),
  waitsOn410: listed(10, 10, 10, 10, 10, 10, 10),
  retryAfter: 'ignored',
};

const goStatuses: readonly number[] = [404, 410, 429, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511];
const goLatest: RetryLayer = {
  ...CONNECTION,
  statuses: goStatuses,
  waits: listed(2, 6, 14, 30, 62, 126),
  jitter: { low: 0.8, high: 1.3 },
  cap: seconds(25),
  retryAfter: { giveUpOver: seconds(25) },
};
const go1: RetryLayer = { ...goLatest, waits: listed(2, 6, 14, 30, 62), cap: seconds(60), retryAfter: { cap: seconds(60) } };
const go1Oldest: RetryLayer = { ...go1, statuses: goStatuses.filter((status) => status !== 410 && status !== 503) };
const msalGo: RetryLayer = { ...CONNECTION, statuses: goStatuses, waits: listed(1, 1), retryAfter: 'ignored' };
/** Faithful: adal sleeps after its last try as well. */
const adal: RetryLayer = {
  ...CONNECTION,
  statuses: [404, 408, 410, 429, ...SERVER_ERRORS],
  waits: listed(2, 6, 14, 30),
  sleepAfterLast: seconds(60),
  retryAfter: 'ignored',
};

/** Tries at 0, 2, 6, 14 and 30 s after the one before; 4xx but 404, 410 and 429 are final. */
const guidance: RetryLayer = {
  ...CONNECTION,
  statuses: [404, 410, 429, ...SERVER_ERRORS],
  waits: listed(2, 6, 14, 30),
  retryAfter: 'ignored',
};

const pythonOld: RetryLayer = { ...CONNECTION, statuses: [404, 429, ...SERVER_ERRORS], waits: listed(0, 8, 16, 32, 60), retryAfter: {} };
const pythonRecent: RetryLayer = { ...pythonOld, statuses: [404, 410, 429, ...SERVER_ERRORS], waitsOn410: listed(0, 5, 10, 20, 40) };
/** Each wait is picked from the slots up to the present one; a 410 waits out the upgrade of IMDS. */
const azCli: RetryLayer = {
  ...ANSWERS,
  statuses: [404, 410, 429, ...SERVER_ERRORS],
  waits: listed(0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 12.7, 25.5, 51.1, 102.3, 204.7, 409.5),
  pick: 'prefix',
  leastWaitOn410: seconds(70),
  retryAfter: 'ignored',
};
const dotnet: RetryLayer = {
  ...CONNECTION,
  statuses: [404, 408, 410, 429, 500, 503, 504],
  waits: listed(1, 2, 4),
  waitsOn410: listed(3, 6, 12, 24, 48),
  retryAfter: {},
};

const adalKeeping: Keeping = {
  cache: 'kept',
  unusableBefore: seconds(300),
  refreshBefore: seconds(300),
  halfLife: 'no',
  refresh: 'inline',
  refreshGap: ZERO,
  thrown: 'all',
};
/** The pipeline's cycler: renews quietly in the last two minutes, and makes uses wait only in the last second. */
const cycler: Keeping = {
  ...adalKeeping,
  unusableBefore: seconds(1),
  refreshBefore: seconds(120),
  refresh: 'background',
  refreshGap: seconds(3),
  thrown: 'none',
};
/** Faithful: an HTTP error of its refresh is swallowed, a failed connection is thrown although the old token is valid. */
const jsStatic: Keeping = { ...adalKeeping, halfLife: 'yes', refreshGap: seconds(3), thrown: 'connection' };
const pipelineEarly: Keeping = { ...adalKeeping, unusableBefore: ZERO, refreshGap: seconds(30), thrown: 'none' };
const halfLifeEarly: Keeping = { ...pipelineEarly, halfLife: 'yes' };
const none: Keeping = { ...adalKeeping, cache: 'none' };

const probe = (timeout: Duration, query: Probe['query'], when: Probe['when']): Probe => ({ when, timeout, query });
const shared = { failedProbe: 'forgotten' } as const;

// prettier-ignore
/** One row each. */
const ROWS = {
  js15: { ...shared, title: '@azure/identity 1.5 (npm)', probe: probe(millis(300), 'none', 'always'), layers: [jsPipeline], keeping: cycler },
  js21: { title: '@azure/identity 2.1 (npm)', probe: probe(millis(300), 'none', 'oncePerCredential'), failedProbe: 'final', layers: [jsPipeline, js404], keeping: cycler },
  js34: { title: '@azure/identity 3.4 (npm)', probe: probe(seconds(1), 'none', 'oncePerCredential'), failedProbe: 'final', layers: [jsPipeline, js404], keeping: cycler },
  js414: { ...shared, title: '@azure/identity 4.14 (npm) with msal-node 7.2', layers: [jsPipeline, jsMsi], keeping: jsStatic },
  js414Chain: { title: '@azure/identity 4.14 (npm), DefaultAzureCredential', probe: probe(seconds(1), 'none', 'oncePerCredential'), failedProbe: 'final', layers: [jsPipeline, jsMsi], keeping: jsStatic },
  msalNode: { ...shared, title: 'msal-node alone', layers: [msalNode], keeping: { ...jsStatic, thrown: 'none' } },
  goLatest: { ...shared, title: 'azidentity for Go (latest)', tryTimeout: seconds(60), layers: [goLatest], keeping: pipelineEarly },
  goLatestChain: { title: 'azidentity for Go (latest), DefaultAzureCredential', probe: probe(seconds(1), 'none', 'oncePerCredential'), failedProbe: 'final', tryTimeout: seconds(60), layers: [goLatest], keeping: pipelineEarly },
  go1: { ...shared, title: 'azidentity for Go (1.x before)', tryTimeout: seconds(60), layers: [go1], keeping: pipelineEarly },
  go1Oldest: { ...shared, title: 'azidentity for Go (oldest)', tryTimeout: seconds(60), layers: [go1Oldest], keeping: pipelineEarly },
  msalGo: { ...shared, title: 'MSAL Go alone', tryTimeout: seconds(60), layers: [msalGo], keeping: { ...adalKeeping, refreshBefore: seconds(300) } },
  adalGo: { ...shared, title: 'adal for Go 0.9.23 (old apps, MIC)', connectTimeout: seconds(30), layers: [adal], keeping: adalKeeping },
  /** The project's demo gives up after 80 s, before the 100 s of NMI. */
  demo: { ...shared, title: 'demo application of aad-pod-identity', tryTimeout: seconds(80), layers: [], keeping: none },
  pythonOld: { ...shared, title: 'azure-identity for Python (old)', connectTimeout: seconds(2), probe: probe(millis(300), 'resource', 'always'), tryTimeout: seconds(300), layers: [pythonOld], keeping: pipelineEarly },
  /** Azure/azure-sdk-for-python#31745: one ping of 0.3 s, whose failure the process keeps. */
  pythonOldChain: { title: 'azure-identity for Python (old), DefaultAzureCredential', connectTimeout: seconds(2), probe: probe(millis(300), 'resource', 'oncePerCredential'), failedProbe: 'final', tryTimeout: seconds(300), layers: [pythonOld], keeping: pipelineEarly },
  pythonRecent: { ...shared, title: 'azure-identity for Python (recent)', connectTimeout: seconds(2), tryTimeout: seconds(300), layers: [pythonRecent], keeping: halfLifeEarly },
  pythonRecentChain: { title: 'azure-identity for Python (recent), DefaultAzureCredential', connectTimeout: seconds(2), probe: probe(seconds(1), 'resource', 'oncePerCredential'), failedProbe: 'final', tryTimeout: seconds(300), layers: [pythonRecent], keeping: halfLifeEarly },
  azCli: { ...shared, title: 'msrestazure, old az CLI', layers: [azCli], keeping: adalKeeping },
  msalPython: { ...shared, title: 'MSAL Python 1.31', layers: [], keeping: { ...jsStatic, thrown: 'none' } },
  dotnet: { ...shared, title: 'Azure.Identity for .NET', tryTimeout: seconds(100), layers: [dotnet], keeping: halfLifeEarly },
  dotnetChain: { title: 'Azure.Identity for .NET, DefaultAzureCredential', probe: probe(seconds(1), 'resource', 'oncePerCredential'), failedProbe: 'final', tryTimeout: seconds(100), layers: [dotnet], keeping: halfLifeEarly },
  /** Azure/azure-sdk-for-net#9550: the probe took half a second at most. */
  dotnetEarlyChain: { title: 'Azure.Identity for .NET (2020), DefaultAzureCredential', probe: probe(millis(500), 'resource', 'oncePerCredential'), failedProbe: 'final', tryTimeout: seconds(100), layers: [dotnet], keeping: halfLifeEarly },
  guidance: { ...shared, title: 'the guidance of the IMDS documentation', tryTimeout: seconds(60), layers: [guidance], keeping: adalKeeping },
  /** An HTTP call in a program: no retry, no cache; its time-out is the knob `client.http.timeout`. */
  naive: { ...shared, title: 'a plain HTTP call, nothing kept', tryTimeout: seconds(60), layers: [], keeping: none },
  /** As the client of aad-pod-identity#1239, or a request that somebody makes a server send (SSRF): neither adds the header. */
  headerless: { ...shared, title: 'a plain HTTP call without the header Metadata: true', tryTimeout: seconds(60), layers: [], keeping: none, metadataHeader: 'never' },
} as const satisfies Readonly<Record<string, Profile>>;

/** Name of a token client. */
export type ProfileName = keyof typeof ROWS;

/** All token clients by name. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = ROWS;

/** Names of all token clients, sorted by code unit. */
export const profileNames: readonly ProfileName[] = (Object.keys(ROWS) as ProfileName[]).sort();

/** Whether a text is the name of a token client. */
export function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(ROWS, name);
}
