/**
 * The cloud clients of the process (§2.3, §2.4): made at its start from azure.json, and made anew when the file is written.
 *
 * Follows pkg/mic/mic.go:NewMICClient and pkg/filewatcher. Not synchronised with a running cycle: a call under way ends with the client
 * it began with, the next one of the same worker takes the new one (W49). The new client remembers no Retry-After. Faithful: the
 * immutability set stays as it was at the start; a file that is replaced by a rename makes no Write event and is not seen; the watcher
 * begins with leadership, so a standby that wins later still signs in as the file said when its process began.
 */
import { cloudConfigNow } from '../../model/cloud-config.ts';
import { isNoticed } from '../../model/file-watch.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { behaves } from '../../model/pod-identity-release/behaves.ts';
import { CLOUD_CONFIG_KEY } from '../../model/settings.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { CloudClient, MicState } from './state.ts';

/** The process begins: reads the file. */
export function readCloudConfig(state: MicState, turn: Turn): void {
  state.ownIdentity = cloudConfigNow(turn).userAssignedIdentityID;
  makeClient(state, turn);
}

/** Somebody changed the file. */
export function onCloudConfigWritten(state: MicState, { how }: MessageOf<'CloudConfigWritten'>, turn: Turn): void {
  const isLeader = state.role === 'leading' || state.role === 'syncing';
  if (!isNoticed(isLeader ? [CLOUD_CONFIG_KEY] : [], { file: CLOUD_CONFIG_KEY, how }) || !behaves(turn, 'micReloadsCloudConfig')) return;
  makeClient(state, turn);
  turn.fact({ type: 'mic-cloud-config-reloaded', replica: turn.self });
}

/** The client that new calls are made with. */
export function presentClient(state: MicState): CloudClient {
  return clientOf(state, state.client);
}

/** A client by its number. Throws for one that was never made: calls come after the start. */
export function clientOf(state: MicState, number: number): CloudClient {
  const client = state.clients[number];
  if (client === undefined) throw new Error(`no cloud client ${String(number)}`);
  return client;
}

function makeClient(state: MicState, turn: Turn): void {
  state.client += 1;
  state.clients[state.client] = {
    config: { ...cloudConfigNow(turn) },
    token: { phase: 'idle', expiresAt: -1, attempt: 0, status: 0, request: '', waiters: [] },
    throttledUntil: {},
  };
  const used = new Set([state.client, ...Object.values(state.tasks).map(({ client }) => client)]);
  for (const number of Object.keys(state.clients).map(Number)) if (!used.has(number)) Reflect.deleteProperty(state.clients, number);
}
