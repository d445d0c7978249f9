/**
 * What a cycle makes of its findings, where a release does not make of them what the last one does: updates that are a deletion and a
 * creation, deletions of what is only just created, and the order of the two.
 */
import type { AzureAssignedIdentity } from '../../model/kubernetes.ts';
import type { DesiredAssignment } from '../../model/mic-rows.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { Finding } from './desired-set.ts';

/** Object that a wish leads to. */
type Creation = (desired: DesiredAssignment) => AzureAssignedIdentity | undefined;

/** The findings as the release goes through them. */
export function findingsOfRelease(findings: readonly Finding[], creation: Creation, turn: Turn): readonly Finding[] {
  const isInPlace = behaves(turn, 'micUpdatesInPlace');
  const split = isInPlace ? findings : findings.flatMap(asDeletionAndCreation);
  if (behaves(turn, 'micBatchesByNode')) return split;
  const deletions = split.filter(({ difference }) => difference === 'delete');
  const others = split.filter(({ difference }) => difference !== 'delete');
  if (!behaves(turn, 'micDeletesWhatItCreates')) return [...deletions, ...others];
  // Faithful: the list of what goes was made by appending to the list of what comes.
  const undone = others.flatMap((finding) => deletionOf(finding, creation));
  return [...others, ...undone, ...deletions];
}

function asDeletionAndCreation(finding: Finding): readonly Finding[] {
  if (finding.difference !== 'update') return [finding];
  return [
    { ...finding, difference: 'delete', desired: undefined },
    { ...finding, difference: 'create', cached: undefined },
  ];
}

function deletionOf({ name, desired }: Finding, creation: Creation): readonly Finding[] {
  const cached = desired === undefined ? undefined : creation(desired);
  return cached === undefined ? [] : [{ name, difference: 'delete', cached, desired: undefined }];
}
