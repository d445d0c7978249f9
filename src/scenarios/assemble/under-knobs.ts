/**
 * An installation under the knobs of a run. The description was made under those of the scenario; what is set for one run beside them
 * (`--set`, a sweep) changes flags and copies of MIC as well.
 */
import type { Calibration } from '../../model/calibration/index.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import type { ScenarioDescription, StoryStep } from '../description.ts';
import { settingsUnder } from '../description/settings-under.ts';
import { withMicReplicas } from '../manifests/builtin-installation.ts';

/** The scenario with the settings and, in the built-in installation, the copies of MIC that the calibration says. */
export function underKnobs(scenario: ScenarioDescription, calibration: Calibration): ScenarioDescription {
  const { cluster } = scenario;
  const installed = cluster?.podIdentity;
  if (cluster === undefined || installed === undefined) return scenario;
  const podIdentity = { ...installed, settings: settingsUnder(installed.settings, calibration) };
  const replicas = calibration.value('mic.replicas');
  const steps = installed.source === 'builtin' ? scenario.steps.map((step) => withCopies(step, replicas)) : scenario.steps;
  return { ...scenario, cluster: { ...cluster, podIdentity }, steps };
}

function withCopies(step: StoryStep, replicas: number): StoryStep {
  const { action } = step;
  if (step.origin !== 'installation' || action.verb !== 'apply') return step;
  const scaled = (object: KubernetesObject): KubernetesObject =>
    object.kind === 'Deployment' ? withMicReplicas(object, replicas) : object;
  return { ...step, action: { ...action, objects: action.objects.map(scaled) } };
}
