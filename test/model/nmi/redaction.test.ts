/** Client ids in what NMI says about requests. */
import { expect, test } from 'vitest';
import { redactedClientId } from '../../../src/model/nmi/redaction.ts';

test('only the ends of a client id are shown', () => {
  expect(redactedClientId('5ad5de2b-0ca4-4c4e-8d7c-1f2a3b4c5d6e')).toBe('5ad5##### REDACTED #####5d6e');
});

test.each(['', 'short'])('"%s" has no middle to cut out', (text) => {
  expect(redactedClientId(text)).toBe(text);
});
