/** Resolves applications: on machines and in pods. */
import { parseDuration, seconds } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import { DEFAULT_CLIENT } from '../schema/client-names.ts';
import type { ScenarioSource } from '../schema/scenario-schema.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path } from '../text/yaml-source.ts';
import { needIssuer } from './federated.ts';
import type { Scope } from './scope.ts';

type World = NonNullable<ScenarioSource['world']>;
type ClusterWorkloadSource = NonNullable<NonNullable<World['cluster']>['workloads']>[number];
type WorkloadSource = Omit<ClusterWorkloadSource, 'select' | 'spoofs'>;

const DEFAULT_EVERY = seconds(30);
const DEFAULT_RETRY = seconds(10);

/** Kinds that may own pods, by their key in `select`. */
const OWNERS = { deployment: 'Deployment', statefulSet: 'StatefulSet', daemonSet: 'DaemonSet', job: 'Job' } as const;

/** The applications of a VM or scale set. */
export function machineWorkloads(
  scope: Scope,
  machine: { readonly name: string; readonly workloads?: readonly WorkloadSource[] | undefined },
  kind: 'vm' | 'vmss',
  path: Path,
): readonly WorkloadRow[] {
  return (machine.workloads ?? []).flatMap((source, index) => {
    const row = workloadOf(scope, source, [...path, 'workloads', index]);
    if (source.credential !== undefined && source.credential !== 'managedIdentity')
      scope.problem([...path, 'workloads', index, 'credential'], 'a machine has no service account: only pods sign in with one');
    return row === undefined ? [] : [{ ...row, on: { kind, name: machine.name } }];
  });
}

/** How an application signs in, by the word of the scenario; undefined: at the metadata address. */
const CREDENTIALS = {
  managedIdentity: undefined,
  workloadIdentity: { kind: 'workloadIdentity', otherwise: 'nothing' },
  default: { kind: 'workloadIdentity', otherwise: 'metadata' },
} as const;

/** An application in pods. */
export function clusterWorkload(scope: Scope, source: ClusterWorkloadSource, path: Path): WorkloadRow | undefined {
  const row = workloadOf(scope, source, path);
  if (row === undefined) return undefined;
  const credential = CREDENTIALS[source.credential ?? 'managedIdentity'];
  if (credential !== undefined) needIssuer(scope, [...path, 'credential']);
  const { namespace = 'default', pod, initContainer, labels = {} } = source.select;
  const owner = ownerOf(source.select);
  const select = {
    namespace,
    labels,
    ...(owner === undefined ? {} : { owner }),
    ...(pod === undefined ? {} : { pod }),
    ...(initContainer === undefined ? {} : { initContainer }),
  };
  const { spoofs } = source;
  if (spoofs !== undefined && !scope.names.workloads.has(spoofs)) {
    scope.problem([...path, 'spoofs'], unknownRule('application', spoofs, [...scope.names.workloads]));
  }
  return { ...row, ...(credential === undefined ? {} : { credential }), select, ...(spoofs === undefined ? {} : { spoofs }) };
}

/** `Kind/name` of the controller whose pods are selected. */
function ownerOf(select: ClusterWorkloadSource['select']): string | undefined {
  for (const key of ['deployment', 'statefulSet', 'daemonSet', 'job'] as const) {
    const name = select[key];
    if (name !== undefined) return `${OWNERS[key]}/${name}`;
  }
  return undefined;
}

function workloadOf(scope: Scope, source: WorkloadSource, path: Path): WorkloadRow | undefined {
  const clientId = source.identity === undefined ? undefined : scope.clientId(source.identity, [...path, 'identity']);
  const service = source.uses === undefined ? undefined : scope.service(source.uses, [...path, 'uses']);
  const resource = source.resource ?? service?.audience;
  if (resource === undefined) {
    if (source.uses === undefined) scope.problem(path, 'needs uses, or resource: nothing says for what it wants tokens');
    return undefined;
  }
  const retryAfterDenial = retryOf(source.retryAfterDenial);
  return {
    name: source.name,
    client: source.client ?? DEFAULT_CLIENT,
    clientId: clientId ?? '',
    resource,
    service: service?.name ?? '',
    every: parseDuration(source.every ?? '') ?? DEFAULT_EVERY,
    ...(source.path === undefined ? {} : { path: source.path }),
    ...(source.bypassCache === undefined ? {} : { bypassCache: source.bypassCache }),
    ...(retryAfterDenial === undefined ? {} : { retryAfterDenial }),
  };
}

function retryOf(text: string | undefined): Duration | undefined {
  if (text === 'never') return undefined;
  return parseDuration(text ?? '') ?? DEFAULT_RETRY;
}
