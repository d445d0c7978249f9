/** Instances of a scale set. */
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/kernel/time.ts';
import { armLine, computeId, fillCompute, heardOf, runBothWays } from '../../support/platform-world.ts';
import type { PlatformOptions, PlatformRun } from '../../support/platform-world.ts';

const KEY = computeId('vmss', 'set').toLowerCase();
const KNOBS = { 'node.provision': '180s', 'node.provision.failProb': 0, 'node.delete.duration': '90s' };
const NAMES = ['set000000', 'set000001', 'set000002', 'set000003', 'set000004'];

/** A settled scale set `set` of 3 instances. */
function settled(options: PlatformOptions): PlatformRun {
  return runBothWays({
    until: minutes(30),
    ...options,
    knobs: { ...KNOBS, ...options.knobs },
    fill: (sim) => {
      fillCompute(sim, 'vmss', 'set', { capacity: 3 });
      sim.add({ id: 'scale-set/set', kind: 'vmss' }, { type: 'ComputeCreated', resource: KEY, instances: 3, start: 'settled' });
    },
  });
}

function machinesOf(run: PlatformRun): readonly string[] {
  return run.sim
    .table('virtualMachines')
    .by('resource', KEY)
    .map((vm) => vm.name)
    .sort();
}

describe('a scale set', () => {
  it('that is settled has its 3 machines and their IMDS from the start', () => {
    const run = settled({});
    expect(machinesOf(run)).toEqual(NAMES.slice(0, 3));
    expect(run.sim.actors.filter((id) => id.startsWith('imds/'))).toEqual(NAMES.slice(0, 3).map((name) => `imds/${name}`));
  });

  it('scaled out from 3 to 5 makes instances 3 and 4 in 180 s; ARM says Updating until then', () => {
    const run = settled({
      script: [
        armLine(seconds(1), 'scale', { op: 'scaleScaleSet', name: 'set', capacity: 5 }),
        armLine(seconds(100), 'get', { op: 'get', resource: { kind: 'vmss', name: 'set' } }),
        armLine(seconds(300), 'poll', { op: 'pollOperation', operation: 'arm#1' }),
      ],
    });
    const [accepted, during, ended] = heardOf(run, 'ArmResponse');
    expect(accepted).toMatchObject({ status: 202, resource: { capacity: 5, provisioningState: 'Updating' } });
    expect(during?.resource).toMatchObject({ provisioningState: 'Updating' });
    expect(ended).toMatchObject({ operationStatus: 'Succeeded', resource: { provisioningState: 'Succeeded' } });
    expect(machinesOf(run)).toEqual(NAMES);
  });

  it('scaled in from 3 to 1 keeps instance 0', () => {
    const run = settled({ script: [armLine(seconds(1), 'scale', { op: 'scaleScaleSet', name: 'set', capacity: 1 })] });
    expect(machinesOf(run)).toEqual(['set000000']);
    expect(run.sim.actors.filter((id) => id.startsWith('imds/'))).toEqual(['imds/set000000']);
  });

  it('scaled out and back before the machines are there makes none, and later numbers go on from where they were', () => {
    const run = settled({
      script: [
        armLine(seconds(1), 'out', { op: 'scaleScaleSet', name: 'set', capacity: 5 }),
        armLine(seconds(30), 'in', { op: 'scaleScaleSet', name: 'set', capacity: 3 }),
        armLine(seconds(300), 'again', { op: 'scaleScaleSet', name: 'set', capacity: 4 }),
      ],
    });
    expect(machinesOf(run)).toEqual([...NAMES.slice(0, 3), 'set000005']);
  });

  it('loses the named instance, and knows no other', () => {
    const run = settled({
      script: [
        armLine(seconds(1), 'one', { op: 'deleteInstance', scaleSet: 'set', instance: 'set000001' }),
        armLine(seconds(2), 'unknown', { op: 'deleteInstance', scaleSet: 'set', instance: 'set00000z' }),
      ],
    });
    expect(heardOf(run, 'ArmResponse').map(({ status }) => status)).toEqual([202, 404]);
    expect(machinesOf(run)).toEqual(['set000000', 'set000002']);
    expect(run.sim.table('computeResources').get(KEY)?.capacity).toBe(2);
  });

  it('told twice to drop one instance counts it once', () => {
    const drop = armLine(seconds(1), 'one', { op: 'deleteInstance', scaleSet: 'set', instance: 'set000001' });
    const again = armLine(seconds(2), 'again', { op: 'deleteInstance', scaleSet: 'set', instance: 'set000001' });
    const run = settled({ script: [drop, again] });
    expect(heardOf(run, 'ArmResponse').map(({ status }) => status)).toEqual([202, 202]);
    expect(run.sim.table('computeResources').get(KEY)?.capacity).toBe(2);
    expect(machinesOf(run)).toEqual(['set000000', 'set000002']);
  });

  it('deleted takes its machines, its row and itself away', () => {
    const run = settled({ script: [armLine(seconds(1), 'delete', { op: 'deleteResource', resource: { kind: 'vmss', name: 'set' } })] });
    expect(machinesOf(run)).toEqual([]);
    expect(run.sim.table('computeResources').get(KEY)).toBeUndefined();
    expect(run.sim.actors.filter((id) => id.startsWith('imds/') || id.startsWith('scale-set/'))).toEqual([]);
  });

  it('created anew at the moment it is deleted is refused with 409 or made, and never breaks the world', () => {
    const instant = { 'node.delete.duration': '0s', 'arm.write.acceptLatency': '0s' };
    const run = settled({
      knobs: instant,
      script: [
        armLine(seconds(1), 'delete', { op: 'deleteResource', resource: { kind: 'vmss', name: 'set' } }),
        armLine(seconds(1), 'put', { op: 'putScaleSet', name: 'set', instances: 1, systemAssigned: false, identities: [] }),
        armLine(seconds(10), 'again', { op: 'putScaleSet', name: 'set', instances: 1, systemAssigned: false, identities: [] }),
      ],
    });
    expect(machinesOf(run)).toEqual(['set000000']);
  });

  it('created with 2 instances boots both after 180 s, and one whose provisioning fails never appears', () => {
    const create = armLine(seconds(1), 'put', { op: 'putScaleSet', name: 'fresh', instances: 2, systemAssigned: false, identities: [] });
    const fresh = computeId('vmss', 'fresh').toLowerCase();
    const run = settled({ script: [create] });
    expect(
      run.sim
        .table('virtualMachines')
        .by('resource', fresh)
        .map((vm) => vm.name)
        .sort(),
    ).toEqual(['fresh000000', 'fresh000001']);
    const failing = settled({ script: [create], knobs: { 'node.provision.failProb': 1 } });
    expect(failing.sim.table('virtualMachines').by('resource', fresh)).toEqual([]);
  });

  it('refuses more than 1,000 instances with 400', () => {
    const run = settled({ script: [armLine(seconds(1), 'scale', { op: 'scaleScaleSet', name: 'set', capacity: 1001 })] });
    expect(heardOf(run, 'ArmResponse')).toMatchObject([{ status: 400 }]);
  });
});
