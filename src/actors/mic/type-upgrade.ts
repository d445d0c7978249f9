/**
 * The type upgrade of a new leader (§6.4), one call after the other:
 *
 *   GET ConfigMap ─► key there? ─yes─► done       no ConfigMap: POST it empty
 *        └─no─► each kind: LIST, then PUT of every object as it is ─► assigned identities with the fresh copies ─► PUT the key
 *
 * Follows pkg/mic/mic.go:UpgradeTypeIfRequired and pkg/crd/crd.go:UpgradeAll. Any error ends the process, and that of every candidate
 * after it (W39).
 *
 * Simplified: releases before 1.6.0, which knew no type upgrade, make it as well.
 */
import type { AzureAssignedIdentity, ConfigMap, KubernetesObject } from '../../model/kubernetes.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { UPGRADED_KINDS } from '../../model/mic/startup.ts';
import { installedRelease } from '../../model/pod-identity-release/behaves.ts';
import { TABLE_OF_KIND } from '../../model/tables.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { callApi } from './api-calls.ts';
import { endProcess } from './process.ts';
import type { MicState } from './state.ts';

/** Whether the informers may start. */
export type UpgradeOutcome = 'done' | 'upgrading';

/** Exit code of a fatal log line. */
const FATAL = 255;

/** Begins the upgrade; over at once where the flag says so. */
export function beginUpgrade(state: MicState, turn: Turn): UpgradeOutcome {
  if (!turn.knob('mic.typeUpgrade.enabled')) return 'done';
  ask(state, 'marker', { verb: 'get', kind: 'ConfigMap', key: markerKey(state, turn) }, turn);
  return 'upgrading';
}

/** One call of the upgrade was answered. */
export function onUpgradeAnswer(state: MicState, answer: MessageOf<'ApiResponse'>, turn: Turn): UpgradeOutcome {
  const { upgrade } = state.startup;
  if (upgrade === undefined) return 'upgrading';
  const isOk = answer.status >= 200 && answer.status < 300;
  if (upgrade.step === 'marker' && answer.status === 404) {
    ask(state, 'making', { verb: 'create', object: markerObject(state, {}, turn) }, turn);
    return 'upgrading';
  }
  if (!isOk) return failed(state, answer, turn);
  switch (upgrade.step) {
    case 'marker':
      if (answer.object?.kind === 'ConfigMap' && Object.hasOwn(answer.object.data, turn.knob('mic.typeUpgrade.key'))) return end(state);
      listNext(state, turn);
      return 'upgrading';
    case 'making':
      listNext(state, turn);
      return 'upgrading';
    case 'listing':
      upgrade.at = 0;
      upgrade.objects = (answer.objects ?? []).map((object) => ({ key: keyOf(object), version: object.metadata.resourceVersion }));
      return writeNext(state, turn);
    case 'writing':
      return writeNext(state, turn);
    case 'marking':
      return end(state);
  }
}

function end(state: MicState): UpgradeOutcome {
  state.startup.upgrade = undefined;
  return 'done';
}

function failed(state: MicState, answer: Pick<MessageOf<'ApiResponse'>, 'status' | 'reason'>, turn: Turn): UpgradeOutcome {
  const why = answer.reason ?? `status ${String(answer.status)}`;
  endProcess(state, { code: FATAL, reason: `type upgrade failed: ${why}` }, turn);
  return 'upgrading';
}

function ask(state: MicState, step: NonNullable<MicState['startup']['upgrade']>['step'], call: ApiCall, turn: Turn): void {
  const { upgrade } = state.startup;
  if (upgrade === undefined) state.startup.upgrade = { step, kind: 0, objects: [], at: 0 };
  else upgrade.step = step;
  const client = step === 'listing' || step === 'writing' ? 'crd' : 'core';
  callApi(state, client, call, { part: 'upgrade' }, turn);
}

function listNext(state: MicState, turn: Turn): void {
  const kind = UPGRADED_KINDS[state.startup.upgrade?.kind ?? 0];
  if (kind === undefined) {
    const marked = markerObject(state, { [turn.knob('mic.typeUpgrade.key')]: installedRelease(turn) }, turn);
    ask(state, 'marking', { verb: 'update', object: marked }, turn);
    return;
  }
  ask(state, 'listing', { verb: 'list', kind }, turn);
}

/** Writes the next object back, or goes on to the next kind. */
function writeNext(state: MicState, turn: Turn): UpgradeOutcome {
  const { upgrade } = state.startup;
  if (upgrade === undefined) return 'upgrading';
  const kind = UPGRADED_KINDS[upgrade.kind];
  const next = upgrade.objects[upgrade.at];
  if (kind === undefined || next === undefined) {
    upgrade.kind += 1;
    listNext(state, turn);
    return 'upgrading';
  }
  upgrade.at += 1;
  const stored = turn.table(TABLE_OF_KIND[kind]).get(next.key) as KubernetesObject | undefined;
  // What was deleted since the list cannot be written back: the server would answer 404.
  if (stored === undefined) return failed(state, { status: 404, reason: `NotFound: ${kind} ${next.key}` }, turn);
  const listed = { ...stored, metadata: { ...stored.metadata, resourceVersion: next.version } };
  ask(state, 'writing', { verb: 'update', object: listed.kind === 'AzureAssignedIdentity' ? refreshed(listed, turn) : listed }, turn);
  return 'upgrading';
}

/** An assigned identity with the copies that were just written, so that no cycle takes it for changed. */
function refreshed(assigned: AzureAssignedIdentity, turn: Turn): AzureAssignedIdentity {
  const { azureIdentityRef, azureBindingRef } = assigned.spec;
  const identity = turn.table('azureIdentities').get(keyOf(azureIdentityRef)) ?? azureIdentityRef;
  const binding = turn.table('azureIdentityBindings').get(keyOf(azureBindingRef)) ?? azureBindingRef;
  return { ...assigned, spec: { ...assigned.spec, azureIdentityRef: identity, azureBindingRef: binding } };
}

/** In the namespace of MIC's own pod (env MIC_POD_NAMESPACE). */
function markerKey(state: MicState, turn: Turn): string {
  return `${namespaceOf(state)}/${turn.knob('mic.typeUpgrade.configMap')}`;
}

function markerObject(state: MicState, data: Readonly<Record<string, string>>, turn: Turn): ConfigMap {
  const name = turn.knob('mic.typeUpgrade.configMap');
  const rest = { uid: '', resourceVersion: '', labels: {}, annotations: {}, finalizers: [], ownerReferences: [] };
  return { kind: 'ConfigMap', metadata: { name, namespace: namespaceOf(state), ...rest }, data };
}

function namespaceOf(state: MicState): string {
  return state.pod.split('/')[0] ?? '';
}
