/** AAD Pod Identity in one of its modes; release and flags are those of the scenario, where it has it in the other mode. */
import { ZERO } from '../../kernel/time.ts';
import { presetKnobs } from '../../model/pod-identity-release/preset-knobs.ts';
import { DEFAULT_RELEASE, isRelease, isWithin } from '../../model/pod-identity-release/release.ts';
import type { Release } from '../../model/pod-identity-release/release.ts';
import { settingsWithoutFlags } from '../../model/settings.ts';
import type { PodIdentitySettings } from '../../model/settings.ts';
import type { ClusterDescription, PodIdentityDescription, ScenarioDescription, StoryStep } from '../description.ts';
import { builtinObjects, MIC_ARGS, nmiArgs } from '../manifests/builtin-installation.ts';
import { argsOfRelease } from '../manifests/installed-flags.ts';
import { MANAGED_SINCE } from '../manifests/installation.ts';
import { splitFlags } from '../manifests/flags.ts';
import type { Derivation } from './derivation.ts';

type Mode = 'standard' | 'managed';
type Flags = Readonly<Record<string, string>>;

/** Flags by which NMI is told its mode. */
const OF_MODE: ReadonlySet<string> = new Set(['operation-mode', 'forceNamespaced']);

/** Copies of MIC in the published installation. */
const MIC_REPLICAS = 2;

/** Installs MIC and NMI, or NMI alone. */
export function installed(scenario: ScenarioDescription, cluster: ClusterDescription, mode: Mode): Derivation {
  const { podIdentity } = cluster;
  const version = releaseOf(podIdentity);
  if (mode === 'managed' && !isWithin(version, { from: MANAGED_SINCE }))
    return { ok: false, rule: `has release ${version}: managed mode came with ${MANAGED_SINCE}` };
  const micFlags = mode === 'managed' ? {} : (podIdentity?.micFlags ?? {});
  const nmiFlags = Object.fromEntries(Object.entries(podIdentity?.nmiFlags ?? {}).filter(([name]) => !OF_MODE.has(name)));
  const micReplicas = Number(scenario.overrides['mic.replicas'] ?? presetKnobs(version)['mic.replicas'] ?? MIC_REPLICAS);
  const objects = builtinObjects({
    version,
    mode,
    micReplicas,
    micArgs: lineOf('mic', argsOfRelease('mic', MIC_ARGS, version), micFlags),
    nmiArgs: lineOf('nmi', argsOfRelease('nmi', nmiArgs(mode), version), nmiFlags),
  });
  const settings = settingsOf(scenario, cluster, { mode, version, micFlags });
  const cloudConfig = podIdentity?.cloudConfig === undefined ? {} : { cloudConfig: podIdentity.cloudConfig };
  const install: StoryStep = {
    id: 'step-0000',
    at: ZERO,
    text: mode === 'managed' ? 'Install NMI' : 'Install MIC and NMI',
    origin: 'installation',
    place: { file: scenario.path, line: 1, column: 1 },
    action: { verb: 'apply', file: '', objects },
  };
  const others = scenario.steps.filter(({ origin }) => origin !== 'installation');
  return {
    ok: true,
    scenario: {
      ...scenario,
      cluster: { ...cluster, podIdentity: { source: 'builtin', micFlags, nmiFlags, settings, ...cloudConfig } },
      steps: [install, ...others],
    },
    notes: [noteOf(mode, version, podIdentity)],
  };
}

function noteOf(mode: Mode, version: Release, podIdentity: PodIdentityDescription | undefined): string {
  const flags = podIdentity === undefined ? 'their published flags' : 'the flags of the scenario';
  return mode === 'managed'
    ? `NMI ${version} is installed in managed mode, which is namespaced, with ${flags}; every identity is on every node pool`
    : `MIC and NMI ${version} are installed with ${flags}`;
}

function releaseOf(podIdentity: PodIdentityDescription | undefined): Release {
  const version = podIdentity?.settings.version ?? '';
  return isRelease(version) ? version : DEFAULT_RELEASE;
}

/** The published command line, and after it what the scenario says otherwise. */
function lineOf(component: 'mic' | 'nmi', published: readonly string[], flags: Flags): readonly string[] {
  const known = new Map(splitFlags(component, published).map(({ name, value }) => [name, value]));
  const own = Object.entries(flags).filter(([name, value]) => known.get(name) !== value);
  return [...published, ...own.map(([name, value]) => `--${name}=${value}`)];
}

function settingsOf(
  scenario: ScenarioDescription,
  cluster: ClusterDescription,
  of: { readonly mode: Mode; readonly version: Release; readonly micFlags: Flags },
): PodIdentitySettings {
  const { mode, version, micFlags } = of;
  const { resourceGroup, subscription } = scenario;
  const before =
    cluster.podIdentity?.settings ?? settingsWithoutFlags({ mode, version, resourceGroup, subscription, network: cluster.network });
  const isForced = mode === 'managed' || micFlags['forceNamespaced'] === 'true';
  // MIC is not there to be asked in managed mode.
  const lookup = mode === 'managed' ? 'aai' : before.lookup;
  return { ...before, mode, version, lookup, forceNamespaced: isForced ? 'yes' : 'no' };
}
