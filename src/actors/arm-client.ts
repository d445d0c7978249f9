/**
 * A client of ARM that is not MIC: the resource provider of AKS, Terraform, `az` or the portal, or any other. One instance per job.
 *
 *   admitting (agent pool) ─► reading ─► pausing (the gap) ─► writing ─► done       412: reads again
 *   sending ─(every)─► sending … ─► done                                            409, 429, 5xx: the same call again, after Retry-After
 *
 * Follows what such writers did to pods behind MIC's back (incidents 8 and 14): a PUT of the whole model with the writer's own list, or a
 * PATCH made from what was read some time ago.
 * Simplified: nobody polls the operation that a write begins; AKS writes the scale set of a pool once, however it upgrades its nodes.
 */
import { seconds } from '../kernel/time.ts';
import type { ComputeResource } from '../model/azure.ts';
import type { ExternalJob } from '../model/external-writer.ts';
import type { ArmCall } from '../model/messages/arm.ts';
import type { MessageOf } from '../model/messages/index.ts';
import { hasSystemAssigned, includesId, patchRemoving } from '../model/resource-identity.ts';
import { defineActor } from '../model/vocabulary.ts';
import type { Turn } from '../model/vocabulary.ts';

/** Slice of such a client. */
interface ArmClientState {
  /** Calls sent so far; the number of the last is the id of its request -- changes. */
  sent: number;
  phase: 'idle' | 'admitting' | 'reading' | 'pausing' | 'writing' | 'sending' | 'done';
  /** What it has read; a list of its own -- changes. */
  read: { identities: string[]; system: 'enabled' | 'disabled'; capacity: number; generation: number };
}

type Inbox = MessageOf<'ExternalJobGiven' | 'ExternalJobDue' | 'ArmResponse'>;

/** Wait before a refused call is tried again where ARM names none. */
const RETRY_WAIT = seconds(5);

/** A client of ARM with one job. */
export const armClient = defineActor<ArmClientState, Inbox>({
  kind: 'arm-client',
  initial: () => ({ sent: 0, phase: 'idle', read: { identities: [], system: 'disabled', capacity: 0, generation: 0 } }),
  handlers: {
    ExternalJobGiven: (state, { job }, turn) => {
      state.phase = job.kind === 'traffic' ? 'sending' : job.kind === 'replace' && job.pool !== undefined ? 'admitting' : 'reading';
      send(state, job, turn);
    },
    ExternalJobDue: (state, { job }, turn) => {
      if (state.phase === 'pausing') state.phase = 'writing';
      send(state, job, turn);
    },
    ArmResponse: onArmResponse,
  },
});

function onArmResponse(state: ArmClientState, message: MessageOf<'ArmResponse'>, turn: Turn): void {
  if (message.request !== requestOf(state, turn) || state.phase === 'sending') return;
  const job = jobOf(turn);
  if (job === undefined) return;
  const { status, retryAfter, resource } = message;
  if (status === 409 || status === 429 || status >= 500) {
    turn.setTimer('job', retryAfter ?? RETRY_WAIT, { type: 'ExternalJobDue', job }, { label: 'arm' });
    return;
  }
  const next = nextPhase(state, status);
  state.phase = next;
  if (next === 'pausing' && resource !== undefined && job.kind !== 'traffic') {
    state.read = readFrom(resource);
    turn.setTimer('job', job.gap, { type: 'ExternalJobDue', job }, { label: 'arm' });
  } else if (next !== 'done') send(state, job, turn);
  else turn.stop(turn.self);
}

/** Phase after an answer that is not tried again. A refusal ends the job, except that of a write from a stale read. */
function nextPhase(state: ArmClientState, status: number): ArmClientState['phase'] {
  if (state.phase === 'writing' && status === 412) return 'reading';
  if (status >= 400 || state.phase === 'writing') return 'done';
  return state.phase === 'admitting' ? 'reading' : 'pausing';
}

/** The job stands in the story; its number is the last part of this actor's id. */
function jobOf(turn: Turn): ExternalJob | undefined {
  const [step = '', n = ''] = turn.self.split('/').slice(-2);
  const action = turn.table('story').get(step)?.actions[Number(n)];
  return action?.kind === 'external' ? action.job : undefined;
}

function send(state: ArmClientState, job: ExternalJob, turn: Turn): void {
  state.sent += 1;
  turn.send('arm', { type: 'ArmRequest', request: requestOf(state, turn), call: callOf(state, job) });
  if (job.kind !== 'traffic') return;
  if (state.sent < job.calls) turn.setTimer('job', job.every, { type: 'ExternalJobDue', job }, { label: 'idle' });
}

function requestOf(state: ArmClientState, turn: Turn): string {
  return `${turn.self}#${String(state.sent)}`;
}

function callOf(state: ArmClientState, job: ExternalJob): ArmCall {
  if (job.kind === 'traffic') return job.call;
  const { resource } = job;
  if (state.phase === 'admitting' && job.kind === 'replace' && job.pool !== undefined) return { op: 'putAgentPool', pool: job.pool };
  if (state.phase === 'reading') return { op: 'get', resource };
  return job.kind === 'edit' ? editCall(state, job) : replaceCall(state, job);
}

/** Faithful: all that was read is in the body, so what another has removed meanwhile comes back. */
function editCall({ read }: ArmClientState, job: Extract<ExternalJob, { kind: 'edit' }>): ArmCall {
  const { resource, identity, action } = job;
  const ifMatch = read.generation;
  const hasIt = read.system === 'enabled';
  if (action === 'remove') {
    const patch = patchRemoving(
      { identityType: hasIt ? 'SystemAssigned, UserAssigned' : 'UserAssigned', userAssigned: [...read.identities] },
      identity,
    );
    return { op: 'patchIdentity', resource, ...patch, ifMatch };
  }
  const ids = includesId(read.identities, identity) ? [...read.identities] : [...read.identities, identity];
  const delta = ids.map((id) => ({ id, action: 'add' as const }));
  return { op: 'patchIdentity', resource, identityType: hasIt ? 'SystemAssigned, UserAssigned' : 'UserAssigned', delta, ifMatch };
}

function replaceCall({ read }: ArmClientState, job: Extract<ExternalJob, { kind: 'replace' }>): ArmCall {
  const { resource, identities, capacity = read.capacity } = job;
  const block = { systemAssigned: read.system === 'enabled', identities: [...identities], ifMatch: read.generation };
  if (resource.kind === 'vm') return { op: 'putVm', name: resource.name, ...block };
  return { op: 'putScaleSet', name: resource.name, instances: capacity, ...block };
}

function readFrom(resource: ComputeResource): ArmClientState['read'] {
  return {
    identities: [...resource.userAssigned],
    system: hasSystemAssigned(resource.identityType) ? 'enabled' : 'disabled',
    capacity: resource.capacity,
    generation: resource.generation,
  };
}
