/** Federated credentials written through ARM: how many, how many at once, and from when on they count (WI-02, WI-03). */
import { describe, expect, test } from 'vitest';
import { runWritten, told } from '../support/written.ts';
import type { WrittenRun } from '../support/written.ts';

const WORLD = 'horizon: 20m\nworld:\n  identities: [{ name: one-id }, { name: two-id }]\n';

/** A run in which credentials are written at those times [s], each `identity/account`. */
function run(writes: readonly (readonly [at: number, of: string])[], overrides: Record<string, string> = {}): WrittenRun {
  const steps = writes.map(([at, of]) => {
    const [identity = '', account = ''] = of.split('/');
    return `  - at: ${String(at)}s\n    putFederatedCredential: { identity: ${identity}, name: ${account}, serviceAccount: shop/${account} }\n`;
  });
  return runWritten(`${WORLD}story:\n${steps.join('')}`, { 'arm.error5xx.prob': '0', ...overrides });
}

const statuses = (made: WrittenRun): readonly number[] =>
  told(made, 'arm-answered').flatMap(({ op, status }) => (op === 'putFederatedCredential' ? [status] : []));

test('an identity takes twenty, and refuses the twenty-first; another identity still takes one', () => {
  const many = Array.from({ length: 21 }, (_, n) => [10 * n + 1, `one-id/app-${String(n)}`] as const);
  const made = run([...many, [300, 'two-id/app-0']]);
  expect(statuses(made).filter((status) => status === 201)).toHaveLength(21);
  expect(told(made, 'arm-answered').filter(({ status }) => status === 400)).toMatchObject([
    { error: 'FederatedIdentityCredentialLimitExceeded' },
  ]);
  expect(made.world.table('federatedCredentials').all()).toHaveLength(21);
  expect(run(many, { 'wi.fic.max': '5' }).world.table('federatedCredentials').all()).toHaveLength(5);
});

describe('writes side by side', () => {
  const three = ['a', 'b', 'c'].map((account) => [5, `one-id/${account}`] as const);

  test('to one identity: one is taken, the other is refused with 409 and comes through as it is repeated', () => {
    const made = run(three.slice(0, 2));
    expect(statuses(made)).toEqual([409, 201, 201]);
    const refused = told(made, 'arm-answered').filter(({ status }) => status === 409);
    expect(new Set(refused.map(({ error }) => error))).toEqual(
      new Set(['ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity']),
    );
    expect(made.world.table('federatedCredentials').all()).toHaveLength(2);
  });

  test('to two identities do not meet', () => {
    expect(
      statuses(
        run([
          [5, 'one-id/a'],
          [5, 'two-id/a'],
        ]),
      ),
    ).toEqual([201, 201]);
  });

  test('one after another, as the documentation advises, are all taken', () => {
    expect(statuses(run(three.map(([, of], n) => [5 + 10 * n, of] as const)))).toEqual([201, 201, 201]);
  });
});

test('a second credential for the same issuer and subject is refused, whatever its name', () => {
  const put = (at: number, name: string): string =>
    `  - at: ${String(at)}s\n    putFederatedCredential: { identity: one-id, name: ${name}, serviceAccount: shop/a }\n`;
  const made = runWritten(`${WORLD}story:\n${put(5, 'x')}${put(30, 'y')}${put(60, 'x')}`, { 'arm.error5xx.prob': '0' });
  expect(told(made, 'arm-answered').map(({ status, error }) => `${String(status)} ${error}`)).toEqual([
    '201 ',
    '400 InvalidFederatedIdentityCredentialValue',
    '200 ',
  ]);
  expect(told(made, 'federated-credential-written').map(({ what }) => what)).toEqual(['created', 'updated']);
});

test('a deleted one makes room', () => {
  const many = Array.from({ length: 2 }, (_, n) => [10 * n + 1, `one-id/app-${String(n)}`] as const);
  const puts = many.map(
    ([at, of]) =>
      `  - at: ${String(at)}s\n    putFederatedCredential: { identity: one-id, name: ${of.split('/')[1] ?? ''}, serviceAccount: ${of} }\n`,
  );
  const made = runWritten(
    `${WORLD}story:\n${puts.join('')}  - at: 60s\n    deleteFederatedCredential: { identity: one-id, name: app-0 }\n  - at: 90s\n    putFederatedCredential: { identity: one-id, name: late, serviceAccount: shop/late }\n`,
    { 'wi.fic.max': '2', 'arm.error5xx.prob': '0' },
  );
  expect(
    made.world
      .table('federatedCredentials')
      .all()
      .map(({ name }) => name),
  ).toEqual(['app-1', 'late']);
});
