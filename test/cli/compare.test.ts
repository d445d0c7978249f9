/** `idflow compare` and `idflow run --architecture` as processes. */
import { expect, test } from 'vitest';
import { commandLine } from '../support/command-line.ts';

const idflow = commandLine();

test('compare prints the architectures asked for as JSON, each with its notes and faults', async () => {
  const { code, stdout } = await idflow(['compare', 'aks-sql-token', '--architectures', 'secret,standard', '--json']);
  expect(code).toBe(0);
  const made = JSON.parse(stdout) as {
    readonly architectures: readonly {
      readonly architecture: string;
      readonly notes: readonly string[];
      readonly faults: readonly object[];
    }[];
  };
  expect(made).toMatchObject({ format: 'idflow.compare/1', scenario: 'aks-sql-token', seed: 'idflow' });
  expect(made.architectures.map(({ architecture }) => architecture)).toEqual(['secret', 'standard']);
  for (const { notes, faults } of made.architectures) expect([notes.length > 0, faults.length]).toEqual([true, 7]);
});

test('what cannot be derived, and what is no architecture, ends with 2 and all problems', async () => {
  const noCluster = await idflow(['compare', 'vm-system-assigned']);
  expect(noCluster).toMatchObject({ code: 2, stdout: '' });
  expect(noCluster.stderr).toContain('has no cluster');
  const unknown = await idflow(['compare', 'aks-sql-token', '--architectures', 'standart,magic']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('did you mean standard?');
  expect(unknown.stderr).toContain('"magic"');
  expect((await idflow(['run', 'vm-system-assigned', '--architecture', 'secret'])).code).toBe(2);
});

test('a run under another architecture says so in its notes, and names the command that comes back to it', async () => {
  const { stdout } = await idflow(['run', 'aks-sql-token', '--architecture', 'workload-identity', '--seed', '7', '--json']);
  const { provenance } = JSON.parse(stdout) as { readonly provenance: { readonly notes: readonly string[]; readonly command: string } };
  expect(provenance.notes[0]).toMatch(/^architecture workload-identity: /u);
  expect(provenance.command).toBe('idflow run aks-sql-token --architecture workload-identity --seed 7');
});
