/** docs/MARKS.md holds every mark of the source and nothing else; docs/FIDELITY.md every case that is skipped. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freshPage } from '../../scripts/fidelity.ts';
import { filesUnder, repositoryRoot } from '../support/repository.ts';

test.each([
  ['docs/FIDELITY.md', 'fidelity'],
  ['docs/MARKS.md', 'marks'],
] as const)('%s is what the script makes of the source (else: npx tsx scripts/fidelity.ts)', async (file, page) => {
  expect(readFileSync(path.join(repositoryRoot, file), 'utf8')).toBe(await freshPage(page));
});

test('no mark is lost on the way: as many in the page as in the source', async () => {
  const count = (text: string, mark: string): number => text.split(mark).length - 1;
  const source = filesUnder('src')
    .map((file) => file.text)
    .join('\n');
  const page = await freshPage('marks');
  expect(count(source, 'Simplified:')).toBeGreaterThan(20);
  expect(count(page, '**Simplified.**')).toBe(count(source, 'Simplified:'));
  expect(count(page, '**Faithful.**')).toBe(count(source, 'Faithful:'));
});
