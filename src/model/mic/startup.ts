/** What MIC lists and rewrites when it begins to lead (§3.2, §6.4). */

/** Kinds whose informers are filled before the loop begins. */
export const LISTED_KINDS = ['Pod', 'Node', 'AzureIdentity', 'AzureIdentityBinding', 'AzureAssignedIdentity'] as const;

/** One of them. */
export type ListedKind = (typeof LISTED_KINDS)[number];

/** Kinds the type upgrade writes back, in this order: what is embedded comes before what embeds it. */
export const UPGRADED_KINDS = ['AzureIdentity', 'AzureIdentityBinding', 'AzurePodIdentityException', 'AzureAssignedIdentity'] as const;
