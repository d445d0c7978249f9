/** docs/PROOFS.md names every seeded bug with a test that caught it, and every bug can still be planted. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SEEDED_BUGS } from '../seeded-bugs/bugs.ts';
import { withTable } from '../seeded-bugs/table.ts';
import { mutatedText } from '../support/mutant.ts';
import { repositoryRoot } from '../support/repository.ts';

const page = readFileSync(join(repositoryRoot, 'docs/PROOFS.md'), 'utf8');

it('at least ten bugs can be planted, each in the one place it names', () => {
  expect(SEEDED_BUGS.length).toBeGreaterThanOrEqual(10);
  for (const bug of SEEDED_BUGS) expect(mutatedText(bug), bug.name).toContain(bug.changed);
});

it('the page says of each bug which tests caught it', () => {
  for (const { name } of SEEDED_BUGS) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${name} `));
    expect(row, name).toMatch(/\(`test\/[^`]+`\)/u);
  }
});

it('a table of a bug that nobody caught says so', () => {
  expect(withTable(page, [{ bug: 'b', file: 'f', failed: [] }])).toContain('| b | `f` | 0 | nobody |');
});
