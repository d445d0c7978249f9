/** Why a pod can get a token that is not its own, and why one cannot get its own: two closed lists. */

/** Causes of exposure, each with its meaning. */
export const EXPOSURE_CAUSES = {
  bareImds: 'the cluster has no pod identity: IMDS gives any identity of the machine to every pod',
  redirectMissing: 'the redirect to NMI is not in place on its node: IMDS gives any identity of the machine',
  openConnection: 'a connection that it made before the redirect was in place goes on to IMDS',
  hostNetwork: 'it runs on the network of the host, which NMI does not stand before',
  excepted: 'an AzurePodIdentityException lets it pass NMI',
  staleAssignment: 'its AzureAssignedIdentity is still Assigned though no binding gives it that identity any more',
  takenForOther: 'NMI took it for another pod (tokens only: for how long that could have gone on is not known)',
  sharedSecret: 'the client secret of another workload lies in its namespace',
} as const;

/** A cause of exposure. */
export type ExposureCause = keyof typeof EXPOSURE_CAUSES;

/** Causes of an outage, each with its meaning. */
export const OUTAGE_CAUSES = {
  podUnknown: 'NMI knew no pod of its address',
  notAssigned: 'NMI found no identity assigned',
  stillCreated: 'its assignment was still Created',
  takenForOther: 'NMI took the pod for another',
  nmiRefused: 'NMI refused the request itself',
  unreachable: 'NMI, IMDS or issuer was not there',
  clientTimeout: 'no answer in time, why is not known',
  imdsRefused: 'IMDS refused, or has no such identity',
  imdsThrottled: 'IMDS answered 429',
  imdsUpdating: 'IMDS was being updated (404, 410)',
  imdsFailing: 'IMDS answered 5xx',
  entraRefused: 'Entra refused to issue a token',
  entraFailing: 'Entra answered 5xx',
} as const;

/** A cause of an outage. */
export type OutageCause = keyof typeof OUTAGE_CAUSES;

/** All causes of exposure, in the order of reports. */
export const EXPOSURE_CAUSE_NAMES: readonly ExposureCause[] = Object.keys(EXPOSURE_CAUSES) as ExposureCause[];

/** All causes of outages, in the order of reports. */
export const OUTAGE_CAUSE_NAMES: readonly OutageCause[] = Object.keys(OUTAGE_CAUSES) as OutageCause[];
