/**
 * Which identities a pod has a right to, and which it can reach besides, as the authoritative tables say it at a moment.
 *
 * Simplified: whoever is in a namespace may read its secrets; the system-assigned identity of the machine itself does not count as reach;
 * network policies and what IMDS still remembers of a detached identity are not looked at.
 */
import type { Pod } from '../../model/kubernetes.ts';
import { keyIn, keyOf } from '../../model/kubernetes.ts';
import { isExcepted } from '../../model/nmi/exceptions.ts';
import { workloadOf } from '../../model/selectors.ts';
import type { SelectableWorkloads } from '../../model/selectors.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import { federatedPlaceOf, WORKLOAD_IDENTITY_KEY } from '../../model/workload-identity.ts';
import { isAssigned, isNeeded, resourceOfNode, wantedFor } from '../entitlement.ts';
import type { Run } from '../watcher.ts';
import type { ExposureCause } from './causes.ts';

/** An identity that a pod can get tokens of without a right to it. */
export interface Reached {
  readonly cause: ExposureCause;
  /** Client id, in lower case. */
  readonly clientId: string;
}

/** Whether the cluster has pod identity. */
function hasPodIdentity(run: Run): boolean {
  return (run.table('settings').get(SETTINGS_KEY)?.mode ?? 'none') !== 'none';
}

/** Client ids, in lower case, that a pod has a right to; undefined: it names none where nobody binds any, so all are its own. */
export function entitledIds(run: Run, pod: Pod, workloads: SelectableWorkloads): ReadonlySet<string> | undefined {
  const own = workloadOf(pod, workloads);
  const federated = federatedPlaceOf(pod, run.table('workloadIdentity').get(WORKLOAD_IDENTITY_KEY))?.clientId ?? '';
  if (!hasPodIdentity(run)) {
    if (own?.clientId === '') return undefined;
    return new Set([own?.clientId.toLowerCase() ?? '', federated.toLowerCase()]);
  }
  const bound = wantedFor(run, pod).map(({ clientID }) => clientID.toLowerCase());
  // A workload that shows Entra a credential of its own needs no binding.
  const shown = own?.credential === undefined ? '' : own.clientId.toLowerCase();
  return new Set([...bound, federated.toLowerCase(), shown]);
}

/** How a pod reaches IMDS past NMI; undefined: it does not. */
export function wayToImds(run: Run, pod: Pod): 'bareImds' | 'hostNetwork' | 'redirectMissing' | 'excepted' | undefined {
  if (!hasPodIdentity(run)) return 'bareImds';
  if (pod.spec.hostNetwork) return 'hostNetwork';
  const rules = run.table('nodeRules').get(pod.spec.nodeName ?? '');
  if (!(rules?.jump === 'present' && rules.chain === 'full' && rules.before !== 'foreign')) return 'redirectMissing';
  const exceptions = run.table('azurePodIdentityExceptions').by('namespace', pod.metadata.namespace);
  return isExcepted(pod.metadata.labels, exceptions) ? 'excepted' : undefined;
}

/** Everything a running pod reaches without a right to it. `secrets`: workloads that sign in with a client secret. */
export function reachOf(run: Run, pod: Pod, workloads: SelectableWorkloads, secrets: readonly WorkloadRow[]): readonly Reached[] {
  const reached = [...identitiesByImds(run, pod), ...staleAssignments(run, pod)];
  const entitled = reached.length === 0 ? undefined : entitledIds(run, pod, workloads);
  const own = secrets.length === 0 ? undefined : workloadOf(pod, workloads)?.name;
  return [
    ...reached.filter(({ clientId }) => entitled !== undefined && !entitled.has(clientId)),
    ...secrets
      .filter(({ name, select }) => select?.namespace === pod.metadata.namespace && name !== own)
      .map(({ clientId }): Reached => ({ cause: 'sharedSecret', clientId: clientId.toLowerCase() })),
  ];
}

/** What the machine carries, where nothing stands between the pod and IMDS. */
function identitiesByImds(run: Run, pod: Pod): readonly Reached[] {
  const cause = wayToImds(run, pod);
  const resource = cause === undefined ? undefined : resourceOfNode(run, pod.spec.nodeName ?? '');
  if (cause === undefined || resource === undefined) return [];
  return run
    .table('identityGrants')
    .by('resource', resource)
    .filter(({ identity, detachedAt }) => identity !== 'system' && detachedAt === undefined)
    .map(({ clientId }) => ({ cause, clientId: clientId.toLowerCase() }));
}

function staleAssignments(run: Run, pod: Pod): readonly Reached[] {
  return run
    .table('azureAssignedIdentities')
    .by('pod', keyOf(pod))
    .filter((assigned) => isAssigned(run, assigned) && !isNeeded(run, assigned))
    .map(({ spec }) => ({ cause: 'staleAssignment', clientId: spec.azureIdentityRef.spec.clientID.toLowerCase() }));
}

/** Keys of the pods that a binding's selector is about, or those of an AzureIdentity's bindings. */
export function podsBoundTo(
  run: Run,
  of: { readonly selector: string } | { readonly namespace: string; readonly identity: string },
): readonly string[] {
  const selectors =
    'selector' in of
      ? [of.selector]
      : run
          .table('azureIdentityBindings')
          .by('identity', keyIn(of.namespace, of.identity))
          .map(({ spec }) => spec.selector);
  return selectors.flatMap((selector) => run.table('pods').by('selector', selector).map(keyOf));
}
