/** The world a case of MIC begins with: its flags as knobs, its cloud, its objects. */
import type { IdentityType } from '../../src/model/azure.ts';
import type { Overrides } from '../../src/model/calibration/resolve.ts';
import { FLAGS } from '../../src/scenarios/manifests/flags.ts';
import { NoSeam } from './case.ts';
import type { ConformanceCase } from './case.ts';
import { ApiServer } from './stage/api-server.ts';
import { Cloud } from './stage/cloud.ts';
import { ControlPlane, INSTANT } from './stage/control-plane.ts';
import type { StageOptions } from './stage/control-plane.ts';
import { isMap, listAt, mapAt, objectOf, textAt, textsAt } from './stage/objects.ts';
import type { DataMap } from './stage/objects.ts';

/** Actors that the small world can stand for. */
const KNOWN: readonly string[] = ['mic', 'arm', 'kube-apiserver'];

/** Knob of each flag that is one. */
const KNOB_OF_FLAG = {
  syncRetryDuration: 'mic.sync.periodic',
  createDeleteBatch: 'mic.createDeleteBatch',
  'update-user-msi-max-retry': 'mic.updateMsi.maxRetry',
  'update-user-msi-retry-interval': 'mic.updateMsi.retryInterval',
  'identity-assignment-reconcile-interval': 'mic.reconcile',
} as const;

/** Builds the world of a case; MIC has not started. */
export function buildWorld(one: ConformanceCase, actors: NonNullable<StageOptions['actors']>): ControlPlane {
  const { given } = one;
  const strangers = textsAt(given, 'components').filter((name) => !KNOWN.includes(name));
  if (strangers.length > 0)
    throw new NoSeam(`needs a world with ${strangers.join(', ')}; the runner builds MIC, ARM and the API server only`);
  const flags = mapAt(mapAt(given, 'flags'), 'mic');
  const cloud = cloudOf(mapAt(given, 'arm'));
  const server = new ApiServer();
  const plane = new ControlPlane({
    seed: one.id,
    actors,
    wakesBy: 'triggers',
    cloud,
    server,
    overrides: overridesOf(given, flags),
    settings: {
      forceNamespaced: flags['forceNamespaced'] === true || flags['forceNamespaced'] === 'true' ? 'yes' : 'no',
      immutableClientIds: immutableIds(flags).map((id) => id.toLowerCase()),
      clusterIdentityClientId: textAt(mapAt(given, 'cloudConfig'), 'userAssignedIdentityID'),
      resourceGroup: textAt(mapAt(given, 'cloudConfig'), 'resourceGroup'),
    },
  });
  for (const manifest of listAt(given, 'objects').filter(isMap)) {
    const object = objectOf(manifest, server.nextVersion());
    if (object !== undefined) plane.fill(object);
  }
  return plane;
}

/** A list, or one text with commas as on a command line. */
function immutableIds(flags: DataMap): readonly string[] {
  const text = textAt(flags, 'immutable-user-msis');
  return text === '' ? textsAt(flags, 'immutable-user-msis') : text.split(',');
}

function overridesOf(given: DataMap, flags: DataMap): Overrides {
  const overrides: Record<string, string | number> = {
    ...(INSTANT as Record<string, string | number>),
    'informer.listOrder': 'given',
    'mic.updateMsi.retriableErrors': textsAt(mapAt(given, 'harness'), 'retriableErrors').join(','),
  };
  for (const [flag, knob] of Object.entries(KNOB_OF_FLAG)) {
    const value = flags[flag];
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    // A flag that takes a duration may be written as a number of seconds.
    overrides[knob] = typeof value === 'number' && FLAGS.mic[flag]?.kind === 'duration' ? `${String(value)}s` : value;
  }
  return overrides;
}

function cloudOf(arm: DataMap): Cloud {
  const cloud = new Cloud();
  cloud.unknown = textAt(arm, 'unknownResources') === 'createEmpty' ? 'createEmpty' : 'notFound';
  for (const resource of listAt(arm, 'resources').filter(isMap)) {
    const identity = mapAt(resource, 'identity');
    cloud.put({
      kind: textAt(resource, 'kind') === 'VirtualMachine' ? 'VirtualMachine' : 'VirtualMachineScaleSet',
      name: textAt(resource, 'name'),
      type: textAt(identity, 'type') as IdentityType,
      ids: textsAt(identity, 'userAssignedIdentities'),
      state: 'Succeeded',
    });
  }
  return cloud;
}
