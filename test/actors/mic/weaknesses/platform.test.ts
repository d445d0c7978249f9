/** W45 to W49: what MIC stands on (§7 H of the behaviour of MIC). */
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../../src/kernel/time.ts';
import {
  computeId,
  fillCompute,
  fillIdentity,
  heardOf,
  armLine,
  identityId,
  runBothWays,
  tokenLine,
} from '../../../support/platform-world.ts';
import type { Line, PlatformRun } from '../../../support/platform-world.ts';
import { runCluster, statuses } from '../cluster.ts';
import { BASE, QUICK } from '../troubles.ts';
import { MIC, podAt } from './world.ts';

/** A scale set of two that gets identity `web` at second 10, and tokens asked of both machines. */
function scaleSet(script: readonly Line[], knobs: Readonly<Record<string, string>> = {}): PlatformRun {
  const key = computeId('vmss', 'set').toLowerCase();
  return runBothWays({
    knobs: { 'node.provision': '180s', 'vmss.patch.duration.serverSide': '40s', ...knobs },
    until: minutes(30),
    fill: (sim) => {
      fillCompute(sim, 'vmss', 'set', { capacity: 2 });
      fillIdentity(sim, 'web');
      sim.add({ id: 'scale-set/set', kind: 'vmss' }, { type: 'ComputeCreated', resource: key, instances: 2, start: 'settled' });
    },
    script: [
      armLine(seconds(10), 'assign', { op: 'assignIdentity', resource: { kind: 'vmss', name: 'set' }, identity: identityId('web') }),
      ...script,
    ],
  });
}

const ask = (at: number, machine: string): Line =>
  tokenLine(seconds(at), `${machine}-${String(at)}`, { vm: machine, clientId: 'client-web' });

function answers(run: PlatformRun): Readonly<Record<string, number>> {
  return Object.fromEntries(heardOf(run, 'MetadataResponse').map(({ request, status }) => [request, status]));
}

describe('identities of a scale set', () => {
  it('W45: an identity assigned for a pod on one machine is to be had at the IMDS of every machine of the scale set', () => {
    expect(answers(scaleSet([ask(300, 'set000000'), ask(300, 'set000001')]))).toEqual({ 'set000000-300': 200, 'set000001-300': 200 });
  });

  it('W46: nobody updates the instances, and each IMDS sees the identity when it does, which may be after ARM said Succeeded', () => {
    const early = answers(scaleSet([ask(51, 'set000000'), ask(53, 'set000000')], { 'imds.assign.visibleAt': '1.05' }));
    expect(early).toEqual({ 'set000000-51': 400, 'set000000-53': 200 });
    const poll = armLine(seconds(51), 'poll', { op: 'pollOperation', operation: 'arm#1' });
    const run = scaleSet([poll], { 'imds.assign.visibleAt': '1.05' });
    expect(heardOf(run, 'ArmResponse').at(-1)?.operationStatus).toBe('Succeeded');
  });
});

describe('the process itself', () => {
  it('W47: a sync loop that hangs on ARM answers its liveness probe with 200, and is never restarted', () => {
    const probe = { type: 'Probe', request: 'probe default/mic-0' } as const;
    const cluster = runCluster({
      ...BASE,
      steps: [
        { at: 0.5, act: (turn) => turn.inject({ id: 'void', to: 'arm', action: { kind: 'drop' } }) },
        podAt(1, 'p', 'n1'),
        { at: 2000, act: (turn) => turn.send(MIC, probe) },
      ],
      knobs: QUICK,
      until: 2100,
    });
    expect(statuses(cluster)).toEqual(['p-default-x Created']);
    expect(cluster.of('mic-worker-ended')).toEqual([]);
    expect(
      cluster.deliveries.some(({ message }) => message.type === 'ProbeAnswer' && message.status === 200 && message.body === 'Active'),
    ).toBe(true);
    expect(cluster.of('mic-stopped')).toEqual([]);
  });
});
