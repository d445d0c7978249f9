/** Volumes that a plug-in fills from a key vault: the CSI driver of the secrets store, and the older FlexVolume. */
import type { VaultSource, VaultVolume } from '../../model/vault-volume.ts';
import type { Fields } from './fields.ts';

/** The vault volumes of a pod; volumes of other kinds are left out. */
export function vaultVolumesOf(spec: Fields): readonly VaultVolume[] {
  return spec.list('volumes').flatMap((volume): readonly VaultVolume[] => {
    const csi = volume.map('csi');
    if (csi.text('driver') === 'secrets-store.csi.k8s.io') {
      const secretProviderClass = csi.map('volumeAttributes').requiredText('secretProviderClass');
      return [{ name: volume.requiredText('name'), driver: 'secrets-store.csi.k8s.io', secretProviderClass }];
    }
    const flex = volume.map('flexVolume');
    if (flex.text('driver') !== 'azure/kv') return [];
    const options = vaultSourceOf(flex.map('options'), { podIdentity: 'usepodidentity', vault: 'keyvaultname' });
    return [{ name: volume.requiredText('name'), driver: 'azure/kv', options }];
  });
}

/** How a vault is got at, from parameters that are texts; `keys`: how this plug-in spells them. */
export function vaultSourceOf(parameters: Fields, keys: { readonly podIdentity: string; readonly vault: string }): VaultSource {
  return { usesPodIdentity: parameters.text(keys.podIdentity, 'false') === 'true', vault: parameters.requiredText(keys.vault) };
}
