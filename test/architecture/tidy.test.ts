/** The house rules hold for every file, and each rule catches a planted breach. */
import { describe, expect, test } from 'vitest';
import { filesUnder } from '../support/repository.ts';
import {
  documentsExports,
  givesReasons,
  hasHeader,
  hasNoLeftovers,
  hasOneTitle,
  isShort,
  isWellNamed,
  linesMax,
  namesNoMachine,
  namesNoPackageHost,
} from './tidy-rules.ts';

const everything = filesUnder('');
const source = filesUnder('src');
const code = ['src', 'test', 'bench', 'scripts'].flatMap((folder) => filesUnder(folder)).filter((file) => file.path.endsWith('.ts'));
const documents = everything.filter((file) => file.path.endsWith('.md'));

describe('the repository is tidy', () => {
  test('every code file has at most 300 lines', () => {
    expect(linesMax).toBe(300);
    expect(code.length).toBeGreaterThan(0);
    expect(code.flatMap(isShort)).toEqual([]);
  });

  test('no code file leaves work for later', () => {
    expect(code.flatMap(hasNoLeftovers)).toEqual([]);
  });

  test('every code file has a kebab-case name that says what is inside', () => {
    expect(code.flatMap(isWellNamed)).toEqual([]);
  });

  test('src holds TypeScript only', () => {
    expect(source.filter((file) => !/[.](?:ts|tsx|css|html)$/.test(file.path)).map((file) => file.path)).toEqual([]);
  });

  test('every source file opens by saying what it is', () => {
    expect(code.flatMap(hasHeader)).toEqual([]);
  });

  test('every export of src has a doc comment', () => {
    expect(source.flatMap(documentsExports)).toEqual([]);
  });

  test('every switched-off lint rule has a reason', () => {
    expect(code.flatMap(givesReasons)).toEqual([]);
  });

  test('every Markdown document has exactly one title', () => {
    expect(documents.flatMap(hasOneTitle)).toEqual([]);
  });

  test('no file names a package host or the folders of one machine', () => {
    expect(everything.flatMap((file) => [...namesNoPackageHost(file), ...namesNoMachine(file)])).toEqual([]);
  });

  test('the lock file says no address a package was fetched from', () => {
    const lock = everything.find((file) => file.path === 'package-lock.json');
    expect(lock?.text).toContain('"lockfileVersion"');
    expect(lock?.text).not.toContain('"resolved"');
  });
});

describe('each rule catches a planted breach', () => {
  const plant = (path: string, text: string) => ({ path, text });

  test('301 lines are too many, 300 are not', () => {
    expect(isShort(plant('src/a.ts', 'x\n'.repeat(301)))).toEqual(['src/a.ts: 301 lines, at most 300']);
    expect(isShort(plant('src/a.ts', 'x\n'.repeat(300)))).toEqual([]);
  });

  test('a leftover word is found with its line', () => {
    const word = 'FIX' + 'ME';
    expect(hasNoLeftovers(plant('src/a.ts', `one\n// ${word} later`))).toEqual([`src/a.ts:2: "${word}": do it or write an issue`]);
  });

  test('drawers for odds and ends and camelCase names are refused', () => {
    expect(isWellNamed(plant('src/model/utils.ts', ''))).toHaveLength(1);
    expect(isWellNamed(plant('src/helpers/a.ts', ''))).toHaveLength(1);
    expect(isWellNamed(plant('src/model/podIdentity.ts', ''))).toHaveLength(1);
    expect(isWellNamed(plant('test/model/pod-identity.test.ts', ''))).toEqual([]);
    expect(isWellNamed(plant('test/types/time.test-d.ts', ''))).toEqual([]);
    expect(isWellNamed(plant('src/types/time.ts', ''))).toHaveLength(1);
  });

  test('a file without a header and an export without a doc comment are found', () => {
    expect(hasHeader(plant('src/a.ts', 'export const a = 1;'))).toHaveLength(1);
    expect(hasHeader(plant('src/a.ts', '#!/usr/bin/env node\n/** What it is. */'))).toEqual([]);
    expect(documentsExports(plant('src/a.ts', '\nexport const a = 1;'))).toEqual(['src/a.ts:2: a has no doc comment']);
    expect(documentsExports(plant('src/a.ts', '/** One. */\nexport const a = 1;'))).toEqual([]);
  });

  test('a switched-off lint rule needs its reason', () => {
    const off = '// eslint-' + 'disable-next-line no-console';
    expect(givesReasons(plant('src/a.ts', off))).toHaveLength(1);
    expect(givesReasons(plant('src/a.ts', `${off} -- the command line speaks`))).toEqual([]);
  });

  test('none and two titles are both wrong; a comment in a code block is no title', () => {
    expect(hasOneTitle(plant('a.md', 'text'))).toHaveLength(1);
    expect(hasOneTitle(plant('a.md', '# One\n# Two'))).toHaveLength(1);
    expect(hasOneTitle(plant('a.md', '# One\n```sh\n# not a title\n```\n'))).toEqual([]);
  });

  test('package hosts and machine folders are found', () => {
    expect(namesNoPackageHost(plant('a.md', ['https://registry', 'npmjs', 'org'].join('.')))).toHaveLength(1);
    expect(namesNoMachine(plant('a.md', 'see /' + 'home/somebody'))).toHaveLength(1);
    expect(namesNoMachine(plant('a.md', 'https://example.org/' + 'home/page'))).toEqual([]);
  });
});
