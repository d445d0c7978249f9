/** Each class of assignment races: found where it is planted, once, with its place; and not found in a world where all goes well. */
import { describe, expect, test } from 'vitest';
import { seconds, ZERO } from '../../src/kernel/time.ts';
import type { Fact } from '../../src/model/facts/index.ts';
import { RACE_CLASSES } from '../../src/scenarios/schema/metric-names.ts';
import type { RaceClass } from '../../src/scenarios/schema/metric-names.ts';
import { assigned, binding, fact, pod, READER, SCALE_SET, scaleSet, settings, settledWorld } from './objects.ts';
import { scriptedRun, states, writes } from './scripted-run.ts';
import type { Filling, Step } from './scripted-run.ts';

const RESOURCE = SCALE_SET.toLowerCase();
const KEY = 'default/web-default-reader';

const worker = (remove: readonly string[]): Fact => ({
  type: 'mic-worker-started',
  replica: 'default/mic-1',
  cycle: 1,
  resource: 'pool',
  add: [],
  remove,
});
const routed = (to: 'nmi' | 'imds', network: 'pod' | 'host' = 'pod'): Fact => ({
  type: 'connection-routed',
  node: 'node-a',
  pod: 'default/web',
  to,
  network,
  request: 'r',
});
const resolved = (as: string): Fact => ({
  type: 'nmi-resolved',
  node: 'node-a',
  request: 'r',
  sender: 'default/web',
  resolved: as,
  isExcepted: false,
});
const leads = (replica: string): Fact => ({ type: 'mic-leading', replica });
const api = (status: number, kind = 'AzureAssignedIdentity'): Fact => ({
  type: 'api-answered',
  client: 'mic/default/mic-1',
  verb: 'update',
  kind,
  status,
});

/** Counts of the classes that occurred. */
function racesIn(
  steps: readonly Step[],
  options: { readonly fill?: Filling; readonly tail?: number } = {},
): Partial<Record<RaceClass, number>> {
  const { races } = scriptedRun(steps, { fill: settledWorld(), ...options }).report();
  return Object.fromEntries(races.filter(({ count }) => count > 0).map(({ race, count }) => [race, count]));
}

