/** Steps and objects that the tests of MIC's weaknesses share. */
import { seconds } from '../../../../src/kernel/time.ts';
import type { Node } from '../../../../src/model/kubernetes.ts';
import type { Cluster, Step } from '../cluster.ts';
import { create, node, pod, remove } from '../objects.ts';
import { QUICK } from '../troubles.ts';

/** MIC, when there is one. */
export const MIC = 'mic/default/mic-0';

/** As {@link QUICK}, with the reconcile pass at its real period. */
export const RECONCILED = { ...QUICK, 'mic.reconcile': '180s' };

/** A pod that concerns nobody: one event, so one more cycle. */
export function nudge(at: number): Step {
  return { at, api: [create(pod(`nudge-${String(at).replace('.', '-')}`, {}))] };
}

/** A pod for the binding of identity `x` is created. */
export function podAt(at: number, name: string, nodeName: string, label = 's'): Step {
  return { at, api: [create(pod(name, { node: nodeName, label }))] };
}

/** A pod goes, at once. */
export function goneAt(at: number, key: string): Step {
  return { at, api: [remove('Pod', `default/${key}`)] };
}

/** MIC's cache of assigned identities stops, or goes on, taking in changes. */
export function cacheAt(at: number, state: 'frozen' | 'flowing', who = MIC): Step {
  return { at, act: (turn) => turn.stall(who, 'azureAssignedIdentities', state) };
}

/** Somebody looks a while at ARM's answer before MIC's PATCHes get there: time for others to write. */
export function patchesLate(at: number, by: number): Step {
  return {
    at,
    act: (turn) =>
      turn.inject({
        id: 'late-patch',
        from: 'mic/*',
        to: 'arm',
        where: { 'call.op': 'patchIdentity' },
        action: { kind: 'delay', by: seconds(by), label: 'other' },
      }),
  };
}

/** A node with a providerID of one's own. */
export function nodeOf(name: string, providerID: string): Node {
  const made = node(name);
  return { ...made, spec: { ...made.spec, providerID } };
}

/** An instance of a scale set as a providerID names it. */
export function instanceOf(scaleSet: string, instance: number, group = 'rg'): string {
  return `azure:///subscriptions/s1/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${scaleSet}/virtualMachines/${String(instance)}`;
}

/** What MIC PATCHed, in order. */
export function patches(
  cluster: Cluster,
): readonly { readonly on: string; readonly type: string; readonly delta: readonly string[] | 'none' }[] {
  return cluster.deliveries.flatMap(({ message, from }) =>
    message.type === 'ArmRequest' && message.call.op === 'patchIdentity' && from.startsWith('mic/')
      ? [
          {
            on: message.call.resource.name,
            type: message.call.identityType,
            delta: message.call.delta?.map(({ id, action }) => `${action} ${id.slice(id.lastIndexOf('/') + 1)}`) ?? ('none' as const),
          },
        ]
      : [],
  );
}

/** How many reconcile passes added something. */
export function repairs(cluster: Cluster): number {
  return cluster.of('mic-reconciled').filter(({ added }) => added > 0).length;
}
