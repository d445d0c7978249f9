/**
 * Makes a runnable world from a scenario: the rows that exist at the start, the actors that live then, and the operator's story.
 *
 * The only place that knows every actor. Reads `ScenarioDescription`; decides nothing about what happens later.
 */
import type { AnyActorDefinition, NewActor } from '../../kernel/actor.ts';
import { Simulation } from '../../kernel/simulation.ts';
import { after } from '../../kernel/time.ts';
import { ORIGIN } from '../../kernel/time.ts';
import type { RunOptions } from '../../kernel/world.ts';
import type { Calibration } from '../../model/calibration/index.ts';
import { CLOUD_CONFIG_KEY, SETTINGS_KEY, settingsWithoutFlags } from '../../model/settings.ts';
import type { PodIdentitySettings } from '../../model/settings.ts';
import type { Identity } from '../../model/vocabulary.ts';
import { keyNumber } from '../../model/signing-keys.ts';
import { WORKLOAD_IDENTITY_KEY } from '../../model/workload-identity.ts';
import { identityWorld } from '../../model/world.ts';
import type { ScenarioDescription } from '../description.ts';
import { ACTORS } from './actors.ts';
import { fillAzure } from './azure.ts';
import { fillCluster } from './cluster.ts';
import { PodPlacer } from './pod-placer.ts';
import { settleWebhook } from './settled-pods.ts';
import { settle } from './settled.ts';
import { settleUpgradeMarker } from './upgrade-marker.ts';
import { storyRows } from './story.ts';
import { underKnobs } from './under-knobs.ts';
import type { World } from './world.ts';

/** How to run a scenario; what is absent comes from the scenario or the kernel's defaults. */
export interface AssemblyOptions extends Partial<RunOptions> {
  /** Other actors than the real ones, by kind: for tests that plant a mistake. */
  readonly replace?: readonly AnyActorDefinition<Identity>[];
  /** `reversed`: actors are registered the other way round. Changes nothing, as a test shows. */
  readonly registration?: 'listed' | 'reversed';
}

/** Builds the world of a scenario under a calibration, ready to run from time zero. */
export function assemble(described: ScenarioDescription, calibration: Calibration, options: AssemblyOptions = {}): World {
  const scenario = underKnobs(described, calibration);
  const { replace = [], registration = 'listed', ...run } = options;
  const actors = ACTORS.map((actor) => replace.find((other) => other.kind === actor.kind) ?? actor);
  const world: World = new Simulation<Identity>(identityWorld(actors, calibration), {
    seed: scenario.seed,
    horizon: after(ORIGIN, scenario.horizon),
    ...run,
  });
  world.fill('settings', SETTINGS_KEY, settingsOf(scenario));
  const cloudConfig = scenario.cluster?.podIdentity?.cloudConfig;
  if (cloudConfig !== undefined) world.fill('cloudConfigs', CLOUD_CONFIG_KEY, cloudConfig);
  for (const workload of scenario.workloads) world.fill('workloads', workload.name, workload);
  fillAzure(world, scenario, calibration);
  const isSettled = scenario.cluster?.start === 'settled';
  if (scenario.cluster !== undefined) {
    fillCluster(world, scenario, scenario.cluster, calibration);
    const placer = new PodPlacer(world.table('nodes').all());
    const { workloadIdentity } = scenario.cluster;
    if (workloadIdentity !== undefined) {
      world.fill('workloadIdentity', WORKLOAD_IDENTITY_KEY, workloadIdentity);
      world.fill('oidcIssuers', workloadIdentity.issuer, {
        issuer: workloadIdentity.issuer,
        keys: [{ keyId: keyNumber(1), from: ORIGIN }],
      });
      if (workloadIdentity.webhook === 'present') settleWebhook(world, placer, calibration);
    }
    if (isSettled) {
      settle(world, scenario, scenario.cluster, { placer, calibration });
      settleUpgradeMarker(world, calibration);
    }
  }
  // What a settled world applies at time zero is there; everything else that happens then has yet to happen.
  const steps = isSettled ? scenario.steps.filter((step) => step.at > 0 || step.action.verb !== 'apply') : scenario.steps;
  for (const row of storyRows(scenario, steps)) world.fill('story', row.id, row);
  for (const service of scenario.services) world.fill('services', service.name, service);
  const residents = residentsOf(scenario);
  for (const actor of registration === 'listed' ? residents : residents.toReversed()) world.add(actor, { type: 'Start' });
  return world;
}

/** Actors that live from the start, machines aside. */
function residentsOf(scenario: ScenarioDescription): readonly NewActor[] {
  const autoscaler = scenario.cluster?.nodePools.some((pool) => pool.autoscaler !== undefined) === true ? ['cluster-autoscaler'] : [];
  const issuer = scenario.cluster?.workloadIdentity === undefined ? [] : ['oidc-issuer'];
  const addOn = hasAddOn(scenario) ? ['aks'] : [];
  const kinds = scenario.cluster === undefined ? SINGLETONS : [...SINGLETONS, ...CLUSTER_SINGLETONS, ...autoscaler, ...issuer, ...addOn];
  const services = scenario.services.map((service) => ({ id: `service/${service.name}`, kind: 'target-service' }));
  return [...kinds.map((kind) => ({ id: kind, kind })), ...services];
}

/** Whether somebody calls the resource provider of AKS about pod identities. */
function hasAddOn({ steps }: ScenarioDescription): boolean {
  return steps.some(({ action }) => action.verb === 'changePodIdentity');
}

const SINGLETONS = ['aad', 'arm', 'operator'] as const;
const CLUSTER_SINGLETONS = ['kube-apiserver', 'scheduler', 'controller-manager'] as const;

/** Settings of the installation; of a world without pod identity, those that say so. */
function settingsOf(scenario: ScenarioDescription): PodIdentitySettings {
  const installed = scenario.cluster?.podIdentity;
  if (installed !== undefined)
    return installed.source === 'builtin' ? { ...installed.settings, installedBy: 'builtin' } : installed.settings;
  const { resourceGroup, subscription } = scenario;
  return settingsWithoutFlags({ mode: 'none', version: '', resourceGroup, subscription, network: scenario.cluster?.network ?? 'azure' });
}

export type { World } from './world.ts';
