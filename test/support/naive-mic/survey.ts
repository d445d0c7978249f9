/** The survey of a reconcile pass by plain means: both caches are listed at each pass, and nothing is counted between passes. */
import { cachesOf } from '../../../src/actors/mic/caches.ts';
import { surveyAssignments } from '../../../src/model/mic/assignment-survey.ts';
import type { SurveyedResource } from '../../../src/model/mic/assignment-survey.ts';
import type { Turn } from '../../../src/model/vocabulary.ts';

/** Nothing is counted, so nodes may move. */
export function moveNodes(): void {
  return;
}

/** The survey of the lists. */
export function surveyNow(turn: Turn): readonly SurveyedResource[] | string {
  const { assigned, nodes } = cachesOf(turn);
  return surveyAssignments({ assigned: assigned.all(), nodeAt: (name) => nodes.get(name) });
}
