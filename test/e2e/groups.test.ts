/**
 * Claim: groups and application roles reach a service with the next token that Entra really issues, so a change works up to a day late
 * where IMDS keeps its token that long, and within the hour where it renews. Method: a VM asks for its token before every use; its
 * membership changes at some hour of its token's life.
 */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { beginRun } from '../../src/experiments/run.ts';
import { described, problemsOf } from '../scenarios/loading.ts';

/** One access of the VM. */
interface Access {
  /** [h] */
  readonly at: number;
  readonly status: number;
  readonly error: string;
}

interface Setting {
  readonly world?: object;
  readonly story: readonly object[];
  readonly horizon?: string;
  readonly every?: string;
  readonly kind?: string;
  readonly knobs?: Readonly<Record<string, string>>;
}

const DAY_CACHE = { 'imds.cache.proactiveRenewAfter': '24h' };

function text({ world = {}, story, horizon = '50h', every = '10m', kind = 'sql', knobs = DAY_CACHE }: Setting): string {
  const workload = { name: 'app', client: 'naive', identity: 'app-id', uses: 'db', every, retryAfterDenial: every };
  return stringify({
    question: 'When does a change work?',
    group: 'exposure',
    horizon,
    world: {
      identities: [{ name: 'app-id' }],
      services: [{ name: 'db', kind }],
      virtualMachines: [{ name: 'vm1', identities: ['app-id'], workloads: [workload] }],
      parameters: { 'sql.connection.lifetime': '1s', 'imds.timeout.prob': 0, 'imds.error5xx.prob': 0, ...knobs },
      ...world,
    },
    story,
  });
}

interface Lived {
  readonly accesses: readonly Access[];
  readonly cleanup: readonly { readonly kind: string; readonly name: string; readonly accepted: string }[];
  readonly orphans: number;
}

function live(setting: Setting): Lived {
  const run = beginRun({ scenario: described(text(setting)), seed: 'groups' });
  const accesses: Access[] = [];
  run.simulation.observe({
    onFact: ({ fact, at }) => {
      if (fact.type === 'service-answered') accesses.push({ at: at / 3_600_000_000, status: fact.status, error: fact.error });
    },
  });
  run.advance(Infinity);
  const { cleanup } = run.finish().report;
  return {
    accesses,
    cleanup: cleanup.deletions.map(({ kind, name, items }) => ({ kind, name, accepted: items[0]?.what ?? '' })),
    orphans: cleanup.left.roleAssignments,
  };
}

const READERS = { groups: [{ name: 'readers' }], roles: [{ to: 'group:readers', role: 'SQL DB Contributor', on: 'db' }] };
const MEMBER = { ...READERS, groups: [{ name: 'readers', members: ['app-id'] }] };
const firstAllowed = ({ accesses }: Lived): number => accesses.find(({ status }) => status === 200)?.at ?? Number.NaN;
const lastAllowed = ({ accesses }: Lived): number => accesses.findLast(({ status }) => status === 200)?.at ?? Number.NaN;

