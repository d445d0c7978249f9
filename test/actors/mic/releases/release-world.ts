/** The small cluster of the tests of MIC under one release. */
import { presetKnobs } from '../../../../src/model/pod-identity-release/preset-knobs.ts';
import type { Release } from '../../../../src/model/pod-identity-release/release.ts';
import { at, runCluster, secondsBetween } from '../cluster.ts';
import type { Cluster, ClusterOptions } from '../cluster.ts';
import { BASE } from '../troubles.ts';

/** Runs a cluster under a release, with what the release presets; knobs of the test win. */
export function under(release: Release, options: Partial<ClusterOptions>): Cluster {
  return runCluster({
    ...BASE,
    ...options,
    settings: { version: release, ...options.settings },
    knobs: { ...BASE.knobs, 'kubeEvents.enabled': 'false', ...presetKnobs(release), ...options.knobs },
  });
}

/** What MIC asked of the API server about assigned identities, and when it was done, in seconds: `create 1`. */
export function assignedCalls(cluster: Cluster): readonly string[] {
  return cluster
    .of('api-answered')
    .filter(({ client, kind }) => client.startsWith('mic/') && kind === 'AzureAssignedIdentity')
    .map(({ at: moment, verb, status }) => `${verb}${status < 300 ? '' : ` ${String(status)}`} ${String(secondsBetween(at(0), moment))}`);
}
