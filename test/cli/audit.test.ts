/** `idflow audit`: the logs of a run beside its truth. */
import { expect, test } from 'vitest';
import { auditText } from '../../src/cli/audit-text.ts';
import type { AuditLogs } from '../../src/cli/audit-text.ts';
import { runScenario } from '../../src/experiments/run.ts';
import type { Observer } from '../../src/kernel/world.ts';
import type { Identity } from '../../src/model/vocabulary.ts';
import { AuditTrail } from '../../src/report/audit/trail.ts';
import { beginRun } from '../../src/experiments/run.ts';
import { commandLine } from '../support/command-line.ts';
import { packaged } from '../support/packaged.ts';

const idflow = commandLine();

function logsOf(name: string): AuditLogs {
  const scenario = packaged(name);
  const run = beginRun({ scenario });
  const trail = new AuditTrail(run.simulation);
  run.simulation.observe(trail satisfies Observer<Identity>);
  run.advance(Infinity);
  const { report, outcome } = run.finish();
  const { fingerprint } = outcome;
  return {
    scenario: name,
    seed: scenario.seed,
    fingerprint,
    command: '',
    summary: report.audit,
    accesses: trail.accesses(),
    signIns: trail.signIns(),
    signInsForgotten: trail.forgotten,
  };
}

const logs = logsOf('aks-sql-token');

test('every access stands in the log after it happened, under the principal whose token was used', () => {
  expect(logs.accesses).toHaveLength(logs.summary.accesses);
  for (const row of logs.accesses) {
    expect(row.visibleAt).toBeGreaterThan(row.timeGenerated);
    expect(row.servicePrincipalName).toBe('orders-id');
  }
});

test('the sign-in log of managed identities has neither an address nor a key, and one row for each token that Entra issued', () => {
  expect(logs.signIns.length).toBeGreaterThan(1);
  expect(new Set(logs.signIns.map(({ uniqueTokenIdentifier }) => uniqueTokenIdentifier)).size).toBe(logs.signIns.length);
  for (const row of logs.signIns) {
    expect(row.log).toBe('AADManagedIdentitySignInLogs');
    expect(Object.keys(row).filter((field) => /ip|key/iu.test(field) && !/identifier|principal/iu.test(field))).toEqual([]);
    expect(row).not.toHaveProperty('servicePrincipalCredentialKeyId');
  }
});

test('two pods that share a principal cannot be told apart by it, and can by their addresses', () => {
  expect(new Set(logs.accesses.map(({ truth }) => truth)).size).toBe(2);
  expect(logs.accesses.every(({ candidates }) => candidates.byPrincipal === 2 && candidates.byPrincipalAndAddress === 1)).toBe(true);
  expect(logs.summary.attributableShare).toBe(0);
});

test('what is candidate by the log contains the truth: the log attributes an access to one pod exactly where one pod is possible', () => {
  const wide = logsOf('credential-rotation');
  const byPrincipal = wide.accesses.filter(({ candidates }) => candidates.byPrincipal === 1).length;
  const byAddress = wide.accesses.filter(({ candidates }) => candidates.byPrincipalAndAddress === 1).length;
  expect(wide.summary).toMatchObject({ attributable: byPrincipal, attributableWithAddress: byAddress });
});

test('the page is 100 columns wide, verdict first', () => {
  const text = auditText(logs, { host: { columns: 100, color: 'none' }, detail: 'plain' });
  expect(text).toMatch(/^aks-sql-token: 39 accesses \(0 denied\) by 1 service principal/u);
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  const all = auditText(logs, { host: { columns: 100, color: 'none' }, detail: 'verbose' });
  expect(all.split('\n').length).toBeGreaterThan(text.split('\n').length + 20);
});

test('watching the logs changes nothing', () => {
  expect(logs.fingerprint).toBe(runScenario({ scenario: packaged('aks-sql-token') }).outcome.fingerprint);
});

test('the command prints JSON with both logs, and refuses a file that is not there with 2', async () => {
  const { stdout, code } = await idflow(['audit', 'aks-sql-token', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    format: 'idflow.audit/1',
    summary: { accesses: 39 },
    signIns: { length: logs.signIns.length },
  });
  expect(await idflow(['audit', 'nothing.yaml'])).toMatchObject({ code: 2, stdout: '' });
});
