/** Which of the settings of an installation are knobs. */
import type { Calibration, KnobName, KnobValue } from '../../model/calibration/index.ts';
import type { PodIdentitySettings } from '../../model/settings.ts';

/** What an installation says that no knob does. */
type Fixed = Pick<
  PodIdentitySettings,
  'mode' | 'version' | 'clusterIdentityClientId' | 'resourceGroup' | 'subscription' | 'network' | 'networkPolicy'
>;

/** Names of knobs that are on or off. */
type SwitchName = { [N in KnobName]: KnobValue<N> extends boolean ? N : never }[KnobName];

/** The settings of an installation under a calibration. */
export function settingsUnder(installed: Fixed, calibration: Calibration): PodIdentitySettings {
  const { mode, version, clusterIdentityClientId, resourceGroup, subscription, network, networkPolicy } = installed;
  return {
    mode,
    version,
    lookup: calibration.value('nmi.lookup'),
    forceNamespaced: yesNo(calibration, mode === 'managed' ? 'nmi.namespaced' : 'mic.namespaced'),
    micNamespace: calibration.value('nmi.micNamespace'),
    // Faithful: lower-cased, not trimmed.
    immutableClientIds: calibration
      .value('mic.immutableIds')
      .toLowerCase()
      .split(',')
      .filter((id) => id !== ''),
    clusterIdentityClientId,
    resourceGroup,
    subscription,
    metadataHeaderRequired: yesNo(calibration, 'nmi.headerRequired'),
    retryAfterHeader: yesNo(calibration, 'nmi.retryAfter.enabled'),
    blockInstanceMetadata: yesNo(calibration, 'nmi.blockInstanceMetadata'),
    scaleFeatures: yesNo(calibration, 'nmi.scaleFeatures'),
    network,
    ...(networkPolicy === undefined ? {} : { networkPolicy }),
  };
}

function yesNo(calibration: Calibration, knob: SwitchName): 'yes' | 'no' {
  return calibration.value(knob) ? 'yes' : 'no';
}
