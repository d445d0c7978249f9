/** What a reader must know before he believes a number of this report: limits of the model and of a single run that bear on it. */
import { counted } from './value-text.ts';
import type { Report } from './document/index.ts';

/** A percentile needs at least so many samples for one of them to lie beyond it [1]. */
const SAMPLES_FOR_P99 = 100;

/** Limits that bear on what this report shows; those of the model as a whole are in docs/FIDELITY.md. */
export function limitsOf(report: Pick<Report, 'tokens' | 'cleanup'>): readonly string[] {
  const { tokens, cleanup } = report;
  const limits: string[] = [];
  const first = tokens.first.waits?.count ?? 0;
  if (first > 0 && first < SAMPLES_FOR_P99) {
    limits.push(`p99 of ${String(first)} first tokens is the slowest one: a sweep gives intervals`);
  }
  const idle = [
    ...(tokens.unplacedPods > 0 ? [`${counted(tokens.unplacedPods, 'pod')} on no node`] : []),
    ...(tokens.unstartedPods > 0 ? [`${counted(tokens.unstartedPods, 'pod')} not started`] : []),
  ];
  if (idle.length > 0) limits.push(`${idle.join(', ')} at the end: they never asked, and no number here counts them`);
  const other = tokens.first.parts.find((part) => part.part === 'other');
  if (other !== undefined && other.share > 0.02)
    limits.push(`${(other.share * 100).toFixed(1)} % of the waits for first tokens is in no named part`);
  if (tokens.denied.processes > 0)
    limits.push(
      'a 403 right after Assigned is real: IMDS learns of an identity later than ARM, and no token client retries it. One that stays has another cause: idflow why',
    );
  if (cleanup.deletions.some((deletion) => deletion.verdict === 'incomplete'))
    limits.push('"left" means left when the run ended: a longer run may still clean it up');
  return limits;
}
