/**
 * The keys under which sources are quoted in the catalogue, and what they stand for.
 *
 * Two families go without an entry: `PI#n`, issue or pull request n of Azure/aad-pod-identity, and other repositories' issues,
 * written out in full.
 */

const ENTRA = 'MicrosoftDocs/entra-docs docs/';
const MANAGED = `${ENTRA}identity/managed-identities-azure-resources/`;
const HEALTH = `${ENTRA}identity/monitoring-health/`;
const AZURE = 'MicrosoftDocs/azure-docs ';
const COMPUTE = 'MicrosoftDocs/azure-compute-docs articles/';
const VAULT = 'MicrosoftDocs/azure-security-docs articles/key-vault/general/';
const AKS = 'MicrosoftDocs/azure-aks-docs articles/aks/';
const COMMUNITY = 'kubernetes/community sig-scalability/slos/';
const WEBSITE = 'kubernetes/website content/en/docs/';

/** Source by key: repository and path, or page. */
export const sourceKeys = {
  'E-FAQ': `${MANAGED}managed-identities-faq.md`,
  'E-HOW': `${MANAGED}how-managed-identities-work-vm.md`,
  'E-BP': `${MANAGED}managed-identity-best-practice-recommendations.md`,
  'E-TOK': `${MANAGED}how-to-use-vm-token.md`,
  'E-ACT': `${MANAGED}how-to-view-managed-identity-activity.md`,
  'E-AT': `${ENTRA}identity-platform/access-tokens.md`,
  'E-CAE': `${ENTRA}identity/conditional-access/concept-continuous-access-evaluation-workload.md`,
  'E-FIC': `${ENTRA}workload-id/workload-identity-federation-considerations.md`,
  'E-RET': `${HEALTH}reference-reports-data-retention.md`,
  'E-LAT': `${HEALTH}reference-log-latency.md`,
  'E-LAT17': `${AZURE}articles/active-directory/reports-monitoring/reference-reports-latencies.md (2017)`,
  'E-SLA': `${HEALTH}reference-sla-performance.md`,
  'E-RENEW': `${HEALTH}recommendation-renew-expiring-application-credential.md`,
  'E-SEC24': 'app registrations: a client secret lives at most 24 months, below 12 are advised',
  'E-EVC': 'devblogs.microsoft.com/identity designing-for-eventual-consistency-for-microsoft-entra',
  'E-THR': 'learn.microsoft.com entra/msal/dotnet/advanced/client-and-server-throttling',
  'E-MSALN': 'learn.microsoft.com entra/msal/javascript/node/performance',
  'A-MI': `${AZURE}includes/managed-identity-limits.md`,
  'A-THR': 'learn.microsoft.com azure/azure-resource-manager/management/request-limits-and-throttling',
  'A-RBAC': `${AZURE}articles/role-based-access-control/troubleshooting.md`,
  'A-RLIM': `${AZURE}articles/role-based-access-control/troubleshoot-limits.md`,
  'A-ROLE': `${AZURE}articles/role-based-access-control/built-in-roles/identity.md`,
  'A-COS': `${AZURE}articles/cosmos-db/how-to-setup-rbac.md`,
  'A-ING': `${AZURE}articles/azure-monitor/logs/data-ingestion-time.md`,
  'C-THR': `${COMPUTE}virtual-machines/compute-throttling-limits.md`,
  'C-IMDS': `${COMPUTE}virtual-machines/instance-metadata-service.md`,
  'C-SPOT': `${COMPUTE}virtual-machines/spot-vms.md`,
  'C-VMSS': `${COMPUTE}virtual-machine-scale-sets/virtual-machine-scale-sets-design-overview.md`,
  'C-429': 'MicrosoftDocs/SupportArticles-docs support/azure/virtual-machines/windows/troubleshooting-throttling-errors.md',
  'C-429G': 'gist lastcoolnameleft/4cf6ceb49fdb4fb990ed163f628fa910 (2023, live response headers)',
  'KV-ERR': `${VAULT}rest-error-codes.md`,
  'KV-THR': `${VAULT}overview-throttling.md`,
  'KV-AUTH': `${VAULT}authentication.md`,
  'KV-LOG': `${VAULT}logging.md`,
  'KV-ALERT': `${VAULT}alert.md`,
  'AKS-PI': `${AKS}use-azure-ad-pod-identity.md`,
  'AKS-CA': `${AKS}cluster-autoscaler.md`,
  'AKS-Q': `${AKS}quotas-skus-regions.md`,
  'AKS-LG': `${AKS}best-practices-performance-scale-large.md`,
  'AKS-SC': `${AKS}concepts-scale.md`,
  'AKS-REP': `${AKS}node-auto-repair.md`,
  'AKS-DRAIN': `${AKS}node-auto-drain.md`,
  'AKS-CNI': `${AKS}concepts-network-azure-cni-pod-subnet.md`,
  'AKS-KN': `${AKS}configure-kubenet.md`,
  'AKS-WI': `${AKS}workload-identity-overview.md`,
  'AKS-OIDC': `${AKS}use-oidc-issuer.md`,
  'AKS-SP': `${AKS}kubernetes-service-principal.md`,
  'AKS-MI': `${AKS}system-assigned-managed-identity.md`,
  'AKS-CSI': `${AKS}csi-secrets-store-configuration-options.md`,
  'AKS-RES': `${AKS}resize-node-pool.md`,
  'AKS-LIM': `${AZURE}container-service-limits include`,
  'PI-CODE': 'Azure/aad-pod-identity @e4e7eab (v1.8.17): cmd/, pkg/',
  'PI-DOC': 'Azure/aad-pod-identity @e4e7eab: website/content/en/docs/, charts/aad-pod-identity/values.yaml',
  WI: 'Azure/azure-workload-identity docs/book/src/, pkg/webhook/consts.go, chart',
  ADAL: 'Azure/go-autorest @33e12ab autorest/adal/token.go, autorest/client.go, autorest/azure/async.go',
  MSALGO: 'AzureAD/microsoft-authentication-library-for-go @247817f apps/managedidentity, apps/internal/base/storage/items.go',
  AZID: 'release notes of the Azure identity libraries; @azure/identity 4.13.1 imdsRetryPolicy.js',
  'K-SLO': `${COMMUNITY}slos.md`,
  'K-PERF': 'kubernetes/perf-tests clusterloader2/testing/load/modules/scheduler-throughput/config.yaml',
  'K-NODE': `${WEBSITE}concepts/architecture/nodes.md`,
  'K-API': `${WEBSITE}reference/using-api/api-concepts.md`,
  'K-POD': `${WEBSITE}concepts/workloads/pods/pod-lifecycle.md`,
  'K-SECR': `${WEBSITE}concepts/configuration/secret.md`,
  'K-CG': 'kubernetes/client-go tools/cache/reflector.go, rest/, tools/leaderelection, tools/record',
  'K-CA': 'kubernetes/autoscaler cluster-autoscaler/FAQ.md, cluster-autoscaler/cloudprovider/azure/README.md',
  'CNI-AZ': 'Azure/azure-container-networking @0fa576e ipam/pool.go',
  'CNI-HL': 'containernetworking/plugins plugins/ipam/host-local/backend/allocator/allocator.go',
} as const satisfies Readonly<Record<string, string>>;

/** A key of a source. */
export type SourceKey = keyof typeof sourceKeys;

/** The keys that a text quotes, in the order in which it does. */
export function sourceKeysIn(text: string): readonly SourceKey[] {
  const words = text.match(/[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)?/gu) ?? [];
  return [...new Set(words)].filter((word): word is SourceKey => Object.hasOwn(sourceKeys, word));
}

/** What the keys and marks in a text stand for, a line each. */
export function sourceLegend(text: string): readonly string[] {
  return [
    ...(/(?:PI|[\s(])#\d/u.test(text) ? ['#n, PI#n: issue or pull request n of Azure/aad-pod-identity'] : []),
    ...(text.includes('[est]') ? ['[est]: an estimate'] : []),
    ...(text.includes('[inf]') ? ['[inf]: inferred from two sources'] : []),
    ...sourceKeysIn(text).map((key) => `${key}: ${sourceKeys[key]}`),
  ];
}
