/** The bans that ESLint enforces room by room: each catches a planted line where it is forbidden, and lets it pass where it is not. */
import path from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../support/repository.ts';

/** The repository's own configuration without the rules that need types: planted files exist on no disk. */
const eslint = new ESLint({
  cwd: repositoryRoot,
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
});

/** The names of the rules, without repeats, that a line breaks when it stands in a file of this room. */
async function broken({ room, line }: { readonly room: string; readonly line: string }): Promise<readonly string[]> {
  const [result] = await eslint.lintText(`${line}\n`, { filePath: path.join(repositoryRoot, 'src', room, 'planted.ts') });
  if (result === undefined) throw new Error('ESLint ignored the planted file');
  return [...new Set(result.messages.map((message) => message.ruleId ?? message.message))].sort();
}

const globals = 'no-restricted-globals';
const syntax = 'no-restricted-syntax';

describe('kernel, model and actors give the same result on every engine', () => {
  test.each([
    ['export const now: number = Date.now();', globals],
    ['export const now: number = performance.now();', globals],
    ['setTimeout(String, 1);', globals],
    ['setInterval(String, 1);', globals],
    ['queueMicrotask(String);', globals],
    ['export const day: string = new Intl.DateTimeFormat().format(0);', globals],
    ['export const clock: object = globalThis;', globals],
    ['export const where: object = process.env;', globals],
    ['console.log(1);', globals],
    ['export const bytes: object = Buffer.from("a");', globals],
    ['export const dice: number = Math.random();', syntax],
    ['export const x: number = Math.log(2);', syntax],
    ['export const x: number = Math.exp(2);', syntax],
    ['export const x: number = Math.pow(2, 0.5);', syntax],
    ['export const x: number = Math.sin(2);', syntax],
    ['export const x: number = Math.log2(2);', syntax],
    ['export const x: number = Math.cbrt(2);', syntax],
    ['export const x: number = Math.expm1(2);', syntax],
    ['export const x: number = Math["exp"](2);', syntax],
    ['export const { exp } = Math;', syntax],
    ['export const x: number = 2 ** 0.5;', syntax],
    ['export const x: string = (2).toLocaleString();', syntax],
    ['export const x: number = "a".localeCompare("b");', syntax],
    ['export async function a(): Promise<void> {}', syntax],
    ['export const a: unknown = import("./other.ts");', syntax],
    ['for (const key in { a: 1 }) String(key);', syntax],
  ])('%s', async (line, rule) => {
    for (const room of ['kernel', 'model', 'actors/mic']) expect(await broken({ room, line })).toContain(rule);
  });

  test('floor, ceil, round, min, max, abs, imul, sqrt, trunc, sign, fround and clz32 are exact, so they pass', async () => {
    const exact = ['floor', 'ceil', 'round', 'min', 'max', 'abs', 'imul', 'sqrt', 'trunc', 'sign', 'fround', 'clz32'];
    for (const name of exact) expect(await broken({ room: 'kernel', line: `export const x: number = Math.${name}(2.5, 1);` })).toEqual([]);
  });

  test('a scenario may ask for a date, an actor may not', async () => {
    const line = 'export const then: number = Date.parse("2026-01-01T00:00:00Z");';
    expect(await broken({ room: 'scenarios', line })).toEqual([]);
    expect(await broken({ room: 'actors', line })).toEqual([globals]);
  });
});

describe('every room but the command line runs without Node', () => {
  const rooms = ['kernel', 'model', 'actors', 'scenarios', 'report', 'testing', 'experiments'];

  test.each([
    ["import { readFileSync } from 'node:fs';\nexport const read: unknown = readFileSync;", 'no-restricted-imports'],
    ["import { join } from 'path';\nexport const read: unknown = join;", 'no-restricted-imports'],
    ['export const where: object = process.env;', globals],
    ['console.log(1);', globals],
  ])('%s', async (line, rule) => {
    for (const room of rooms) expect(await broken({ room, line })).toEqual([rule]);
    expect(await broken({ room: 'cli', line })).toEqual([]);
  });

  test('chalk is for report/terminal and the command line only', async () => {
    const line = "import chalk from 'chalk';\nexport const red: unknown = chalk.red;";
    expect(await broken({ room: 'report', line })).toEqual(['no-restricted-imports']);
    expect(await broken({ room: 'report/terminal', line })).toEqual([]);
    expect(await broken({ room: 'cli', line })).toEqual([]);
  });
});

describe('house rules of the language', () => {
  test.each([
    ['export const first = (all: string[]): string => all[0]!;', '@typescript-eslint/no-non-null-assertion'],
    ['export const loose = (value: any): void => String(value);', '@typescript-eslint/no-explicit-any'],
    ['export function open(isQuiet: boolean): void { String(isQuiet); }', syntax],
    ["import { Actor } from './actor.ts';\nexport type A = Actor;", '@typescript-eslint/consistent-type-imports'],
    ['export function untold() { return 1; }', '@typescript-eslint/explicit-module-boundary-types'],
    [`export function long(): void {\n${'  String(1);\n'.repeat(60)}}`, 'max-lines-per-function'],
    ['// one line\n'.repeat(301), 'max-lines'],
  ])('breach %#', async (line, rule) => {
    expect(await broken({ room: 'report', line })).toContain(rule);
  });
});