describe('a race is found where it happened', () => {
  test('every class is in the report, in the order of the catalogue, with its definition', () => {
    const { races } = scriptedRun([states(1)]).report();
    expect(races.map(({ race, definition }) => [race, definition])).toEqual(Object.entries(RACE_CLASSES));
  });

  test('asked before assigned: an identity still Created, or none yet though a binding selects the pod', () => {
    expect(racesIn([states(1, fact.nmi(404, { found: 'none' }), fact.nmi(200, { found: 'Created' }), fact.nmi(200))])).toEqual({
      askedBeforeAssigned: 2,
    });
    const unselected = { ...settledWorld(), pods: { 'default/web': pod('web', { label: 'nobody' }) } };
    expect(racesIn([states(1, fact.nmi(404, { found: 'none' }))], { fill: unselected })).toEqual({});
  });

  test('stale revision: a conflict counts, except for the lock of an election', () => {
    expect(racesIn([states(1, api(409), api(200), api(409, 'Endpoints'))])).toEqual({ staleRevision: 1 });
    const arm: Fact = {
      type: 'arm-answered',
      client: 'mic/default/mic-1',
      op: 'patchIdentity',
      resource: 'pool',
      status: 412,
      error: 'PreconditionFailed',
      retryAfter: ZERO,
    };
    expect(racesIn([states(1, arm)])).toEqual({ staleRevision: 1 });
  });

  test('removed while in use: MIC had it on its list and a pod needs it', () => {
    const steps = [states(1, worker([READER])), writes(5, 'computeResources', { [RESOURCE]: scaleSet([]) })];
    expect(racesIn(steps)).toEqual({ removedWhileInUse: 1 });
    const { races } = scriptedRun(steps, { fill: settledWorld() }).report();
    expect(races.find(({ race }) => race === 'removedWhileInUse')?.first?.place).toMatchObject({ atUs: 6_000_000, pod: 'default/web' });
  });

  test('removed while in use: also where a release writes no states of assigned identities', () => {
    const steps = [states(1, worker([READER])), writes(5, 'computeResources', { [RESOURCE]: scaleSet([]) })];
    const at = (version: string): Filling => ({
      ...settledWorld(),
      settings: { podIdentity: settings({ version }) },
      azureAssignedIdentities: { [KEY]: assigned('web', '') },
    });
    expect(racesIn(steps, { fill: at('1.4') })).toEqual({ removedWhileInUse: 1 });
    expect(racesIn(steps, { fill: at('1.8.17') }).removedWhileInUse).toBeUndefined();
  });

  test('asked before assigned: a binding in another namespace selects nobody where MIC is told to keep to namespaces', () => {
    const asked = [states(1, fact.nmi(404, { found: 'none' }))];
    const elsewhere = { ...binding(), metadata: { ...binding().metadata, namespace: 'other' } };
    const where = (forceNamespaced: 'yes' | 'no'): Filling => ({
      ...settledWorld(),
      settings: { podIdentity: settings({ forceNamespaced }) },
      azureIdentityBindings: { 'other/reader-binding': elsewhere },
    });
    expect(racesIn(asked, { fill: where('no') })).toEqual({ askedBeforeAssigned: 1 });
    expect(racesIn(asked, { fill: where('yes') })).toEqual({});
  });

  test('lost update: a write that nobody meant took the identity off', () => {
    expect(racesIn([states(1, worker([])), writes(5, 'computeResources', { [RESOURCE]: scaleSet([]) })])).toEqual({ lostUpdate: 1 });
  });

  test('an identity that nobody needs any more is removed without a race', () => {
    const steps = [
      writes(1, 'pods', { 'default/web': pod('web', { deleted: 1 }) }),
      states(1, worker([READER])),
      writes(5, 'computeResources', { [RESOURCE]: scaleSet([]) }),
    ];
    expect(racesIn(steps)).toEqual({});
  });

  test('assigned after gone: the pod was deleted meanwhile', () => {
    const fill = { ...settledWorld(), azureAssignedIdentities: { [KEY]: assigned('web', 'Created') } };
    const confirm = writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Assigned') });
    expect(racesIn([writes(1, 'pods', { 'default/web': undefined }), confirm], { fill })).toEqual({ assignedAfterGone: 1 });
    expect(racesIn([confirm], { fill })).toEqual({});
  });

  test('served other pod: NMI took the sender for somebody else', () => {
    expect(racesIn([states(1, resolved('default/old'), resolved('default/web'), resolved(''))])).toEqual({ servedOtherPod: 1 });
  });

  test('bypassed NMI: from the pod network, in a cluster that has pod identity', () => {
    expect(racesIn([states(1, routed('imds'), routed('nmi'), routed('imds', 'host'))])).toEqual({ bypassedNmi: 1 });
    expect(racesIn([states(1, routed('imds'))], { fill: {} })).toEqual({});
  });

  test('two leaders: unless the other stopped, or its container ended', () => {
    expect(racesIn([states(1, leads('default/mic-1')), states(1, leads('default/mic-2'))])).toEqual({ twoLeaders: 1 });
    const stopped: Fact = { type: 'mic-stopped', replica: 'default/mic-1', reason: 'lost lease' };
    expect(racesIn([states(1, leads('default/mic-1'), stopped), states(1, leads('default/mic-2'))])).toEqual({});
    expect(racesIn([states(1, leads('default/mic-1'), fact.containerEnded('default/mic-1')), states(1, leads('default/mic-2'))])).toEqual(
      {},
    );
  });

  test('stuck assignment: Created for more than ten minutes, or for more than three at the end', () => {
    const fill = { ...settledWorld(), azureAssignedIdentities: {} };
    const create = writes(1, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Created') });
    const confirm = (after: number): Step => writes(after, 'azureAssignedIdentities', { [KEY]: assigned('web', 'Assigned') });
    expect(racesIn([create, confirm(601)], { fill })).toEqual({ stuckAssignment: 1 });
    expect(racesIn([create, confirm(599)], { fill })).toEqual({});
    // The clock of a run goes on as long as something happens: here somebody else's step.
    expect(racesIn([create, states(181)], { fill })).toEqual({ stuckAssignment: 1 });
    expect(racesIn([create, states(179)], { fill })).toEqual({});
  });

  test('the first example keeps its place: event, moment and pod', () => {
    const { races } = scriptedRun([
      states(3, resolved('default/web')),
      states(4, resolved('default/old')),
      states(4, resolved('default/old')),
    ]).report();
    const race = races.find((one) => one.race === 'servedOtherPod');
    expect(race).toMatchObject({ count: 2, examined: 3, first: { place: { event: 2, atUs: seconds(7), pod: 'default/web' } } });
    expect(race?.first?.text).toBe('NMI on node-a took a request of default/web for one of default/old');
  });
});
