/**
 * The plug-in of a node that fills volumes from key vaults: the CSI driver of the secrets store with its Azure provider, or the FlexVolume
 * before it.
 *
 *   VolumeSetUp ─► SecretProviderClass ─► NMI /host/token/ (podns, podname) ─200─► vault ─200─► done
 *                        │ none                 │ other                             │ other
 *                        └──────────────────────┴───────────────────────────────────┴─► error, which the kubelet tries again
 *
 * Follows Azure/secrets-store-csi-driver-provider-azure `pkg/auth` and Azure/kubernetes-keyvault-flexvol: one request to NMI, without
 * retries and without a time-out of its own. Simplified: it is always there, takes no time of its own, reads one secret, and gets at a
 * vault without pod identity at once.
 */
import { keyIn } from '../../model/kubernetes.ts';
import type { VaultSource, VaultVolume } from '../../model/vault-volume.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { defineActor } from '../../model/vocabulary.ts';
import type { Turn } from '../../model/vocabulary.ts';

/** A volume being set up. */
interface SetUp {
  readonly pod: string;
  readonly vault: string;
  readonly replyTo: string;
}

/** Slice of a plug-in. */
export interface VolumePluginState {
  /** What is under way, by request -- changes. */
  open: Record<string, SetUp>;
}

/** What it can be told. */
export type VolumePluginInbox = MessageOf<'Start' | 'VolumeSetUp' | 'VolumeSetUpGivenUp' | 'MetadataResponse' | 'ServiceResponse'>;

/** Address of the node as its own processes have it; a vault sees it as the caller. */
const NODE_IP = '10.0.0.4';
const VAULT_AUDIENCE = 'https://vault.azure.net';
const SECRET = '/secret';

/** The actor `volume-plugin/<node>`. */
export const volumePlugin = defineActor<VolumePluginState, VolumePluginInbox>({
  kind: 'volume-plugin',
  initial: () => ({ open: {} }),
  handlers: {
    Start: (_state, _message, turn) => {
      turn.watch('secretProviderClasses');
    },
    VolumeSetUp: onVolumeSetUp,
    VolumeSetUpGivenUp: (state, { request }, turn) => {
      if (state.open[request] === undefined) return;
      delete state.open[request];
      turn.send(gatewayOf(turn), { type: 'ConnectionClosed', request });
    },
    MetadataResponse: onMetadataResponse,
    ServiceResponse: (state, { request, status }, turn) => {
      end(state, request.slice(0, -SECRET.length), status === 200 ? '' : `the vault answered ${String(status)}`, turn);
    },
  },
});

function onVolumeSetUp(state: VolumePluginState, { request, pod, volume }: MessageOf<'VolumeSetUp'>, turn: Turn): void {
  const source = sourceOf(pod, volume, turn);
  state.open[request] = { pod, vault: source?.vault ?? '', replyTo: turn.from };
  if (source?.usesPodIdentity !== true) {
    end(state, request, source === undefined ? 'there is no such SecretProviderClass' : '', turn);
    return;
  }
  const [podns = '', podname = ''] = pod.split('/');
  turn.send(
    gatewayOf(turn),
    {
      type: 'MetadataRequest',
      request,
      call: { method: 'GET', path: '/host/token/', query: { resource: VAULT_AUDIENCE }, podHeaders: { podns, podname } },
      sourceIP: '127.0.0.1',
      replyTo: turn.self,
      sender: pod,
      network: 'host',
      to: 'nmi',
      connection: '',
    },
    { ifAbsent: { type: 'MetadataResponse', request, status: 0, servedBy: 'kernel' } },
  );
}

function sourceOf(pod: string, volume: VaultVolume, turn: Turn): VaultSource | undefined {
  if (volume.driver === 'azure/kv') return volume.options;
  const [namespace = ''] = pod.split('/');
  return turn.informer('secretProviderClasses').get(keyIn(namespace, volume.secretProviderClass))?.spec;
}

function onMetadataResponse(state: VolumePluginState, { request, status, body }: MessageOf<'MetadataResponse'>, turn: Turn): void {
  const open = state.open[request];
  if (open === undefined) return;
  if (status !== 200 || body === undefined) {
    end(state, request, status === 0 ? 'NMI could not be reached' : `NMI answered ${String(status)}`, turn);
    return;
  }
  const secret = `${request}${SECRET}`;
  turn.send(
    `service/${open.vault}`,
    { type: 'ServiceRequest', request: secret, operation: 'getSecret', token: { ...body.token }, sender: open.pod, callerIP: NODE_IP },
    { ifAbsent: { type: 'ServiceResponse', request: secret, status: 0 } },
  );
}

function end(state: VolumePluginState, request: string, error: string, turn: Turn): void {
  const open = state.open[request];
  if (open === undefined) return;
  delete state.open[request];
  turn.send(open.replyTo, { type: 'VolumeSetUpDone', request, error });
}

/** The node's kernel, through which even a connection to the node itself goes. */
function gatewayOf(turn: Turn): string {
  return `iptables/${turn.self.slice('volume-plugin/'.length)}`;
}
