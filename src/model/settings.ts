/** How pod identity is installed: what its flags say that is no knob. */

/** One row, key `podIdentity`. */
export interface PodIdentitySettings {
  readonly mode: 'standard' | 'managed' | 'none';
  readonly version: string;
  /** `aai`: NMI reads AzureAssignedIdentities (the real one). `mic`: it asks MIC, as the founding document says. */
  readonly lookup: 'aai' | 'mic';
  readonly forceNamespaced: 'yes' | 'no';
  /** NMI's MICNamespace. */
  readonly micNamespace: string;
  /** Client ids of `--immutable-user-msis`, lower-cased as MIC does. */
  readonly immutableClientIds: readonly string[];
  /** azure.json `userAssignedIdentityID`, as written; `''` for a system-assigned or service-principal cluster. */
  readonly clusterIdentityClientId: string;
  /** azure.json `resourceGroup`: the one group of all ARM calls of MIC. */
  readonly resourceGroup: string;
  readonly subscription: string;
  readonly metadataHeaderRequired: 'yes' | 'no';
  readonly retryAfterHeader: 'yes' | 'no';
  readonly blockInstanceMetadata: 'yes' | 'no';
  readonly scaleFeatures: 'yes' | 'no';
  readonly network: 'azure' | 'kubenet';
  /** Installed by the scenario, in the release that it names: an NMI of another release is told by its image. Absent: by manifests. */
  readonly installedBy?: 'builtin';
  /** Engine of network policies; absent: none. */
  readonly networkPolicy?: 'calico';
}

/** Key of the only row. */
export const SETTINGS_KEY = 'podIdentity';

/** What an installation says that sets no flag: the defaults of MIC's and NMI's flags, and no identity of the cluster's own. */
export function settingsWithoutFlags(
  of: Pick<PodIdentitySettings, 'mode' | 'version' | 'resourceGroup' | 'subscription' | 'network'>,
): PodIdentitySettings {
  return {
    lookup: 'aai',
    forceNamespaced: 'no',
    micNamespace: 'default',
    immutableClientIds: [],
    clusterIdentityClientId: '',
    metadataHeaderRequired: 'yes',
    retryAfterHeader: 'no',
    blockInstanceMetadata: 'no',
    scaleFeatures: 'yes',
    ...of,
  };
}

/** Whom the cloud configuration file of the nodes, azure.json, names. Fields as MIC calls them; `clientID` and its secret make a service principal, else it is a managed identity. */
export interface CloudConfig {
  /** Client id of a user-assigned identity; `''`: the system-assigned one of the node. */
  readonly userAssignedIdentityID: string;
  readonly clientID: string;
  readonly clientSecret: string;
}

/** Key of the one row of that file: every node has the same. */
export const CLOUD_CONFIG_KEY = 'azure.json';
