/**
 * The same workload under another architecture: identities, services, roles, pods and story stay; how tokens are got is replaced.
 *
 * What the architecture needs (an installation, identities on node pools, secrets, federated credentials) is set up as of long ago and
 * said in the notes. Simplified: an application registration is kept where user-assigned identities are, so deletion goes through ARM.
 */
import type { WorkloadRow } from '../../model/workload.ts';
import type { ClusterDescription, IdentityDescription, ScenarioDescription, StoryStep } from '../description.ts';
import type { Architecture } from './names.ts';
import type { Derivation } from './derivation.ts';
import { federated } from './federated.ts';
import { installed } from './installed.ts';
import { secretOf } from './secret-text.ts';

const POD_IDENTITY_KINDS: ReadonlySet<string> = new Set(['AzureIdentity', 'AzureIdentityBinding', 'AzurePodIdentityException']);

/** Derives the scenario of an architecture. */
export function derive(scenario: ScenarioDescription, architecture: Architecture): Derivation {
  const { cluster } = scenario;
  if (cluster === undefined) return { ok: false, rule: 'has no cluster: an architecture says how the pods of one get their tokens' };
  const users = scenario.workloads.filter(({ select }) => select !== undefined);
  if (users.length === 0) return { ok: false, rule: 'has no workload in pods: there is nobody to get tokens' };
  if (cluster.podIdentity?.source === 'manifests') {
    return { ok: false, rule: 'brings MIC or NMI in its manifests: leave them out, and the architecture installs what it needs' };
  }
  if (architecture === (cluster.podIdentity?.settings.mode ?? '')) return { ok: true, scenario, notes: ['as the scenario says itself'] };
  const late = scenario.steps.some(({ action }) => action.verb === 'createIdentity');
  if (late && architecture !== 'standard')
    return { ok: false, rule: `creates an identity in its story: ${architecture} would have to be set up again` };
  switch (architecture) {
    case 'standard':
      return installed(scenario, cluster, 'standard');
    case 'managed':
      return installed(onPools(scenario, cluster), onPools(scenario, cluster).cluster ?? cluster, 'managed');
    case 'bare-imds':
      return derived(onPools(withoutPodIdentity(scenario, cluster), cluster), [
        'MIC, NMI and their objects are left out; every identity is on every node pool',
      ]);
    case 'secret':
      return withSecrets(scenario, cluster);
    case 'workload-identity':
      return withWorkloadIdentity(scenario, cluster);
  }
}

function derived(scenario: ScenarioDescription, notes: readonly string[]): Derivation {
  return { ok: true, scenario, notes };
}

/** Every identity that exists at the start is on every node pool. */
function onPools(scenario: ScenarioDescription, cluster: ClusterDescription): ScenarioDescription {
  const identities = scenario.identities.map(({ id }) => id);
  const { podIdentity, ...bare } = scenario.cluster ?? cluster;
  const nodePools = cluster.nodePools.map((pool) => ({ ...pool, identities: [...new Set([...pool.identities, ...identities])] }));
  return { ...scenario, cluster: { ...bare, nodePools, ...(podIdentity === undefined ? {} : { podIdentity }) } };
}

function withoutPodIdentity(scenario: ScenarioDescription, cluster: ClusterDescription): ScenarioDescription {
  const { network, nodePools, admission, egress, start } = cluster;
  const bare: ClusterDescription = { network, nodePools, admission, egress, start };
  const steps = scenario.steps.flatMap((step) => without(step));
  return { ...scenario, cluster: bare, steps };
}

/** A step without objects of pod identity; nothing where it had nothing else. */
function without(step: StoryStep): readonly StoryStep[] {
  const { action } = step;
  if (step.origin === 'installation' || action.verb === 'kill' || action.verb === 'stall' || action.verb === 'disturbRules') return [];
  if (action.verb === 'apply') {
    const objects = action.objects.filter(({ kind }) => !POD_IDENTITY_KINDS.has(kind));
    return objects.length === 0 ? [] : [{ ...step, action: { ...action, objects } }];
  }
  if (action.verb === 'delete') {
    const targets = action.targets.filter(({ kind }) => !POD_IDENTITY_KINDS.has(kind));
    return targets.length === 0 ? [] : [{ ...step, action: { ...action, targets } }];
  }
  return [step];
}

/** The identity whose client id a workload asks for, by any spelling. */
function identityOf(scenario: ScenarioDescription, workload: WorkloadRow): IdentityDescription | undefined {
  return scenario.identities.find(({ clientId }) => clientId.toLowerCase() === workload.clientId.toLowerCase());
}

function withSecrets(scenario: ScenarioDescription, cluster: ClusterDescription): Derivation {
  const bare = withoutPodIdentity(scenario, cluster);
  const nameless = anonymousOf(scenario);
  if (nameless !== undefined) return { ok: false, rule: nameless };
  return derived(
    {
      ...bare,
      identities: bare.identities.map((identity) => ({ ...identity, secret: {} })),
      workloads: bare.workloads.map((workload) => {
        const identity = identityOf(scenario, workload);
        if (identity === undefined || workload.select === undefined) return workload;
        return { ...workload, credential: { kind: 'secret', value: secretOf(identity) } };
      }),
    },
    ['each identity is an application registration; its pods hold its client secret, which people look after (secret.*)'],
  );
}

function withWorkloadIdentity(scenario: ScenarioDescription, cluster: ClusterDescription): Derivation {
  const nameless = anonymousOf(scenario);
  if (nameless !== undefined) return { ok: false, rule: nameless };
  const migrated = federated(withoutPodIdentity(scenario, cluster), identityOf);
  const crowded = migrated.identities.find(({ federated: list = [] }) => list.length > MOST_CREDENTIALS);
  if (crowded !== undefined)
    return { ok: false, rule: `has more than 20 service accounts for ${crowded.name}: an identity takes 20 federated credentials` };
  return derived(migrated, [
    'MIC, NMI and their objects are left out; the pods carry the label of the webhook; each identity trusts the service accounts of its pods',
  ]);
}

/** Federated credentials of one identity (learn.microsoft.com, workload identity federation). */
const MOST_CREDENTIALS = 20;

/** A workload that names no identity can only be served by whoever stands at the metadata address. */
function anonymousOf(scenario: ScenarioDescription): string | undefined {
  const workload = scenario.workloads.find((row) => row.select !== undefined && identityOf(scenario, row) === undefined);
  return workload === undefined
    ? undefined
    : `has the workload ${workload.name}, which names no identity: nothing says whom it would be to Entra`;
}
