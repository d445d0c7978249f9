/** What it means that an actor's own timer came due, or that something reached it without a sender. */
import type { Message, MessageOf, MessageType } from '../../../model/messages/index.ts';
import type { SpokenType } from '../../export/message-words.ts';

/** Everything that nobody says to anybody. */
type OwnType = Exclude<MessageType, SpokenType>;

/** `who`: the actor in words. */
type Words = { readonly [T in OwnType]: (message: MessageOf<T>, who: string) => string };

const OWN: Words = {
  StoryDue: () => 'the story went on',
  Start: () => 'the world began',
  WatchEvent: ({ table, key, change }, who) => `${who} heard by its watch of ${table} that ${key} was ${change}`,
  LoopDue: (_, who) => `the loop of ${who} looked for its next piece of work`,
  WorkerDue: ({ resource }, who) => `the worker of ${who} for ${resource} began`,
  ArmStepDue: (_, who) => `the Azure SDK of ${who} went on: the next poll, or the next try`,
  MicListDue: ({ kind }, who) => `${who} asked again for its first list of ${kind}`,
  ApiRepeatDue: (_, who) => `the wait that the API server had asked of ${who} was over`,
  MicCrashDue: (_, who) => `${who} crashed by chance`,
  MicTokenDue: (_, who) => `${who} needed a new token for ARM`,
  CloudConfigWritten: (_, who) => `azure.json of the node of ${who} was written`,
  ReconcileDue: (_, who) => `the reconcile timer of ${who} came due`,
  PeriodicSyncDue: (_, who) => `the periodic sync of ${who} came due`,
  ResyncDue: ({ table }, who) => `the informer of ${who} for ${table} resynced`,
  LeaseDue: (_, who) => `${who} tried for its lock, or to renew it`,
  RenewDeadlineDue: (_, who) => `the time in which ${who} must renew its lock was over`,
  CachesSynced: (_, who) => `the caches of ${who} were filled`,
  MicStarted: (_, who) => `${who} began`,
  OperationDue: (_, who) => `the operation on the VM or scale set ended at ${who}`,
  CallDue: (_, who) => `${who} had looked at the call`,
  IdentityPollDue: (_, who) => `${who} looked again for an AzureAssignedIdentity of the pod`,
  PodLookupDue: (_, who) => `${who} looked again for the pod that has the address`,
  UpstreamRetryDue: (_, who) => `the wait of ${who} before it asks IMDS again was over`,
  UpstreamTimeoutDue: (_, who) => `the time-out of ${who} for IMDS came first`,
  LookupTimeoutDue: (_, who) => `the time-out of ${who} for MIC came first`,
  NmiStepDue: ({ step }, who) => `${who} ${NMI_STEPS[step]}`,
  NmiStarted: (_, who) => `${who} began`,
  RulesCheckDue: (_, who) => `${who} looked after its iptables rules`,
  RulesWritten: (_, who) => `${who} had written the chain`,
  FlowCheckDue: (_, who) => `${who} looked after old connections`,
  LockFreeDue: (_, who) => `the lock of xtables was free again (${who})`,
  ConnectionClosed: (_, who) => `${who} heard that the client had hung up`,
  PodStepDue: ({ pod, step }, who) => `${who}: ${pod} ${POD_STEPS[step]}`,
  BackoffDue: ({ pod }, who) => `${who}: the back-off of ${pod} was over`,
  VolumeStepDue: ({ pod, volume, step }, who) => volumeSentence(step, { pod, volume, who }),
  NodeStepDue: ({ node, step }, who) => `${who}: the next step of node ${node} (${step})`,
  NodeBooted: ({ node }) => `the machine of ${node} had booted`,
  NodeFailureDue: (_, who) => `the machine of ${who} failed`,
  RebootOver: () => 'the reboot was over',
  ScheduleDue: ({ pod }, who) => `${who} had chosen a node for ${pod}`,
  ControllerDue: ({ kind, key }, who) => `${who} compared what ${kind} ${key} wants with what is there`,
  AdmissionDue: (_, who) => `${who} had heard from the webhook, or waited for it in vain`,
  EventsExpired: (_, who) => `${who} forgot old Events`,
  InstanceDue: ({ instance, step }) => (step === 'deleted' ? `instance ${instance} was deleted` : `instance ${instance} was provisioned`),
  ScanDue: (_, who) => `${who} looked at its pools`,
  ScaleDue: ({ resource, capacity }, who) => `${who} had decided on ${String(capacity)} instances of ${resource}`,
  DrainDue: ({ node }, who) => `${who} looked whether ${node} is empty`,
  ExternalJobDue: (_, who) => `${who} went on with its job`,
  SpotEvictionDue: ({ node }) => `the notice of the spot VM ${node} was over`,
  StallOver: () => 'a stalled watch ended with its time-out',
  ProxyStarted: (_, who) => `${who} serves from now on`,
  WorkloadStarted: (_, who) => `the application in ${who} began`,
  UseDue: (_, who) => `the application in ${who} needed its service again`,
  RetryDue: (_, who) => `the wait of ${who} before its next try was over`,
  TryTimeoutDue: (_, who) => `the client’s own time-out came first (${who})`,
  CredentialRollDue: () => 'a credential of a managed identity fell due',
  JwksTimeoutDue: () => 'Entra had waited in vain for the keys of the issuer',
  SecretCareDue: ({ step }) => `somebody saw to a client secret: ${step}`,
  PurgeDue: () => 'the time of a soft-deleted principal was over',
  OutageDue: () => 'an outage of Entra began',
};

const NMI_STEPS: Readonly<Record<MessageOf<'NmiStepDue'>['step'], string>> = {
  list: 'asked again for its first lists',
  synced: 'had its caches filled',
  rules: 'wrote its iptables rules',
  crash: 'crashed by chance',
  drained: 'had served for its last seconds and ended',
};

const POD_STEPS: Readonly<Record<MessageOf<'PodStepDue'>['step'], string>> = {
  pull: 'has its image',
  start: 'has its image and can start',
  publishIp: 'has an IP that can be published',
  ready: 'is ready',
  kill: 'had its grace period, which is over',
  finish: 'is finished',
  restart: 'is started again',
  complete: 'has run to its end',
  sync: 'is to be reported again',
  probe: 'is to be probed',
  probeTimeout: 'did not answer its probe in time',
  proxy: 'has its proxy sidecar',
};

/** What an event of an actor's own means, without a full stop; undefined for what somebody says to somebody. */
export function timerSentence(message: Message, who: string): string | undefined {
  if (!Object.hasOwn(OWN, message.type)) return undefined;
  return (OWN[message.type as OwnType] as (message: Message, who: string) => string)(message, who);
}

function volumeSentence(
  step: MessageOf<'VolumeStepDue'>['step'],
  { pod, volume, who }: { readonly pod: string; readonly volume: string; readonly who: string },
): string {
  switch (step) {
    case 'try':
      return `${who} tried to set up volume ${volume} of ${pod}`;
    case 'timeout':
      return `${who} gave up the set-up of volume ${volume} of ${pod}`;
    case 'expire':
      return `${who} complained that the volumes of ${pod} are not there`;
    case 'sync':
      return `${who} waited again for the volumes of ${pod}`;
  }
}
