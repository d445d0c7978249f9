/** Identities that are deleted, and made again, while a scale set refers to them; and operations that are accepted and fail. */
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/kernel/time.ts';
import type { Overrides } from '../../../src/model/calibration/index.ts';
import type { ArmCall } from '../../../src/model/messages/arm.ts';
import {
  armLine,
  computeId,
  factsOf,
  fillCompute,
  fillIdentity,
  heardOf,
  identityId,
  runBothWays,
  tokenLine,
} from '../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../support/platform-world.ts';

const BOX = { kind: 'vm', name: 'box' } as const;
const KEY = computeId('vm', 'box').toLowerCase();
const assign = (name: string): ArmCall => ({ op: 'assignIdentity', resource: BOX, identity: identityId(name) });
const unassign = (name: string): ArmCall => ({ op: 'unassignIdentity', resource: BOX, identity: identityId(name) });

function run(script: readonly Line[], knobs: Overrides = {}): PlatformRun {
  return runBothWays({
    knobs: {
      'mi.uami.createLatency': '4s',
      'mi.sp.missProbDuringReplication': 'never',
      'node.provision': '60s',
      'imds.staleIdentityBug.prob': 0,
      ...knobs,
    },
    script: [armLine(seconds(1), 'box', { op: 'putVm', name: 'box', systemAssigned: false, identities: [] }), ...script],
    until: minutes(60),
    fill: (sim) => {
      for (const name of ['a', 'b']) fillIdentity(sim, name);
    },
  });
}

describe('an identity made again under the name of one that hangs on a VM', () => {
  const remade = [
    armLine(minutes(5), 'assign', assign('a')),
    armLine(minutes(10), 'delete', { op: 'deleteIdentity', id: identityId('a') }),
    armLine(minutes(12), 'again', { op: 'putIdentity', name: 'a', resourceGroup: 'rg', clientId: 'client-new' }),
    tokenLine(minutes(20), 'ask', { vm: 'box', clientId: 'client-new' }),
  ];
  const statuses = (of: PlatformRun): readonly unknown[] => heardOf(of, 'MetadataResponse').map(({ status }) => status);

  it('is not found at IMDS, though ARM shows its name there; a fact names the culprit', () => {
    const story = run(remade);
    expect(story.sim.table('computeResources').get(KEY)?.userAssigned).toEqual([identityId('a')]);
    expect(statuses(story)).toEqual([400]);
    expect(factsOf(story, 'identity-reference-stale')).toMatchObject([{ resource: KEY, identity: identityId('a').toLowerCase() }]);
  });

  it('stays dead through writes that keep it', () => {
    expect(statuses(run([...remade.slice(0, 3), armLine(minutes(15), 'other', assign('b')), ...remade.slice(3)]))).toEqual([400]);
  });

  it.each([
    ['one after the other', 17],
    ['the second cutting the first off', 15.05],
  ])('works after it was taken off and put on again, %s', (_how, at) => {
    const renewed = [armLine(minutes(15), 'off', unassign('a')), armLine(minutes(at), 'on', assign('a'))];
    expect(statuses(run([...remade.slice(0, 3), ...renewed, ...remade.slice(3)]))).toEqual([200]);
  });
});

describe('an operation that fails', () => {
  const poll = armLine(minutes(6), 'poll', { op: 'pollOperation', operation: 'arm#2' });
  const get = armLine(minutes(6.1), 'get', { op: 'get', resource: BOX });

  it('for a missing identity noticed late is polled as Failed with that error, and leaves the VM as it was, in state Failed', () => {
    const story = run([armLine(minutes(5), 'assign', assign('gone')), poll, get], { 'mi.assign.checkedAt': 'operation' });
    const [, accepted, polled, read] = heardOf(story, 'ArmResponse');
    expect(accepted).toMatchObject({ status: 202 });
    expect(polled).toMatchObject({ status: 200, operationStatus: 'Failed', error: { code: 'FailedIdentityOperation' } });
    expect(read?.resource).toMatchObject({ provisioningState: 'Failed', userAssigned: [] });
  });

  it('by chance gives the identity to nobody, and the next that succeeds heals the VM', () => {
    const knobs = { 'vmss.operation.failProb': 1 };
    const failed = run(
      [armLine(minutes(5), 'assign', assign('a')), tokenLine(minutes(7), 'ask', { vm: 'box', clientId: 'client-a' })],
      knobs,
    );
    expect(factsOf(failed, 'arm-operation-ended').at(-1)).toMatchObject({ outcome: 'Failed', added: [identityId('a')] });
    expect(heardOf(failed, 'MetadataResponse').map(({ status }) => status)).toEqual([400]);
    const healed = run([armLine(minutes(5), 'bad', assign('gone')), armLine(minutes(7), 'good', assign('a'))], {
      'mi.assign.checkedAt': 'operation',
    });
    expect(healed.sim.table('computeResources').get(KEY)).toMatchObject({
      provisioningState: 'Succeeded',
      userAssigned: [identityId('a')],
    });
  });
});

describe('the time of a PATCH of a scale set', () => {
  it('comes from the server-side figure, or from the client-side one less half a poll', () => {
    const took = (knobs: Overrides): unknown => {
      const story = runBothWays({
        knobs: { 'vmss.patch.duration': '60s', ...knobs },
        script: [
          armLine(seconds(1), 'assign', { op: 'assignIdentity', resource: { kind: 'vmss', name: 'pool' }, identity: identityId('a') }),
        ],
        fill: (sim) => {
          fillCompute(sim, 'vmss', 'pool');
          fillIdentity(sim, 'a');
        },
      });
      return factsOf(story, 'arm-operation-ended')[0]?.took;
    };
    expect([took({}), took({ 'vmss.patch.basis': 'clientSide' })]).toEqual([seconds(35), seconds(57.5)]);
  });
});
