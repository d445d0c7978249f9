/** For each cause of exposure and of outage a pair: a run that shows it, with its time and tokens, and one that comes close and does not. */
import { describe, expect, test } from 'vitest';
import type { Moment } from '../../src/kernel/time.ts';
import type { IdentityGrant } from '../../src/model/azure.ts';
import type { Fact, FactOf } from '../../src/model/facts/index.ts';
import type { AzurePodIdentityException, Pod } from '../../src/model/kubernetes.ts';
import type { NodeRules } from '../../src/model/node-rules.ts';
import type { WorkloadRow } from '../../src/model/workload.ts';
import { EXPOSURE_CAUSE_NAMES, OUTAGE_CAUSE_NAMES } from '../../src/report/access/causes.ts';
import type { ExposureCause, OutageCause } from '../../src/report/access/causes.ts';
import type { AccessSection } from '../../src/report/document/index.ts';
import { assigned, binding, CLIENT, fact, pod, READER, SCALE_SET, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const OTHER = '99999999-0000-4000-8000-000000000009';
const RESOURCE = SCALE_SET.toLowerCase();
const SECOND = 1_000_000;

const grant = (identity: string, clientId: string): IdentityGrant => ({
  resource: RESOURCE,
  identity,
  clientId,
  principalId: `sp-${identity}`,
  attachStartedAt: 0 as Moment,
  attachTook: 0,
  incarnation: 1,
});
const rules = (more: Partial<NodeRules> = {}): NodeRules => ({ node: 'node-a', chain: 'full', jump: 'present', listener: 'up', ...more });
/** `web` behind NMI, on a machine that carries its own identity and that of somebody else. */
const base: Filling = {
  ...settledWorld(),
  nodeRules: { 'node-a': rules() },
  identityGrants: { own: grant(READER.toLowerCase(), CLIENT), other: grant('other', OTHER) },
};
const onlyOwn = { own: grant(READER.toLowerCase(), CLIENT) };
const workload = (name: string, more: Partial<WorkloadRow> = {}): WorkloadRow => ({
  name,
  client: 'naive',
  clientId: OTHER,
  resource: 'https://vault.azure.net',
  service: '',
  every: 30_000_000 as never,
  ...more,
});
const webRuns = workload('web', { clientId: CLIENT, select: { namespace: 'default', pod: 'web', labels: {} } });
const onHost = (hostNetwork: boolean): Pod => ({ ...pod('web'), spec: { ...pod('web').spec, hostNetwork } });
const exception = (label: string): AzurePodIdentityException => ({
  kind: 'AzurePodIdentityException',
  metadata: { ...binding().metadata, name: 'exception' },
  spec: { podLabels: { aadpodidbinding: label } },
});
const secretIn = (namespace: string): WorkloadRow =>
  workload('billing', { credential: { kind: 'secret', value: 's' } as never, select: { namespace, pod: 'billing', labels: {} } });
const got = (after: number, more: Partial<FactOf<'token-answered'>>): Step => states(after, fact.answered('r', { appId: OTHER, ...more }));
const resolved = (as: string): Fact => ({
  type: 'nmi-resolved',
  node: 'node-a',
  request: 'r',
  sender: 'default/web',
  resolved: as,
  isExcepted: false,
});
const bindingGone = writes(2, 'azureIdentityBindings', { 'default/reader-binding': undefined });
const assignedGone = (after: number): Step => writes(after, 'azureAssignedIdentities', { 'default/web-default-reader': undefined });
const quiet = states(5, fact.tried(200));
const withoutPodIdentity: Filling = { ...base, settings: {}, workloads: { web: webRuns } };

interface World {
  readonly fill?: Filling;
  readonly steps: readonly Step[];
}
type Shows = World & { readonly seconds: number; readonly tokens: number };

const EXPOSURES: Readonly<Record<ExposureCause, { readonly shows: Shows; readonly spares: World }>> = {
  bareImds: {
    shows: { fill: withoutPodIdentity, steps: [quiet], seconds: 5, tokens: 0 },
    spares: { fill: { ...withoutPodIdentity, identityGrants: onlyOwn }, steps: [quiet] },
  },
  redirectMissing: {
    shows: {
      steps: [
        writes(2, 'nodeRules', { 'node-a': rules({ jump: 'absent' }) }),
        got(1, { servedBy: 'imds' }),
        writes(2, 'nodeRules', { 'node-a': rules() }),
        quiet,
      ],
      seconds: 3,
      tokens: 1,
    },
    spares: { steps: [writes(2, 'nodeRules', { 'node-a': rules({ listener: 'down' }) }), quiet] },
  },
  openConnection: {
    shows: { steps: [got(1, { servedBy: 'imds' }), got(4, { servedBy: 'imds' })], seconds: 4, tokens: 2 },
    spares: { steps: [got(1, { servedBy: 'imds', appId: CLIENT }), got(4, { servedBy: 'imds', appId: CLIENT })] },
  },
  hostNetwork: {
    shows: { fill: { ...base, pods: { 'default/web': onHost(true) } }, steps: [quiet], seconds: 5, tokens: 0 },
    spares: { fill: { ...base, pods: { 'default/web': onHost(false) } }, steps: [quiet] },
  },
  excepted: {
    shows: {
      fill: { ...base, azurePodIdentityExceptions: { 'default/exception': exception('reader') } },
      steps: [quiet, got(0, {})],
      seconds: 5,
      tokens: 1,
    },
    spares: { fill: { ...base, azurePodIdentityExceptions: { 'default/exception': exception('writer') } }, steps: [quiet] },
  },
  staleAssignment: {
    shows: { steps: [bindingGone, got(1, { appId: CLIENT }), assignedGone(6), quiet], seconds: 7, tokens: 1 },
    spares: { steps: [bindingGone, assignedGone(0), quiet] },
  },
  takenForOther: {
    shows: { steps: [states(1, resolved('default/old')), got(1, {})], seconds: 0, tokens: 1 },
    spares: { steps: [states(1, resolved('default/web')), got(1, { appId: CLIENT })] },
  },
  sharedSecret: {
    shows: { fill: { ...base, workloads: { billing: secretIn('default') } }, steps: [quiet], seconds: 5, tokens: 0 },
    spares: { fill: { ...base, workloads: { billing: secretIn('accounts') } }, steps: [quiet] },
  },
};

function accessOf({ fill = base, steps }: World): AccessSection {
  return scriptedRun(steps, { fill }).report().access;
}

describe.each(EXPOSURE_CAUSE_NAMES)('exposure by %s', (cause) => {
  const { shows, spares } = EXPOSURES[cause];

  test('is told of with its time and tokens, by pod, and is the only one', () => {
    const { causes, entries, tokens } = accessOf(shows).exposure;
    const sums = { us: shows.seconds * SECOND, tokens: shows.tokens };
    expect(causes.filter(({ us, tokens }) => us > 0 || tokens > 0)).toEqual([{ cause, pods: 1, ...sums }]);
    expect(entries).toMatchObject([{ pod: 'default/web', cause, ...sums }]);
    expect(tokens).toBe(shows.tokens);
  });

  test('is not seen where it does not occur', () => {
    expect(accessOf(spares).exposure).toMatchObject({ podUs: 0, tokens: 0, entries: [] });
  });
});

test('a pod that is exposed in two ways at a time is exposed once', () => {
  const fill = { ...base, pods: { 'default/web': onHost(true) }, workloads: { billing: secretIn('default') } };
  const { podUs, causes } = accessOf({ fill, steps: [quiet] }).exposure;
  expect(podUs).toBe(5 * SECOND);
  expect(causes.filter(({ us }) => us === 5 * SECOND).map(({ cause }) => cause)).toEqual(['hostNetwork', 'sharedSecret']);
});

const tried = (status: number, servedBy: string, attempt = 1): Fact => ({
  type: 'token-try-ended',
  pod: 'default/web',
  request: 'r',
  attempt,
  status,
  servedBy,
  took: 1000 as never,
});
const imds = (status: number): Fact => ({
  type: 'imds-answered',
  vm: 'node-a',
  request: 'r',
  sender: 'default/web',
  status,
  clientId: CLIENT,
  objectId: '',
  resource: '',
  isCached: false,
  error: '',
});
const unknown = { clientId: '', identity: '', pod: '' };
const unfound = { clientId: '', identity: '' };

/** What is said to a process in one try that is refused. */
const REFUSALS: Readonly<Record<OutageCause, readonly Fact[]>> = {
  podUnknown: [fact.nmi(500, { ...unknown, found: 'notLooked' }), tried(500, 'nmi')],
  notAssigned: [fact.nmi(404, { ...unfound, found: 'none' }), tried(404, 'nmi')],
  stillCreated: [fact.nmi(404, { ...unfound, found: 'Created' }), tried(404, 'nmi')],
  takenForOther: [resolved('default/old'), fact.nmi(404, { ...unfound, found: 'none' }), tried(404, 'nmi')],
  nmiRefused: [fact.nmi(400, { ...unknown, found: 'notLooked' }), tried(400, 'nmi')],
  unreachable: [tried(0, 'kernel')],
  clientTimeout: [tried(-1, '')],
  imdsRefused: [imds(400), tried(400, 'imds')],
  imdsThrottled: [imds(429), fact.nmi(429), tried(429, 'nmi')],
  imdsUpdating: [imds(410), tried(410, 'imds')],
  imdsFailing: [imds(500), fact.nmi(500), tried(500, 'nmi')],
  entraRefused: [tried(401, 'aad')],
  entraFailing: [tried(503, 'aad')],
};

describe.each(OUTAGE_CAUSE_NAMES)('an outage by %s', (cause) => {
  test('lasts from the asking to the token, with the askings that failed', () => {
    const steps = [
      states(1, fact.asked('r')),
      states(4, ...REFUSALS[cause], fact.failed('r')),
      states(2, fact.asked('r')),
      states(3, fact.answered('r')),
    ];
    const { causes, entries, us, failed } = accessOf({ steps }).outage;
    expect(causes.filter((one) => one.us > 0)).toEqual([{ cause, us: 9 * SECOND, failed: 1, pods: 1 }]);
    expect(entries).toMatchObject([
      { pod: 'default/web', identity: 'reader', cause, us: 9 * SECOND, firstUs: SECOND, lastUs: 10 * SECOND },
    ]);
    expect([us, failed]).toEqual([9 * SECOND, 1]);
  });

  test('is none while the token before it still serves', () => {
    const steps = [states(1, fact.asked('r')), states(4, ...REFUSALS[cause], fact.failed('r', { purpose: 'background' })), quiet];
    expect(accessOf({ steps }).outage).toMatchObject({ us: 0, failed: 0, entries: [] });
  });
});

function causesOf(world: World): readonly (readonly [string, number])[] {
  return accessOf(world)
    .outage.causes.filter(({ us }) => us > 0)
    .map(({ cause, us }) => [cause, us / SECOND]);
}

describe('an outage', () => {
  test('is none where a token comes at the end of a wait without a refusal, or after a probe', () => {
    const patient = [states(1, fact.asked('r')), states(80, tried(200, 'nmi'), fact.answered('r'))];
    expect(accessOf({ steps: patient }).outage.us).toBe(0);
    const probing = [states(1, fact.asked('r')), states(1, tried(400, 'nmi', 0)), states(1, tried(200, 'nmi'), fact.answered('r'))];
    expect(accessOf({ steps: probing }).outage.us).toBe(0);
  });

  test('counts each stretch for the refusal that ended it, and the last one to the end of the process', () => {
    const steps = [
      states(1, fact.asked('r')),
      states(4, ...REFUSALS.notAssigned),
      states(2, ...REFUSALS.imdsThrottled),
      states(3, fact.containerEnded('default/web')),
      quiet,
    ];
    const { causes } = accessOf({ steps }).outage;
    expect(causes.filter(({ us }) => us > 0).map(({ cause, us }) => [cause, us / SECOND])).toEqual([
      ['notAssigned', 4],
      ['imdsThrottled', 5],
    ]);
  });

  test('counts a try without an answer for what was in the way of it, moment by moment', () => {
    const steps = [
      states(1, fact.asked('r')),
      writes(4, 'azureAssignedIdentities', { 'default/web-default-reader': assigned('web', 'Created') }),
      writes(5, 'azureAssignedIdentities', { 'default/web-default-reader': assigned('web', 'Assigned') }),
      states(6, { ...imds(500), error: 'AADSTS90033' } as Fact),
      states(7, tried(-1, ''), fact.failed('r')),
      states(0, fact.answered('r')),
    ];
    const fill = { ...base, azureAssignedIdentities: {} };
    expect(causesOf({ fill, steps })).toEqual([
      ['notAssigned', 4],
      ['stillCreated', 5],
      ['entraFailing', 6 + 7],
    ]);
    const failing = [
      states(1, fact.asked('r')),
      states(2, { ...imds(500), error: 'AADSTS90033' } as Fact),
      states(3, tried(-1, ''), fact.answered('r')),
    ];
    expect(causesOf({ steps: failing })).toEqual([['entraFailing', 5]]);
    const taken = [states(1, fact.asked('r')), states(2, resolved('default/old')), states(3, tried(-1, ''), fact.answered('r'))];
    expect(causesOf({ steps: taken })).toEqual([['takenForOther', 5]]);
    const right = [states(1, fact.asked('r')), states(2, resolved('default/web')), states(3, tried(-1, ''), fact.answered('r'))];
    expect(causesOf({ steps: right })).toEqual([['clientTimeout', 5]]);
  });

  test('counts the time after the last refused try for what was in the way then', () => {
    const steps = [
      states(1, fact.asked('r')),
      states(1, ...REFUSALS.podUnknown),
      writes(20, 'azureAssignedIdentities', { 'default/web-default-reader': assigned('web', 'Assigned') }),
      states(2, tried(200, 'nmi'), fact.answered('r')),
    ];
    expect(causesOf({ fill: { ...base, azureAssignedIdentities: {} }, steps })).toEqual([
      ['podUnknown', 1],
      ['notAssigned', 22],
    ]);
  });

  test('is none for a pod that no binding gives the identity any more, from then on', () => {
    const steps = [states(1, fact.asked('r')), states(4, ...REFUSALS.notAssigned), bindingGone, states(3, ...REFUSALS.notAssigned), quiet];
    expect(accessOf({ steps }).outage.us).toBe(4 * SECOND);
    expect(accessOf({ steps: [bindingGone, ...steps] }).outage.us).toBe(0);
  });

  test('that is not over counts to the end of the run', () => {
    expect(accessOf({ steps: [states(1, fact.asked('r')), states(4, ...REFUSALS.unreachable), quiet] }).outage.us).toBe(9 * SECOND);
  });
});
