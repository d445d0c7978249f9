/** Claim: `idflow why` answers with its reasons first, refuses with exit 2 what cannot be asked, and tells with 3 what did not happen. */
import { expect, test } from 'vitest';
import { commandLine } from '../support/command-line.ts';

const idflow = commandLine();

test('an answer gives reasons, then the chain, then the sources; the same is data', async () => {
  const { stdout, code } = await idflow(['why', 'aks-sql-token', 'token of pod orders']);
  expect(code).toBe(0);
  const heads = stdout.split('\n').filter((line) => /^(?:Because|Where|How|Sources)/u.test(line));
  expect(heads).toEqual([
    'Because, oldest cause first',
    'Where the time went',
    'How it came about, newest last',
    'How things stood then',
    'Sources',
  ]);
  expect(stdout).toContain('PI-CODE: Azure/aad-pod-identity');
  const data = JSON.parse((await idflow(['why', 'aks-sql-token', 'token of pod orders', '--json'])).stdout) as {
    readonly because: readonly { readonly text: string }[];
    readonly chain: readonly { readonly atUs: number; readonly actor: string }[];
  };
  for (const { text } of data.because) expect(stdout.replace(/\s+/gu, ' ')).toContain(text);
  expect(data.chain.every(({ actor }) => actor !== '')).toBe(true);
});

test('who asks nothing is shown what there is to ask', async () => {
  const { stderr, code } = await idflow(['why', 'aks-sql-token']);
  expect(code).toBe(2);
  expect(stderr).toContain('token of pod: shop/orders (2 pods)');
  expect(stderr).toContain('ask: token of pod NAME [at TIME]');
});

test('a pod that is not there is exit 2 with those that are; a race that did not happen is exit 3', async () => {
  const unknown = await idflow(['why', 'aks-sql-token', 'token of pod nobody']);
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('pods to ask about: shop/orders (2 pods)');
  const absent = await idflow(['why', 'aks-sql-token', 'race twoLeaders']);
  expect(absent.code).toBe(3);
  expect(absent.stdout).toContain('no race of class twoLeaders was found');
});
