/** The course of events: milestones in order, with the founding document's steps beside reality where it has them. */
import type { CourseSection, Report } from '../document/index.ts';
import { humanMoment } from '../duration-text.ts';
import type { Page } from './page.ts';

type Row = CourseSection['milestones'][number];

/** The time line. Where the document's example is played, its words head each step. */
export function writeCourse(page: Page, { course }: Report): void {
  if (course.milestones.length === 0) return;
  page.heading('Course of events (first time of each)');
  const words = new Map(course.milestones.flatMap(({ step, words: text }) => (step === null ? [] : [[step, text] as const])));
  page.table(
    [{ head: 'time' }, ...(words.size > 0 ? [{ head: 'step' }] : []), { head: 'event' }, { head: 'times', align: 'right' }, { head: 'first' }],
    course.milestones.map((row) => cells(row, words.size > 0)),
    { flexible: words.size > 0 ? 4 : 3 },
  );
  if (words.size > 0) {
    page.legend('step: of the founding document\'s example, whose words are:');
    for (const [step, text] of [...words].sort((a, b) => a[0] - b[0])) page.paragraph(`${String(step)}. ${text}`);
  }
  if (!page.isVerbose || course.steps.length === 0) return;
  page.heading('Steps of the story');
  page.table(
    [{ head: 'time' }, { head: 'step' }, { head: 'what' }],
    course.steps.map(({ step, text, place }) => [humanMoment(place.atUs), step, text]),
    { flexible: 2 },
  );
  if (course.stepsNotShown > 0) page.legend(`${String(course.stepsNotShown)} more`);
}

function cells({ place, step, title, times, who }: Row, withStep: unknown): readonly string[] {
  return [humanMoment(place.atUs), ...(withStep === true ? [step === null ? '' : String(step)] : []), title, String(times), who];
}
