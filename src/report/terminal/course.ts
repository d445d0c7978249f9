/** The course of events: milestones in order, with the founding document's steps beside reality where it has them. */
import type { CourseSection, Report } from '../document/index.ts';
import { humanMoment } from '../duration-text.ts';
import type { Page } from './page.ts';

type Row = CourseSection['milestones'][number];

/** The time line. Where the document's example is played, its words head each step. */
export function writeCourse(page: Page, { course }: Report): void {
  if (course.milestones.length === 0) return;
  page.heading('Course of events (first time of each)');
  const words = wordsByRow(course.milestones);
  const hasSteps = words.size > 0;
  page.table(
    [{ head: 'time' }, ...(hasSteps ? [{ head: 'step' }] : []), { head: 'event' }, { head: 'times', align: 'right' }, { head: 'first' }],
    course.milestones.map((row) => cellsOf(row, hasSteps ? 'step' : 'no step')),
    { flexible: hasSteps ? 4 : 3, before: (row) => words.get(row) },
  );
  page.legend(
    `times: how often it happened; first: whom it concerned then${hasSteps ? "; step: of the founding document's example, quoted where each begins" : ''}`,
  );
  if (!page.isVerbose || course.steps.length === 0) return;
  page.heading('Steps of the story');
  page.table(
    [{ head: 'time' }, { head: 'step' }, { head: 'what' }],
    course.steps.map(({ step, text, place }) => [humanMoment(place.atUs), step, text]),
    { flexible: 2 },
  );
  if (course.stepsNotShown > 0) page.legend(`${String(course.stepsNotShown)} more`);
}

/** The document's words, by the row in which each step begins. */
function wordsByRow(rows: readonly Row[]): ReadonlyMap<number, string> {
  const seen = new Set<number>();
  const words = new Map<number, string>();
  for (const [index, { step, words: text }] of rows.entries()) {
    if (step === null || seen.has(step)) continue;
    seen.add(step);
    words.set(index, `» ${String(step)}. ${text}`);
  }
  return words;
}

function cellsOf({ place, step, title, times, who }: Row, columns: 'step' | 'no step'): readonly string[] {
  return [humanMoment(place.atUs), ...(columns === 'step' ? [step === null ? '' : String(step)] : []), title, String(times), who];
}
