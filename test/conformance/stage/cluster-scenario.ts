/** The surroundings of a case of the whole cluster, said as a scenario of idflow: what everyone could write in a file. */
import { stringify } from 'yaml';
import type { Overrides } from '../../../src/model/calibration/resolve.ts';
import { placeOfProvider } from '../../../src/model/provider-id.ts';
import { formatProblem } from '../../../src/scenarios/problem.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import type { ScenarioDescription } from '../../../src/scenarios/description.ts';
import { usedKind } from '../../../src/scenarios/manifests/kinds.ts';
import { NoSeam } from '../case.ts';
import { isMap, listAt, mapAt, textAt, textsAt } from './objects.ts';
import type { Data, DataMap } from './objects.ts';

/** Knobs that make each part of the platform answer at once. */
const INSTANT: Readonly<Record<'arm' | 'kube' | 'imds', Overrides>> = {
  arm: {
    'arm.get.latency': '0s',
    'arm.write.acceptLatency': '0s',
    'arm.write.rejectLatency': '0s',
    'vmss.patch.duration': '0s',
    'vm.patch.duration': '0s',
  },
  kube: { 'watch.latency': '0s', 'api.get.latency': '0s', 'api.mutate.latency': '0s', 'scheduler.latency': '0s', 'pod.ipVisibleLag': '0s' },
  imds: { 'imds.latency.cacheHit': '0s', 'imds.latency.cacheMiss': '0s', 'imds.latency.firstUse': '0s', 'imds.assign.visibleAt': 0 },
};

/** Namespaces that every cluster has. */
const STANDARD_NAMESPACES: readonly string[] = ['default', 'kube-system'];
/** Longer than any case lasts. */
const HORIZON = '3000d';
const MANIFESTS = 'given.yaml';

/** The scenario of a case: MIC and NMI have long been installed, and all that is given has come to rest. */
export function scenarioOf(id: string, given: DataMap): ScenarioDescription {
  const manifests = stringify({ kind: 'List', items: manifestsOf(given) });
  const source = stringify({ question: id, group: 'basics', horizon: HORIZON, seed: id, world: worldOf(given), manifests: [MANIFESTS] });
  const loaded = loadScenario({ path: 'case.yaml', text: source, readText: () => manifests });
  if (loaded.ok) return loaded.scenario;
  throw new NoSeam(`the world of the case is no scenario: ${loaded.problems.map(formatProblem).join('; ')}`);
}

/** A manifest with the version of its API, which cases may leave out. */
export function versioned(manifest: DataMap): DataMap {
  const apiVersion = usedKind(textAt(manifest, 'kind'))?.apiVersion;
  return manifest['apiVersion'] === undefined && apiVersion !== undefined ? { apiVersion, ...manifest } : manifest;
}

function manifestsOf(given: DataMap): readonly DataMap[] {
  const namespaces = textsAt(given, 'namespaces').filter((name) => !STANDARD_NAMESPACES.includes(name));
  const objects = listAt(given, 'objects').filter(isMap).map(versioned);
  return [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    // The nodes come with their pools.
    ...objects.filter((object) => object['kind'] !== 'Node'),
  ];
}

function worldOf(given: DataMap): DataMap {
  const cloud = mapAt(given, 'cloudConfig');
  const arm = mapAt(given, 'arm');
  const flags = mapAt(given, 'flags');
  if (textAt(arm, 'unknownResources') === 'createEmpty') throw new NoSeam('ARM of a whole cluster makes no resources up');
  const identities = listAt(arm, 'identities').filter(isMap);
  const own = identities.find((one) => textAt(one, 'clientID') === textAt(cloud, 'userAssignedIdentityID'));
  const vault = textAt(mapAt(given, 'keyVault'), 'name');
  return {
    subscription: textAt(cloud, 'subscriptionId'),
    resourceGroup: textAt(cloud, 'resourceGroup'),
    identities: identities.map(({ name = null, clientID = null, resourceGroup = null }) => ({ name, clientID, resourceGroup })),
    ...(vault === '' ? {} : { services: [{ name: vault, kind: 'keyVault' }] }),
    cluster: {
      start: 'settled',
      ...(given['admission'] === undefined ? {} : { admission: given['admission'] }),
      nodePools: poolsOf(given),
      podIdentity: {
        mic: { flags: flagsOf(mapAt(flags, 'mic')) },
        nmi: { flags: flagsOf(mapAt(flags, 'nmi')) },
        ...(own === undefined ? {} : { clusterIdentity: textAt(own, 'name') }),
      },
    },
    parameters: parametersOf(given),
  };
}

/** Flags as a command line has them: a list is one text. */
function flagsOf(flags: DataMap): DataMap {
  const texts = Object.entries(flags).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value] as const);
  return Object.fromEntries(texts.filter(([, value]) => value !== ''));
}

function parametersOf(given: DataMap): DataMap {
  const words = textsAt(mapAt(given, 'harness'), 'retriableErrors');
  const { mic } = mapAt(given, 'replicas');
  const { timing } = given;
  const instant = (['arm', 'kube', 'imds'] as const)
    .filter((part) => (isMap(timing) ? timing[part] : timing) === 'instant')
    .map((part) => INSTANT[part]);
  return Object.assign(
    {},
    ...instant,
    words.length === 0 ? {} : { 'mic.updateMsi.retriableErrors': words.join(',') },
    typeof mic === 'number' ? { 'mic.replicas': mic } : {},
  ) as DataMap;
}

/** A pool for each scale set that has nodes, and one for the nodes that are single VMs. */
function poolsOf(given: DataMap): readonly DataMap[] {
  const nodes = listAt(given, 'objects')
    .filter(isMap)
    .filter((object) => object['kind'] === 'Node');
  const sets = new Map<string, number>();
  for (const node of nodes) {
    const place = placeOfProvider(textAt(mapAt(node, 'spec'), 'providerID'));
    if (place?.resourceType.toLowerCase() !== 'virtualmachinescalesets')
      throw new NoSeam('nodes of a whole cluster are instances of scale sets');
    sets.set(place.resourceName, (sets.get(place.resourceName) ?? 0) + 1);
  }
  const { nodes: wanted } = mapAt(given, 'cluster');
  return [...sets].map(([set, count]) => {
    const name = /^aks-(.+)-vmss$/u.exec(set)?.[1];
    if (name === undefined) throw new NoSeam(`the scale set of a node pool is named aks-POOL-vmss, not ${set}`);
    return { name, nodes: typeof wanted === 'number' ? wanted : count, maxPods: MOST_PODS, ...blockOf(given, set) };
  });
}

/** Room for every pod of a case on a node [pods]. */
const MOST_PODS = 250;

/** What the scale set of a pool carries at the start. */
function blockOf(given: DataMap, set: string): DataMap {
  const arm = mapAt(given, 'arm');
  const resource = listAt(arm, 'resources')
    .filter(isMap)
    .find((one) => textAt(one, 'name').toLowerCase() === set.toLowerCase());
  const identity = mapAt(resource ?? {}, 'identity');
  const names = textsAt(identity, 'userAssignedIdentities').map((id) => id.split('/').at(-1) ?? '');
  const systemAssigned: Data = textAt(identity, 'type').includes('SystemAssigned');
  return { systemAssigned, identities: names };
}
