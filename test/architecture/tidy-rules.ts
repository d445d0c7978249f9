/**
 * House rules that a reader of one file's text can check. Each rule answers with its breaches, so that it can be proven on planted texts.
 *
 * Words that must not occur in the repository are put together from parts here, or this file would break its own rules.
 */
import type { RepositoryFile } from '../support/repository.ts';

/** A rule: the breaches in a file, as `path:line: what is wrong`; empty when there is none. */
export type TidyRule = (file: RepositoryFile) => readonly string[];

/** Most lines a source file may have. */
export const linesMax = 300;

const leftovers = new RegExp(`\\b(?:${['FIX' + 'ME', 'TO' + 'DO', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);
const vagueNames = /^(?:utils?|helpers?|common|types?|managers?|misc|shared|lib)$/;
const packageHosts = new RegExp(
  [
    ['registry', 'npmjs'],
    ['registry', 'yarnpkg'],
    ['npm', 'pkg', 'github'],
    ['registry', 'npmmirror'],
    ['deb', 'debian'],
  ]
    .map((parts) => parts.join('[.]'))
    .concat(['art' + 'ifactory', 'j' + 'frog', 'verd' + 'accio', '_auth' + 'Token'])
    .join('|'),
  'i',
);
const machinePaths = new RegExp(`(?<![\\w.~-])/(?:${['wo' + 'rk', 'ho' + 'me', 'Us' + 'ers'].join('|')})/[A-Za-z.]`);

/** At most {@link linesMax} lines. */
export const isShort: TidyRule = (file) => {
  const lines = file.text.replace(/\n$/, '').split('\n').length;
  return lines > linesMax ? [`${file.path}: ${lines} lines, at most ${linesMax}`] : [];
};

/** Nothing is left to be done later. */
export const hasNoLeftovers: TidyRule = (file) => linesMatching(file, leftovers, 'do it or write an issue');

/** Names say what is inside: kebab-case nouns, no drawer for odds and ends. Tests of types alone live in test/types, which says just that. */
export const isWellNamed: TidyRule = (file) => {
  const parts = file.path
    .replace(/^test\/types\//, '')
    .replace(/(?:[.]test(?:-d)?|[.]d)?[.]ts$/, '')
    .split('/');
  const bad = parts.filter((part) => vagueNames.test(part) || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part));
  return bad.map((part) => `${file.path}: "${part}" is not a kebab-case noun that says what is inside`);
};

/** The file opens with a comment that says what it is (a `#!` line may stand before it). */
export const hasHeader: TidyRule = (file) =>
  /^(?:#!.*\n)?\s*(?:\/\*\*|\/\/)/.test(file.text) ? [] : [`${file.path}: no comment at the top says what this file is`];

/** Every exported declaration has a doc comment; overloads share the first one's. */
export const documentsExports: TidyRule = (file) => {
  const lines = file.text.split('\n');
  return lines.flatMap((line, index) => {
    const name = /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type) (\w+)/.exec(line)?.[1];
    if (name === undefined) return [];
    const before = lines[index - 1] ?? '';
    const isOverload = lines
      .slice(0, index)
      .some((earlier) => earlier.startsWith(`export function ${name}`) || earlier.startsWith(`export type ${name} `));
    const isCompanion = lines.slice(0, index).some((earlier) => new RegExp(`^export (?:interface|type|const) ${name}\\b`).test(earlier));
    return before.endsWith('*/') || isOverload || isCompanion ? [] : [`${file.path}:${index + 1}: ${name} has no doc comment`];
  });
};

/** Switching a lint rule off needs a reason after `--`. */
export const givesReasons: TidyRule = (file) =>
  numbered(file).flatMap(([line, number]) =>
    new RegExp('eslint-' + 'disable(?!.* -- \\S)').test(line)
      ? [`${file.path}:${number}: a lint rule is switched off without a reason`]
      : [],
  );

/** A Markdown document has exactly one title. */
export const hasOneTitle: TidyRule = (file) => {
  const prose = file.text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
  const titles = prose.split('\n').filter((line) => line.startsWith('# ')).length;
  return titles === 1 ? [] : [`${file.path}: ${titles} titles, exactly 1 wanted`];
};

/** Nothing names a package registry, a mirror or a token. */
export const namesNoPackageHost: TidyRule = (file) => linesMatching(file, packageHosts, 'names a package host');

/** Nothing names a folder of one person's machine. */
export const namesNoMachine: TidyRule = (file) => linesMatching(file, machinePaths, 'names a folder of one machine');

function linesMatching(file: RepositoryFile, pattern: RegExp, rule: string): readonly string[] {
  return numbered(file).flatMap(([line, number]) => {
    const match = pattern.exec(line);
    return match === null ? [] : [`${file.path}:${number}: "${match[0]}": ${rule}`];
  });
}

function numbered(file: RepositoryFile): readonly (readonly [line: string, number: number])[] {
  return file.text.split('\n').map((line, index) => [line, index + 1] as const);
}
