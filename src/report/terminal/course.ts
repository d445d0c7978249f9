/** The course of events: milestones in order, when each happened over the run, and the founding document's words where its example is played. */
import type { CourseSection, Report } from '../document/index.ts';
import { humanDuration, humanMoment } from '../duration-text.ts';
import { cut, sparkline } from './page.ts';
import type { Page } from './page.ts';

type Row = CourseSection['milestones'][number];

/** Least room in which whom it concerned says something [columns]. */
const WHO_MIN = 14;

/** The time line. Where the document's example is played from its start, its words head each step. */
export function writeCourse(page: Page, { course }: Report): void {
  const rows = page.isVerbose ? course.milestones : course.milestones.filter(({ isDetail }) => !isDetail);
  if (rows.length === 0) return;
  const words = wordsByRow(rows);
  const cells = rows.map(cellsOf);
  const heads = ['', '', 'times', `over the run, ${humanDuration(course.sliceUs)} each`];
  const room = page.roomBeside([heads, ...cells]);
  page.table(
    [
      ...heads.map((head, index) => ({ head, align: index === 2 ? ('right' as const) : ('left' as const) })),
      ...(room < WHO_MIN ? [] : [{ head: 'the first' }]),
    ],
    cells.map((row, index) => (room < WHO_MIN ? row : [...row, cut(rows[index]?.who ?? '', room)])),
    { title: 'Course of events, first at', flexible: room < WHO_MIN ? 1 : 4, before: (row) => words.get(row) },
  );
  if (words.size > 0) page.legend("»: a step of the founding document's example, in its words");
  if (page.isVerbose) writeSteps(page, course);
}

function writeSteps(page: Page, { steps, stepsNotShown }: CourseSection): void {
  if (steps.length === 0) return;
  page.table(
    [{ head: '' }, { head: '' }, { head: 'what' }],
    steps.map(({ step, text, place }) => [humanMoment(place.atUs), step, text]),
    { title: 'Steps of the story', flexible: 2 },
  );
  if (stepsNotShown > 0) page.legend(`${String(stepsNotShown)} more`);
}

/** The document's words, by the row in which each step begins; none where its steps do not begin one after the other, as in a settled world. */
function wordsByRow(rows: readonly Row[]): ReadonlyMap<number, string> {
  const begun: number[] = [];
  const words = new Map<number, string>();
  for (const [index, { step, words: text }] of rows.entries()) {
    if (step === null || begun.includes(step)) continue;
    begun.push(step);
    words.set(index, `» ${String(step)}. ${text}`);
  }
  return begun.every((step, index) => step === index + 1) && begun.length > 1 ? words : new Map();
}

function cellsOf({ place, title, times, overTime }: Row): readonly string[] {
  return [humanMoment(place.atUs), title, String(times), sparkline(overTime)];
}
