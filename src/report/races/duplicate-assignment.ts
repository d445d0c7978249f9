/** Two AzureAssignedIdentities that stand for the same Azure identity in one pod, by two AzureIdentities that name it. */
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import { identityOf, podKeyOf } from '../entitlement.ts';
import { placeOfWrite } from '../watcher.ts';
import type { Run } from '../watcher.ts';
import type { RaceDetector } from './race-detector.ts';
import { RaceFindings } from './race-detector.ts';

/** Detector of `duplicateAssignment`. Service principals have no resource on the machine: they count by nothing. */
export function duplicateAssignment(run: Run): RaceDetector {
  const findings = new RaceFindings('duplicateAssignment');
  const standing = new Map<string, Set<string>>();
  for (const assigned of run.table('azureAssignedIdentities').all()) {
    const place = placeOfAssignment(assigned);
    if (place !== undefined) standing.set(place, (standing.get(place) ?? new Set()).add(nameOf(assigned)));
  }
  return {
    findings,
    onWrite(write) {
      if (write.table !== 'azureAssignedIdentities') return;
      const { before, after } = write.entry;
      const [was, is] = [before && placeOfAssignment(before), after && placeOfAssignment(after)];
      if (was === is) return;
      if (before !== undefined && was !== undefined) standing.get(was)?.delete(nameOf(before));
      if (after === undefined || is === undefined) return;
      findings.examine();
      const there = standing.get(is) ?? new Set();
      if (there.size > 0)
        findings.found(
          placeOfWrite(write, podKeyOf(after)),
          `${after.metadata.name} stands for the same identity as ${[...there].join(', ')}`,
        );
      standing.set(is, there.add(nameOf(after)));
    },
  };
}

/** The pod and the Azure identity that it stands for. */
function placeOfAssignment(assigned: AzureAssignedIdentity): string | undefined {
  const identity = identityOf(assigned);
  return identity === undefined ? undefined : `${podKeyOf(assigned)} ${identity}`;
}

function nameOf({ metadata }: AzureAssignedIdentity): string {
  return metadata.name;
}
