/** What rules are told for: the installed release, the knobs that the run sets, and an NMI of another release on the pod's node. */
import type { AnsweredRun } from './answered-run.ts';
import type { RunRecord } from './record.ts';
import type { RuleContext } from './rules.ts';

/** The context of rules behind an event that concerns a pod. */
export function rulesFor({ record, report }: AnsweredRun, about: { readonly pod: string; readonly event: number }): RuleContext {
  return {
    release: record.release,
    network: record.network,
    overrides: report.provenance.overrides,
    nmiRelease: nmiReleaseOf(record, about),
  };
}

/** Release of the NMI on the node of a pod at an event; `''` where it is the installed one, or nobody knows. */
function nmiReleaseOf({ facts }: RunRecord, { pod, event }: { readonly pod: string; readonly event: number }): string {
  if (pod === '') return '';
  const past = facts.filter((stamped) => stamped.event <= event);
  const seen = past.findLast(
    ({ fact }) => 'node' in fact && (('sender' in fact && fact.sender === pod) || ('pod' in fact && fact.pod === pod)),
  )?.fact;
  if (seen === undefined || !('node' in seen)) return '';
  // The phase that it began with names it.
  const begun = past.findLast(({ fact }) => fact.type === 'nmi-phase' && fact.node === seen.node && fact.phase === 'starting')?.fact;
  return begun?.type === 'nmi-phase' ? (begun.release ?? '') : '';
}
