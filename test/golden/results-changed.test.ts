/**
 * Claim: whoever changes what a packaged scenario shows says so. Method: what a branch adds to main, or the last commit of main, together with
 * what is not committed yet; where a golden report changed, lines added to the CHANGELOG under Results changed must name it, or all of them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../support/repository.ts';

function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync('git', args, { cwd: repositoryRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

/** Names of scenarios whose golden report is not what it was; new ones are no change. */
function changedReports(before: string): readonly string[] {
  const changed = git('diff', '--name-only', '--diff-filter=M', before, '--', 'test/golden') ?? '';
  return changed
    .split('\n')
    .filter((file) => file.endsWith('.out'))
    .map((file) => path.basename(file, '.out'));
}

/** What the CHANGELOG says under each heading Results changed, a line each. */
function resultsChanged(changelog: string): readonly string[] {
  return changelog
    .split(/^### /mu)
    .filter((section) => section.startsWith('Results changed'))
    .flatMap((section) => section.split('\n').filter((line) => line.startsWith('- ')));
}

/** Reports that changed without a line that was not there before. */
function unexplained(changed: readonly string[], changelogs: { readonly before: string; readonly now: string }): readonly string[] {
  const old = new Set(resultsChanged(changelogs.before));
  const added = resultsChanged(changelogs.now).filter((line) => !old.has(line));
  return changed.filter((name) => !added.some((line) => line.includes(name) || line.startsWith('- All scenarios')));
}

/** Where a branch left main; on main itself, the commit before the last. */
function commitBefore(): string | undefined {
  const head = git('rev-parse', 'HEAD')?.trim();
  const fork = git('merge-base', 'HEAD', 'main')?.trim();
  return fork !== undefined && fork !== head ? fork : git('rev-parse', '--verify', '--quiet', 'HEAD~1')?.trim();
}

const before = commitBefore();

describe('a changed golden report', () => {
  test.skipIf(before === undefined)('is named under Results changed (skipped where there is no earlier commit)', () => {
    const now = readFileSync(path.join(repositoryRoot, 'CHANGELOG.md'), 'utf8');
    const changed = changedReports(before ?? '');
    expect(unexplained(changed, { before: git('show', `${before ?? ''}:CHANGELOG.md`) ?? '', now })).toEqual([]);
  });

  test('is found out if no line names it, and not if one does', () => {
    const old = '## Unreleased\n\n### Results changed\n\n- aks-sql-token: once.\n';
    expect(unexplained(['aks-sql-token', 'two-writers'], { before: old, now: old })).toEqual(['aks-sql-token', 'two-writers']);
    expect(unexplained(['two-writers'], { before: old, now: `${old}- two-writers: why.\n` })).toEqual([]);
    expect(unexplained(['two-writers'], { before: old, now: `${old}- All scenarios: why.\n` })).toEqual([]);
    expect(unexplained(['two-writers'], { before: old, now: old.replace('### Results', '- two-writers: why.\n\n### Results') })).toEqual(['two-writers']);
  });
});
