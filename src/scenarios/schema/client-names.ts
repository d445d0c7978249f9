/** Names of the token-client profiles an application may run, with what each stands for. */

/** Profiles by name. */
export const CLIENT_PROFILES = {
  js15: '@azure/identity 1.5 for JavaScript: 404 is not retried',
  js21: '@azure/identity 2.1 for JavaScript: no cache of its own; the pipeline of the SDK keeps the token',
  js34: '@azure/identity 3.4 for JavaScript',
  js414: '@azure/identity 4.14 for JavaScript: refreshes at half life',
  js414Chain: 'the same in a DefaultAzureCredential: probes once, and a failed probe is final',
  msalNode: 'msal-node alone',
  goLatest: 'azidentity for Go, latest: six retries, tries end after 60 s',
  goLatestChain: 'the same in a DefaultAzureCredential: probes once, and a failed probe is final',
  go1: 'azidentity for Go, 1.x',
  msalGo: 'MSAL for Go alone: three tries',
  adalGo: 'adal for Go 0.9.23: five tries',
  pythonOld: 'azure-identity for Python, old: always probes first',
  pythonOldChain: 'the same in a DefaultAzureCredential: one probe of 0.3 s, whose failure is final',
  pythonRecent: 'azure-identity for Python, recent',
  pythonRecentChain: 'the same in a DefaultAzureCredential: probes once, and a failed probe is final',
  azCli: 'msrestazure, the old az command line',
  dotnet: 'Azure.Identity for .NET',
  dotnetChain: 'the same in a DefaultAzureCredential: probes once, and a failed probe is final',
  dotnetEarlyChain: 'the same, of 2020: its probe ends after 0.5 s',
  guidance: 'a client that does what the documentation of IMDS says: five tries within 52 s',
  unknown: 'nobody has looked: keeps its token as goLatest does with the chance app.cachesToken, else asks anew each app.noCache.requestRate',
  naive: 'a plain HTTP request, no cache and no retry',
  headerless: 'the same without the header Metadata: true',
} as const;

/** Name of a profile. */
export type ClientName = keyof typeof CLIENT_PROFILES;

/** Names of all profiles, in code-unit order. */
export const CLIENT_NAMES: readonly ClientName[] = (Object.keys(CLIENT_PROFILES) as ClientName[]).sort();

/** The profile of workloads that name none. */
export const DEFAULT_CLIENT: ClientName = 'goLatest';
