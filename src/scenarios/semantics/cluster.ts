/** Resolves the cluster: its installation of pod identity, the knobs that flags and parameters set, and the settings they lead to. */
import { catalogue, formatKnobDefault, formatKnobValue, isKnobName, parseKnobValue, resolve } from '../../model/calibration/index.ts';
import type { Calibration, Overrides, OverrideValue } from '../../model/calibration/index.ts';
import { hasBehaviour } from '../../model/pod-identity-release/behaviours.ts';
import { presetKnobs } from '../../model/pod-identity-release/preset-knobs.ts';
import type { CloudConfig } from '../../model/settings.ts';
import type { ClusterDescription, PodIdentityDescription } from '../description.ts';
import { settingsUnder } from '../description/settings-under.ts';
import { installationOf } from '../manifests/installation.ts';
import type { FlagKnob } from '../manifests/installed-flags.ts';
import type { Installation, InstallationRequest } from '../manifests/installation.ts';
import type { Path } from '../text/yaml-source.ts';
import { readAdmission } from './admission.ts';
import { cloudConfigOf } from './cloud-config.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Scope } from './scope.ts';
import type { WorldSource } from './world.ts';

type PodIdentitySource = NonNullable<NonNullable<WorldSource['cluster']>['podIdentity']>;

/** The cluster with what is installed in it, and the knobs of the run. */
export interface ClusterReading {
  readonly cluster?: ClusterDescription;
  readonly installation?: Installation;
  readonly overrides: Overrides;
}

const POD_IDENTITY: Path = ['world', 'cluster', 'podIdentity'];
const PARAMETERS: Path = ['world', 'parameters'];

/** Resolves the cluster after all manifests were read. */
export function readCluster(scope: Scope, world: WorldSource, manifests: ManifestReader): ClusterReading {
  const source = world.cluster;
  const parameters = parametersOf(world);
  if (source === undefined) {
    const { overrides } = readKnobs(scope, parameters, undefined);
    return { overrides };
  }
  const request = source.podIdentity === undefined ? undefined : requestOf(scope, source.podIdentity, parameters);
  // What the story applies replaces a built-in installation later on.
  const installing = request?.install === 'builtin' ? manifests.given : manifests.objects;
  const installation = installationOf(request, installing, scope.findings);
  const lookup: readonly (readonly [string, OverrideValue])[] = request?.lookup === 'mic' ? [['nmi.lookup', 'mic']] : [];
  const { overrides, calibration } = readKnobs(scope, { ...Object.fromEntries(lookup), ...parameters }, installation);
  const network = source.network ?? 'azure';
  const own = source.podIdentity?.clusterIdentity;
  const written = source.podIdentity?.cloudConfig;
  const cloudConfig = written === undefined ? undefined : cloudConfigOf(manifests, written, [...POD_IDENTITY, 'cloudConfig']);
  const named = own === undefined ? '' : (scope.identity(own, [...POD_IDENTITY, 'clusterIdentity'])?.clientId ?? '');
  const clusterIdentityClientId = cloudConfig?.userAssignedIdentityID ?? named;
  const cluster: ClusterDescription = {
    network,
    nodePools: [...scope.pools.values()],
    admission: readAdmission(scope, source.admission ?? []),
    egress: source.egress ?? [],
    start: source.start ?? 'cold',
    ...(source.workloadIdentity === undefined
      ? {}
      : { workloadIdentity: { issuer: scope.issuer, webhook: source.workloadIdentity.webhook ?? 'present' } }),
    ...(installation === undefined || calibration === undefined
      ? {}
      : {
          podIdentity: describe(
            scope,
            installation,
            { network, networkPolicy: source.networkPolicy, clusterIdentityClientId, cloudConfig },
            calibration,
          ),
        }),
  };
  const isGuarded = installation !== undefined && hasBehaviour(installation.version, 'nmiRefusesKubenet');
  if (network === 'kubenet' && source.networkPolicy === undefined && calibration?.value('nmi.kubenet.allowed') === false && isGuarded) {
    scope.warning(['world', 'cluster', 'network'], 'NMI ends at once on kubenet, unless its flag allow-network-plugin-kubenet is set');
  }
  return { cluster, overrides, ...(installation === undefined ? {} : { installation }) };
}

function requestOf(scope: Scope, source: PodIdentitySource, parameters: Overrides): InstallationRequest {
  const replicas = Number(parameters['mic.replicas'] ?? 0);
  return {
    version: source.version,
    mode: source.mode,
    install: source.install,
    lookup: source.lookup ?? 'aai',
    micFlags: asTexts(source.mic?.flags ?? {}),
    nmiFlags: asTexts(source.nmi?.flags ?? {}),
    micReplicas: Number.isSafeInteger(replicas) && replicas > 0 ? replicas : undefined,
    document: scope.document,
    path: POD_IDENTITY,
  };
}

/** What the release presets, flags and parameters together; each wins over what stands before it. A calibration only if nothing is wrong with them. */
function readKnobs(
  scope: Scope,
  parameters: Overrides,
  installation: Installation | undefined,
): { readonly overrides: Overrides; readonly calibration?: Calibration } {
  const preset = installation === undefined ? {} : presetKnobs(installation.version);
  const fromFlags = [...(installation?.knobs ?? [])]
    .filter(([knob, flag]) => Object.hasOwn(preset, knob) || isSet([knob, flag]))
    .map(([knob, { value }]) => [knob, value] as const);
  const merged = new Map<string, OverrideValue>([...Object.entries(preset), ...fromFlags, ...Object.entries(parameters)]);
  const overrides: Overrides = Object.fromEntries([...merged.keys()].sort().map((knob) => [knob, merged.get(knob) ?? '']));
  const resolution = resolve(overrides);
  if (resolution.ok) return { overrides, calibration: resolution.calibration };
  for (const { knob, rule } of resolution.problems) {
    const flag = installation?.knobs.get(knob)?.flag;
    if (Object.hasOwn(parameters, knob)) scope.problem([...PARAMETERS, knob], rule);
    else if (flag === undefined) scope.problem(PARAMETERS, `${knob}: ${rule}`);
    else scope.findings.problem(flag.document, flag.path, `--${flag.name} ${rule}`);
  }
  return { overrides };
}

function describe(
  scope: Scope,
  installation: Installation,
  azure: {
    readonly network: 'azure' | 'kubenet';
    readonly networkPolicy: 'calico' | undefined;
    readonly clusterIdentityClientId: string;
    readonly cloudConfig: CloudConfig | undefined;
  },
  calibration: Calibration,
): PodIdentityDescription {
  const { network, networkPolicy, clusterIdentityClientId, cloudConfig } = azure;
  const { source, mode, version, micFlags, nmiFlags } = installation;
  const { resourceGroup, subscription } = scope.location;
  const policy = networkPolicy === undefined ? {} : { networkPolicy };
  const settings = settingsUnder({ mode, version, clusterIdentityClientId, resourceGroup, subscription, network, ...policy }, calibration);
  return { source, micFlags, nmiFlags, settings, ...(cloudConfig === undefined ? {} : { cloudConfig }) };
}

/** Whether a flag says something else than the default of its knob. */
function isSet([name, { value }]: readonly [string, FlagKnob]): boolean {
  if (!isKnobName(name)) return true;
  const knob = catalogue[name];
  const read = parseKnobValue(knob, value);
  return !read.ok || formatKnobValue(knob, read.value) !== formatKnobDefault(knob);
}

function parametersOf(world: WorldSource): Overrides {
  return world.parameters ?? {};
}

function asTexts(flags: Readonly<Record<string, string | number | boolean>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, String(value)]));
}
