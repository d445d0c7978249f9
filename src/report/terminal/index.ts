/** The report as text for a terminal, 80 columns wide: verdict first, then what it rests on, last how to reproduce it. */
import type { Report } from '../document/index.ts';
import { writeAccess } from './access.ts';
import { writeAudit, writeCleanup, writeRaces } from './correctness.ts';
import { writeCourse } from './course.ts';
import { writeFooter, writeLoad } from './footer.ts';
import { Page } from './page.ts';
import type { RenderOptions } from './page.ts';
import { writeTokens } from './tokens.ts';
import { writeVerdict } from './verdict.ts';

/** Renders a report. Every number it shows is in the document; sections of which nothing happened are left out. */
export function renderText(report: Report, options: RenderOptions = {}): string {
  const page = new Page(options);
  const sections = [writeVerdict, writeCourse, writeTokens, writeRaces, writeCleanup, writeAccess, writeAudit, writeLoad, writeFooter];
  for (const write of sections) write(page, report);
  return page.text;
}

export type { RenderOptions } from './page.ts';
