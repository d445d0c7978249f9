/**
 * Claim: the auditor's question, who read the database, is answered truly also where rights come by a group, where a principal was deleted
 * and restored, and where it is gone for good by the time of the question. Method: whole runs, their logs beside what happened.
 */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { beginRun } from '../../src/experiments/run.ts';
import { AuditTrail } from '../../src/report/audit/trail.ts';
import type { AuditSection } from '../../src/report/document/index.ts';
import { described } from '../scenarios/loading.ts';

interface Logs {
  readonly trail: AuditTrail;
  readonly summary: AuditSection;
}

function logsOf(parts: {
  readonly world: object;
  readonly story?: readonly object[];
  readonly horizon?: string;
  readonly knobs?: object;
}): Logs {
  const { world, story = [], horizon = '2h', knobs = {} } = parts;
  const text = stringify({
    question: 'Who read the database?',
    group: 'exposure',
    horizon,
    world: {
      services: [{ name: 'db', kind: 'cosmosDb' }],
      parameters: { 'imds.timeout.prob': 0, 'imds.error5xx.prob': 0, 'entra.token.errorProb': 0, ...knobs },
      ...world,
    },
    story,
  });
  const run = beginRun({ scenario: described(text), seed: 'audit' });
  const trail = new AuditTrail(run.simulation);
  run.simulation.observe(trail);
  run.advance(Infinity);
  return { trail, summary: run.finish().report.audit };
}

const machine = (name: string, identity: string, every = '10m'): object => ({
  name,
  identities: [identity],
  workloads: [{ name: `app-${name}`, client: 'naive', identity, uses: 'db', every, retryAfterDenial: every }],
});

const GROUP = {
  identities: [{ name: 'one-id' }, { name: 'two-id' }],
  groups: [{ name: 'readers', members: ['one-id', 'two-id'] }],
  roles: [{ to: 'group:readers', role: 'Cosmos DB Reader', on: 'db' }],
  virtualMachines: [machine('vm1', 'one-id'), machine('vm2', 'two-id')],
};

describe('who read the database', () => {
  it('is told member by member where a group has the role: the log names principals, never the group', () => {
    const { trail, summary } = logsOf({ world: GROUP });
    const entries = summary.entries.map(({ principal, statuses }) => `${principal} ${statuses.map(({ status }) => status).join(' ')}`);
    expect(entries.sort()).toEqual(['one-id 200', 'two-id 200']);
    const names = new Set(trail.accesses().map(({ servicePrincipalName, truth }) => `${servicePrincipalName} ${truth}`));
    expect([...names].sort()).toEqual(['one-id vm1/app-vm1', 'two-id vm2/app-vm2']);
    expect(summary.attributableShare).toBe(1);
  });

  it('is the same principal before its deletion and after its restoration', () => {
    const world = {
      applications: [{ name: 'billing' }],
      roles: [{ to: 'billing', role: 'Cosmos DB Reader', on: 'db' }],
      cluster: {
        start: 'settled',
        nodePools: [{ name: 'pool1', nodes: 1 }],
        podIdentity: {},
        workloads: [
          { name: 'app', client: 'naive', identity: 'billing', uses: 'db', every: '5m', retryAfterDenial: '5m', select: { pod: 'app' } },
        ],
      },
    };
    const objects = [
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'sp' }, stringData: { clientSecret: 'application:billing.secret' } },
      {
        apiVersion: 'aadpodidentity.k8s.io/v1',
        kind: 'AzureIdentity',
        metadata: { name: 'billing' },
        spec: { type: 1, tenantID: 't', clientID: 'application:billing.clientID', clientPassword: { name: 'sp', namespace: 'default' } },
      },
      {
        apiVersion: 'aadpodidentity.k8s.io/v1',
        kind: 'AzureIdentityBinding',
        metadata: { name: 'billing' },
        spec: { azureIdentity: 'billing', selector: 'billing' },
      },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'app', labels: { aadpodidbinding: 'billing' } },
        spec: { containers: [{ name: 'app', image: 'app:1' }] },
      },
    ];
    const { trail } = logsOf({
      world,
      horizon: '3h',
      story: [
        { at: '0s', apply: objects },
        { at: '1h', deleteApplication: 'billing' },
        { at: '2h', restoreApplication: 'billing' },
      ],
    });
    const rows = trail.accesses();
    expect(new Set(rows.map(({ servicePrincipalId, servicePrincipalName }) => `${servicePrincipalName} ${servicePrincipalId}`)).size).toBe(
      1,
    );
    const hours = trail.signIns().map(({ timeGenerated }) => Math.floor(timeGenerated / 3_600_000_000));
    // No sign-in while it lay in the bin.
    expect([...new Set(hours)]).toEqual([0, 2]);
  });

  it('has a name as long as the directory knew one, also where it is gone for good by now', () => {
    const { trail } = logsOf({
      world: { ...GROUP, identities: [{ name: 'one-id' }, { name: 'two-id' }] },
      story: [{ at: '1h', deleteIdentity: 'one-id' }],
      horizon: '5h',
      knobs: { 'mi.softDelete.retention': '2h', 'mi.deleted.targetChecksDirectory': 0, 'imds.cache.proactiveRenewAfter': '24h' },
    });
    const rows = trail.accesses().filter(({ truth }) => truth === 'vm1/app-vm1');
    expect(rows.at(-1)?.timeGenerated).toBeGreaterThan(4 * 3_600_000_000);
    expect(new Set(rows.map(({ servicePrincipalName }) => servicePrincipalName))).toEqual(new Set(['one-id', '']));
  });

  it('is forgotten by the sign-in log, but not by the access log, after its time', () => {
    const { trail } = logsOf({ world: GROUP, horizon: '5h', knobs: { 'entra.signInLog.retention': '90m' } });
    expect(trail.forgotten).toBeGreaterThan(0);
    expect(trail.signIns().every(({ timeGenerated }) => timeGenerated >= 3.5 * 3_600_000_000)).toBe(true);
    expect(trail.accesses()[0]?.timeGenerated).toBeLessThan(60_000_000);
  });

  it('shows tokens out of the cache of IMDS only where somebody wishes they were logged', () => {
    const count = (knobs: object): number => logsOf({ world: GROUP, knobs }).trail.signIns().length;
    expect(count({ 'entra.signInLog.cachedTokenLogged': true })).toBeGreaterThan(count({}) + 5);
  });
});
