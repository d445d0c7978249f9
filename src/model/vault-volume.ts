/** Volumes that a plug-in of the node fills from a key vault: what a pod says of one. */

/** How a plug-in gets at a vault. */
export interface VaultSource {
  /** Whether it asks NMI for a token of the pod (`usePodIdentity`). */
  readonly usesPodIdentity: boolean;
  /** Name of the vault (`keyvaultName`). */
  readonly vault: string;
}

/** A volume that a plug-in fills from a vault before the pod's containers start. Volumes of other kinds are dropped on loading. */
export type VaultVolume =
  /** CSI driver of the secrets store; `secretProviderClass` stands in the pod's namespace. */
  | { readonly name: string; readonly driver: 'secrets-store.csi.k8s.io'; readonly secretProviderClass: string }
  /** FlexVolume of Azure Key Vault: its options stand in the pod. */
  | { readonly name: string; readonly driver: 'azure/kv'; readonly options: VaultSource };
