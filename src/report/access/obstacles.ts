/** What stands between a process and its token: what a refused try was told, and what is in the way while nobody has answered. */
import type { FactOf } from '../../model/facts/index.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { workloadOf } from '../../model/selectors.ts';
import type { SelectableWorkloads } from '../../model/selectors.ts';
import { SETTINGS_KEY } from '../../model/settings.ts';
import { isAssigned, wantedFor } from '../entitlement.ts';
import type { Run } from '../watcher.ts';
import type { OutageCause } from './causes.ts';
import { wayToImds } from './reach.ts';

/** What is known of the present try of a process. */
export interface TrySigns {
  /** What NMI last answered. */
  readonly nmi?: FactOf<'nmi-answered'> | undefined;
  /** Last refusal of IMDS. */
  readonly imds?: FactOf<'imds-answered'> | undefined;
  /** Whether NMI last took the process for another pod. */
  readonly isTakenForOther: boolean;
}

/**
 * What is in the way of a process at this moment, whether anybody has told it or not; undefined: nothing is known. `identity`: client id
 * in lower case, `''` for the default one.
 */
export function obstacleOf(
  run: Run,
  workloads: SelectableWorkloads,
  of: { readonly pod: string; readonly identity: string; readonly signs: TrySigns },
): OutageCause | undefined {
  if (of.signs.isTakenForOther) return 'takenForOther';
  const pod = run.table('pods').get(of.pod);
  return (pod === undefined ? undefined : ofAssignment(run, workloads, pod, of.identity)) ?? ofUpstream(of.signs.imds);
}

/** Whether NMI waits for MIC: a binding gives the pod the identity, and no AzureAssignedIdentity of it is Assigned. */
function ofAssignment(run: Run, workloads: SelectableWorkloads, pod: Pod, identity: string): OutageCause | undefined {
  if (run.table('settings').get(SETTINGS_KEY)?.mode !== 'standard') return undefined;
  const isMeant = (clientID: string): boolean => identity === '' || clientID.toLowerCase() === identity;
  const own = run
    .table('azureAssignedIdentities')
    .by('pod', keyOf(pod))
    .filter(({ spec }) => isMeant(spec.azureIdentityRef.spec.clientID));
  if (own.some((assigned) => isAssigned(run, assigned))) return undefined;
  if (wayToImds(run, pod) !== undefined || workloadOf(pod, workloads)?.credential !== undefined) return undefined;
  if (!wantedFor(run, pod).some(({ clientID }) => isMeant(clientID))) return undefined;
  return own.length > 0 ? 'stillCreated' : 'notAssigned';
}

/** Why a try was refused that got an answer, or none because nobody was there. */
export function causeOfRefusal({ status, servedBy }: FactOf<'token-try-ended'>, { nmi, imds, isTakenForOther }: TrySigns): OutageCause {
  if (status === 0) return 'unreachable';
  if (servedBy === 'aad') return ofEntra(status);
  if (servedBy === 'imds') return ofUpstream(imds) ?? ofImds(status);
  if (nmi === undefined) return 'nmiRefused';
  if (isTakenForOther) return 'takenForOther';
  // NMI hands on what it was told; otherwise it speaks for itself.
  const upstream = ofUpstream(imds);
  if (upstream !== undefined) return upstream;
  if (nmi.clientId !== '') return ofEntra(status);
  if (nmi.pod === '' && nmi.status !== 400 && nmi.status !== 403) return 'podUnknown';
  if (nmi.found === 'Created') return 'stillCreated';
  // With its flag for that, NMI says 503 and Retry-After in the place of 404.
  return nmi.identity === '' && (nmi.status === 404 || nmi.status === 503) ? 'notAssigned' : 'nmiRefused';
}

/** IMDS hands on what Entra says, with Entra's own code. */
function ofUpstream(imds: FactOf<'imds-answered'> | undefined): OutageCause | undefined {
  if (imds === undefined) return undefined;
  return imds.error.startsWith('AADSTS') && imds.status !== 429 ? ofEntra(imds.status) : ofImds(imds.status);
}

function ofEntra(status: number): OutageCause {
  return status >= 500 ? 'entraFailing' : 'entraRefused';
}

function ofImds(status: number): OutageCause {
  if (status === 429) return 'imdsThrottled';
  if (status === 404 || status === 410) return 'imdsUpdating';
  return status >= 500 ? 'imdsFailing' : 'imdsRefused';
}
