/** docs/FIDELITY.md holds every mark of the source, and nothing else in that section. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freshFidelity } from '../../scripts/fidelity.ts';
import { filesUnder, repositoryRoot } from '../support/repository.ts';

test('the page is what the script makes of the source (else: npx tsx scripts/fidelity.ts)', async () => {
  expect(readFileSync(path.join(repositoryRoot, 'docs/FIDELITY.md'), 'utf8')).toBe(await freshFidelity());
});

test('no mark is lost on the way: as many in the page as in the source', async () => {
  const count = (text: string, mark: string): number => text.split(mark).length - 1;
  const source = filesUnder('src')
    .map((file) => file.text)
    .join('\n');
  const page = await freshFidelity();
  expect(count(source, 'Simplified:')).toBeGreaterThan(20);
  expect(count(page, '**Simplified.**')).toBe(count(source, 'Simplified:'));
  expect(count(page, '**Faithful.**')).toBe(count(source, 'Faithful:'));
});
