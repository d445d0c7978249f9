/**
 * Collects the marks `Faithful:` and `Simplified:` from the comments of src into docs/MARKS.md, and the conformance cases that are skipped
 * into the generated section of docs/FIDELITY.md.
 *
 *   tsx scripts/fidelity.ts          writes both anew
 *
 * A mark's text runs from the mark to the next mark, or to the end of its paragraph.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { SKIPPED_CASES } from '../test/conformance/skipped-cases.ts';

/** One mark. */
interface Mark {
  readonly kind: 'Faithful' | 'Simplified';
  readonly file: string;
  readonly text: string;
}

const root = path.resolve(import.meta.dirname, '..');
const PAGES = { fidelity: 'docs/FIDELITY.md', marks: 'docs/MARKS.md' } as const;
const BEGIN = '<!-- marks: begin (made by scripts/fidelity.ts) -->';
/** Length below which a text is shown with the sentence before it [characters]. */
const FEW_WORDS = 60;
const END = '<!-- marks: end -->';
const CASES_BEGIN = '<!-- skipped cases: begin (made by scripts/fidelity.ts) -->';
const CASES_END = '<!-- skipped cases: end -->';

/** Paragraphs of all comments of a source text: blank lines and the pictures of exchanges divide them. */
function paragraphsOf(source: string): readonly string[] {
  const comments = source.match(/\/\*\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+|(?<=\S[ \t]+)\/\/ .*/gmu) ?? [];
  return comments.flatMap((comment) =>
    comment
      .replace(/^[ \t]*\/\*\*|\*\/\s*$/gu, '')
      .replace(/^[ \t]*(?:\*|\/\/)[ \t]?/gmu, '')
      .split(/\n[ \t]*\n/u)
      .map((paragraph) => paragraph.replace(/\s+/gu, ' ').trim()),
  );
}

/** Marks of a source file. */
function marksOf(file: string, source: string): readonly Mark[] {
  return paragraphsOf(source).flatMap((paragraph) =>
    [...paragraph.matchAll(/(Faithful|Simplified): (.*?)(?=(?:Faithful|Simplified): |$)/gu)].map((match) => ({
      kind: match[1] === 'Faithful' ? 'Faithful' : 'Simplified',
      file,
      text: withContext((match[2] ?? '').trim(), paragraph.slice(0, match.index)),
    })),
  );
}

/** A text of a few words needs the sentence before its mark to be understood. */
function withContext(text: string, before: string): string {
  if (text.length >= FEW_WORDS) return text;
  const sentence =
    before
      .replace(/(?:Faithful|Simplified):/gu, '')
      .trim()
      .split(/(?<=[.;])\s+/u)
      .at(-1) ?? '';
  return sentence === '' ? text : `${sentence} ${capital(text)}`;
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** Component a file belongs to: an actor, or a room. */
function componentOf(file: string): string {
  const [, room = '', part = ''] = file.split('/');
  return room === 'actors' || room === 'model' ? `${room}/${part.replace(/[.]ts$/u, '')}` : room;
}

function sectionOf(marks: readonly Mark[]): string {
  const components = [...new Set(marks.map(({ file }) => componentOf(file)))].sort();
  return components
    .map((component) => {
      const lines = marks
        .filter(({ file }) => componentOf(file) === component)
        .map(({ kind, file, text }) => `- **${kind}.** ${capital(escaped(text))} ([${path.basename(file)}](../${file}))`);
      return `### ${component}\n\n${lines.join('\n')}`;
    })
    .join('\n\n');
}

function escaped(text: string): string {
  const outsideCode = (part: string): string => part.replaceAll('<', '&lt;').replaceAll('*', '\\*').replaceAll('_', '\\_');
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? outsideCode(part) : part))
    .join('`');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Skipped conformance cases by reason. */
function casesSection(): string {
  const lines = Object.entries(SKIPPED_CASES).map(
    ([reason, ids]) => `- ${capital(escaped(reason))}: ${ids.map((id) => `\`${id}\``).join(', ')}`,
  );
  return lines.join('\n');
}

function replaced(text: string, marks: { readonly begin: string; readonly end: string }, section: string): string {
  const [begin, end] = [text.indexOf(marks.begin), text.indexOf(marks.end)];
  if (begin < 0 || end < begin) throw new Error(`the page has no section between ${marks.begin} and ${marks.end}`);
  return `${text.slice(0, begin)}${marks.begin}\n\n${section}\n\n${text.slice(end)}`;
}

/** A page as it should be, made from its hand-written part and the source. */
export async function freshPage(page: keyof typeof PAGES): Promise<string> {
  const text = readFileSync(path.join(root, PAGES[page]), 'utf8');
  const whole =
    page === 'marks'
      ? replaced(text, { begin: BEGIN, end: END }, sectionOf(sourceFiles('src').flatMap(marksIn)))
      : replaced(text, { begin: CASES_BEGIN, end: CASES_END }, casesSection());
  return format(whole, { parser: 'markdown', singleQuote: true, printWidth: 140 });
}

function marksIn(file: string): readonly Mark[] {
  return marksOf(file, readFileSync(path.join(root, file), 'utf8'));
}

if (process.argv[1] === import.meta.filename) {
  for (const page of ['fidelity', 'marks'] as const) writeFileSync(path.join(root, PAGES[page]), await freshPage(page));
}
