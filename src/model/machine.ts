/** What comes to life with a machine: its IMDS, its applications, and, in a cluster, its netfilter and its kubelet. */
import { noRules } from './iptables-rules.ts';
import { nodeProviderId } from './provider-id.ts';
import type { VirtualMachine } from './cluster-rows.ts';
import type { Turn } from './vocabulary.ts';

/** A machine that has just booted for the first time, that was there before the world began (`settled`), or that was rebooted (`again`). */
export interface Machine extends VirtualMachine {
  /** Name of the VM or scale set as ARM spells it. */
  readonly resourceName: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  readonly start: 'settled' | 'cold' | 'again';
}

/** Writes the machine down and brings its actors to life. Called by whoever makes machines: ARM for VMs, a scale set for its instances. */
export function bootMachine(turn: Turn, machine: Machine): void {
  const { name, resource, resourceKind, node, start } = machine;
  turn.table('virtualMachines').put(name, { name, resource, resourceKind, node });
  turn.spawn(
    { id: `imds/${name}`, kind: 'imds' },
    { type: 'ComputeCreated', resource, instances: 1, start: start === 'settled' ? start : 'cold' },
  );
  power(turn, machine);
}

/** Reboots a machine, unless it is being rebooted. One that is gone stays away. */
export function rebootMachine(turn: Turn, name: string): void {
  const id = `reboot/${name}`;
  if (turn.table('virtualMachines').get(name) === undefined || turn.isAlive(id)) return;
  turn.spawn({ id, kind: 'reboot' }, { type: 'RebootWanted', vm: name });
}

/** Everything on a machine ends at once, and what was in its memory is gone; its disk, its identities and its IMDS stay. */
export function haltMachine(turn: Turn, name: string): void {
  const vm = turn.table('virtualMachines').get(name);
  if (vm === undefined) return;
  for (const workload of turn.table('workloads').all()) if (workload.on !== undefined) turn.stop(`app/${name}/${workload.name}`);
  if (vm.node === '') return;
  // A machine that was paused is paused no longer.
  turn.freeze(`kubelet/${vm.node}`, 'running');
  turn.send(`kubelet/${vm.node}`, { type: 'NodeLost', how: 'down' });
  turn.table('nodeRules').put(vm.node, noRules(vm.node));
}

/** A halted machine boots again; nothing happens where it is gone, or was never halted. */
export function restartMachine(turn: Turn, name: string): void {
  const vm = turn.table('virtualMachines').get(name);
  const row = turn.table('computeResources').get(vm?.resource ?? '');
  if (vm === undefined || row === undefined || turn.isAlive(`kubelet/${vm.node}`)) return;
  const { id, resourceGroup } = row;
  power(turn, { ...vm, resourceName: row.name, resourceGroup, subscription: id.split('/')[2] ?? '', start: 'again' });
}

/** Ends what lives on a machine and forgets it. The pods of a lost node stay in the API until someone removes them. */
export function endMachine(turn: Turn, name: string): void {
  const vm = turn.table('virtualMachines').get(name);
  if (vm === undefined) return;
  turn.table('virtualMachines').delete(name);
  turn.stop(`imds/${name}`);
  for (const workload of turn.table('workloads').all()) if (workload.on !== undefined) turn.stop(`app/${name}/${workload.name}`);
  // The kubelet ends its own pods and itself: only it knows what runs.
  if (vm.node !== '') turn.send(`kubelet/${vm.node}`, { type: 'NodeLost' });
}

function power(turn: Turn, machine: Machine): void {
  const { name, resource, resourceKind, node, start } = machine;
  if (node !== '') {
    const pool = turn.table('nodePools').get(resource)?.pool ?? '';
    turn.spawn({ id: `iptables/${node}`, kind: 'iptables' }, { type: 'Start' });
    turn.spawn(
      { id: `kubelet/${node}`, kind: 'kubelet' },
      { type: 'NodeBooted', node, vm: name, pool, providerID: nodeProviderId(machine), start },
    );
  }
  for (const workload of turn.table('workloads').all()) {
    if (workload.on?.kind !== resourceKind || workload.on.name !== machine.resourceName) continue;
    turn.spawn(
      { id: `app/${name}/${workload.name}`, kind: 'pod' },
      {
        type: 'WorkloadStarted',
        workload: workload.name,
        place: { pod: '', podUid: '', node: name, gateway: `imds/${name}`, ip: '10.0.0.4', network: 'host', startedAt: turn.now },
      },
    );
  }
}
