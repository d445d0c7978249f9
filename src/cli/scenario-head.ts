/**
 * The head of a packaged scenario: what lists say of it, without reading and checking the whole file.
 *
 * Only the blocks of these keys are read as YAML, so ninety files take a tenth of a second. Whether the files are valid is not asked
 * here: tests and the build do that for what is packaged.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** What a list says of a scenario. */
export interface ScenarioHead {
  readonly name: string;
  readonly group: string;
  readonly question: string;
  /** `''` where the file has none. */
  readonly description: string;
  readonly falls: string;
}

const KEYS = ['question', 'description', 'group', 'falls'] as const;

/** Reads the head of a file. */
export function readHead(file: string): ScenarioHead {
  // A key of the top begins its line; all that belongs to it is indented, or empty.
  const blocks = readFileSync(file, 'utf8').split(/^(?=[a-z]\w*:)/gmu);
  const head = blocks.filter((block) => KEYS.some((key) => block.startsWith(`${key}:`))).join('');
  const fields = (parse(head) ?? {}) as Readonly<Record<string, unknown>>;
  const textOf = (key: (typeof KEYS)[number]): string => (typeof fields[key] === 'string' ? fields[key].trim() : '');
  const [group, question, description, falls] = [textOf('group'), textOf('question'), textOf('description'), textOf('falls')];
  return { name: path.basename(file, '.yaml'), group, question, description, falls };
}
