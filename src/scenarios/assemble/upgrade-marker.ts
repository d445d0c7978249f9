/** What a MIC that has long been there left behind: the ConfigMap that says its objects are of the present type (§6.4). */
import type { Calibration } from '../../model/calibration/index.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { World } from './world.ts';

/** Writes the marker into the namespace of each MIC pod, unless a manifest has. */
export function settleUpgradeMarker(world: World, calibration: Calibration): void {
  const name = calibration.value('mic.typeUpgrade.configMap');
  const version = world.table('settings').get(SETTINGS_KEY)?.version ?? '';
  for (const { metadata, spec } of world.table('pods').all()) {
    const { namespace } = metadata;
    const key = `${namespace}/${name}`;
    if (!spec.containers.some(({ image }) => image.includes('/mic:')) || world.table('configMaps').get(key) !== undefined) continue;
    world.fill('configMaps', key, {
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace,
        uid: `${key}@1`,
        resourceVersion: '1',
        labels: {},
        annotations: {},
        finalizers: [],
        ownerReferences: [],
      },
      data: { [calibration.value('mic.typeUpgrade.key')]: version },
    });
  }
}