describe('a principal in a group', () => {
  it('opens Azure SQL by the role of its group', () => {
    expect(live({ world: MEMBER, story: [], horizon: '1h' }).accesses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  });

  it('that joins at the seventh hour gets in with its next token, after the 24th, where IMDS keeps tokens for a day', () => {
    const joined = live({ world: READERS, story: [{ at: '7h', addToGroup: { member: 'app-id', group: 'readers' } }] });
    expect(firstAllowed(joined)).toBeGreaterThan(23.8);
    expect(firstAllowed(joined)).toBeLessThan(24.2);
    expect(joined.accesses.filter(({ status }) => status === 403).every(({ error }) => error === 'ForbiddenByRbac')).toBe(true);
    expect(joined.orphans).toBe(0);
  });

  it('that leaves keeps its right until its next token; the report counts the accesses that were let in', () => {
    const left = live({ world: MEMBER, story: [{ at: '7h', removeFromGroup: { member: 'app-id', group: 'readers' } }] });
    expect(lastAllowed(left)).toBeGreaterThan(23.6);
    expect(lastAllowed(left)).toBeLessThan(24.01);
    const accepted = left.accesses.filter(({ at, status }) => at > 7 && status === 200).length;
    expect(left.cleanup).toEqual([
      { kind: 'groupMembership', name: 'app-id in readers', accepted: `${String(accepted)} accesses let in after the removal` },
    ]);
  });

  it('that leaves loses its right within an hour or so where IMDS renews after an hour', () => {
    const left = live({
      world: MEMBER,
      story: [{ at: '7h', removeFromGroup: { member: 'app-id', group: 'readers' } }],
      horizon: '10h',
      knobs: {},
    });
    expect(lastAllowed(left) - 7).toBeLessThan(1.4);
    expect(lastAllowed(left) - 7).toBeGreaterThan(0);
  });

  it('whose group loses the role is refused as soon as services know of it, whatever its token says', () => {
    const story = [{ at: '7h', removeRole: { to: 'group:readers', role: 'SQL DB Contributor', on: 'db' } }];
    const { accesses, cleanup } = live({ world: MEMBER, story, horizon: '9h' });
    const after = accesses.filter(({ at }) => at > 7);
    expect(lastAllowed({ accesses, cleanup, orphans: 0 }) - 7).toBeLessThan(0.2);
    expect(cleanup).toMatchObject([
      {
        kind: 'roleAssignment',
        accepted: `${String(after.filter(({ status }) => status === 200).length)} accesses let in after the removal`,
      },
    ]);
  });

  it('gets in at a moment of its own within a day, whatever its token says, where only the bound is reckoned with', () => {
    const knobs = { 'mi.groupOrAppRole.effectDelay': 'uniform24h', 'mi.groupOrAppRole.effectDelay.uniform': '90m' };
    const joined = live({
      world: READERS,
      story: [{ at: '7h', addToGroup: { member: 'app-id', group: 'readers' } }],
      horizon: '10h',
      knobs,
    });
    expect(firstAllowed(joined)).toBeCloseTo(8.5, 0);
    expect(firstAllowed(joined)).toBeGreaterThanOrEqual(8.5);
    const left = live({
      world: MEMBER,
      story: [{ at: '7h', removeFromGroup: { member: 'app-id', group: 'readers' } }],
      horizon: '10h',
      knobs,
    });
    expect(lastAllowed(left)).toBeGreaterThan(8.2);
    expect(lastAllowed(left)).toBeLessThan(8.51);
  });

  it('that joins just before its token is issued may meet a replica that does not know of it', () => {
    const setting = {
      world: READERS,
      story: [{ at: '1s', addToGroup: { member: 'app-id', group: 'readers' } }],
      horizon: '30m',
      every: '1m',
      knobs: { 'imds.latency.cacheMiss': '3s', 'entra.token.latency': '1s' },
    };
    expect(live({ ...setting, knobs: { ...setting.knobs, 'mi.sp.replicationDelay': '1us' } }).accesses[0]?.status).toBe(200);
    const late = { ...setting.knobs, 'mi.sp.replicationDelay': '10m', 'mi.sp.missProbDuringReplication': 'always' };
    expect(live({ ...setting, knobs: late }).accesses.every(({ status }) => status === 403)).toBe(true);
  });
});

describe('an application role', () => {
  const services = [{ name: 'db', kind: 'api', appRole: 'Orders.Read' }];

  it('opens the API it is for, from the next token on and until the next', () => {
    const given = { to: 'app-id', role: 'Orders.Read', on: 'db' };
    const { accesses, cleanup } = live({
      world: { services },
      story: [
        { at: '7h', assignAppRole: given },
        { at: '30h', removeAppRole: given },
      ],
      horizon: '60h',
    });
    const changes = accesses.filter(({ status }, n) => status !== accesses[n - 1]?.status);
    expect(changes.map(({ status, error }) => [status, error])).toEqual([
      [403, 'roleMissing'],
      [200, ''],
      [403, 'roleMissing'],
    ]);
    expect(changes[1]?.at).toBeCloseTo(24, 0);
    expect(changes[2]?.at).toBeCloseTo(48, 0);
    expect(cleanup).toMatchObject([{ kind: 'appRole', name: 'Orders.Read on api://db for app-id' }]);
  });

  it('is not asked for where the API wants none, and another role does not help', () => {
    expect(live({ world: { services: [{ name: 'db', kind: 'api' }] }, story: [], horizon: '1h' }).accesses[0]?.status).toBe(200);
    const appRoles = [{ to: 'app-id', role: 'Orders.Write', on: 'db' }];
    expect(live({ world: { services, appRoles }, story: [], horizon: '1h' }).accesses[0]?.status).toBe(403);
  });
});

it('a group or role that cannot be is refused with its place', () => {
  const wrong = text({
    world: {
      groups: [{ name: 'readers', members: ['later', 'nobody'] }],
      appRoles: [{ to: 'app-id', role: 'r', on: 'db' }],
      roles: [{ to: 'group:writers', role: 'r', on: 'db' }],
    },
    story: [
      { at: '1h', createIdentity: { name: 'later' } },
      { at: '2h', addToGroup: { member: 'app-id', group: 'raeders' } },
    ],
  });
  const rules = problemsOf(wrong).map((line) => line.replace(/^test\.yaml:\d+:\d+ /u, ''));
  expect(rules).toEqual([
    'world.groups[0].members[0]: later does not exist at the start: the story creates it, and may add it then',
    'world.groups[0].members[1]: unknown identity "nobody"',
    'world.appRoles[0].on: db is no api: application roles are for those; write a role',
    'world.roles[0].to: unknown group "writers"',
    'story[1].addToGroup.group: unknown group "raeders"; did you mean readers?',
  ]);
});
