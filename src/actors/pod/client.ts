/**
 * The token client of an application: probe, tries, time-outs, retries. What it does when is data (`model/token-client/profiles.ts`).
 *
 *   ask ─► (probe) ─► try ─► 200
 *                      ▲  │ other, refused, own time-out
 *                      └──┴─ back-off ─► budget spent: failed
 */
import { between, seconds } from '../../kernel/time.ts';
import type { AccessToken } from '../../model/azure.ts';
import type { MetadataCall } from '../../model/messages/token.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { copyOfToken } from '../../model/token.ts';
import { spoofedAddress } from '../../model/spoofing.ts';
import { drawsJitterOfJs } from '../../model/token-client/calibrated.ts';
import { REFUSED, TIMED_OUT } from '../../model/token-client/profile.ts';
import type { Profile, TryOutcome } from '../../model/token-client/profile.ts';
import { nextStep, noRetries } from '../../model/token-client/schedule.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { WorkloadRow } from '../../model/workload.ts';
import { IMDS_TOKEN_PATH } from '../../model/metadata-path.ts';
import { clientIdOf, clientOf, requestedBy, shownBy, sourceOf, tellOfSecret, unreached, workloadOf } from './credential.ts';
import { askingId, nameOf } from './state.ts';
import type { Asking, PodState } from './state.ts';

/** A token, and who gave it. */
interface Answer {
  readonly token: AccessToken;
  readonly isCached: boolean;
  readonly servedBy: 'nmi' | 'imds' | 'aad';
}

/** How an asking ended, for the application. */
export type Ended = 'going' | 'answered' | { readonly failed: number };

/** Whose token an answer at the metadata address brings: the sidecar's is fresh from Entra; nobody else there is but NMI. */
const SERVED_BY = { imds: 'imds', nmi: 'nmi', kernel: 'nmi', 'azwi-proxy': 'aad' } as const;

/** A keep-alive connection that idled longer than this is not used again. */
const CONNECTION_IDLE = seconds(60);

/** Begins a logical getToken. */
export function ask(state: PodState, kind: Asking['kind'], turn: Turn): Ended {
  const workload = workloadOf(state, turn);
  if (workload === undefined) return 'going';
  const profile = clientOf(state, workload, turn);
  state.ordinal += 1;
  const { ordinal } = state;
  const id = askingId(state, turn);
  const { resource } = workload;
  const clientId = clientIdOf(state, workload);
  turn.fact({ type: 'token-asked', pod: nameOf(turn), request: id, ordinal, resource, clientId, startedAt: state.place.startedAt });
  state.asking = {
    id,
    ordinal,
    askedAt: turn.now,
    kind,
    counts: noRetries(profile),
    attempt: 0,
    tryId: '',
    tryStartedAt: turn.now,
    stage: 'try',
    status: 0,
  };
  // Faithful: without environment and file a credential is unavailable at once, and asks nobody (CredentialUnavailable).
  if (sourceOf(state, workload) === 'nobody') return fail(state, REFUSED, 'noCredential', turn);
  if (profile.probe !== undefined && (profile.probe.when === 'always' || state.endpoint === 'unknown')) {
    probe(state, state.asking, workload, turn);
    return 'going';
  }
  // Faithful: a source that once failed its probe is never asked again by such a client.
  if (state.endpoint === 'unavailable') return fail(state, REFUSED, 'unavailable', turn);
  attempt(state, state.asking, workload, turn);
  return 'going';
}

function probe(state: PodState, asking: Asking, workload: WorkloadRow, turn: Turn): void {
  const profile = clientOf(state, workload, turn);
  const rule = profile.probe;
  if (rule === undefined) return;
  asking.stage = 'probe';
  asking.tryId = `${asking.id}.probe`;
  const query = rule.query === 'resource' ? { resource: workload.resource } : {};
  send(state, asking, { profile, call: { method: 'GET', path: IMDS_TOKEN_PATH, query } }, turn);
  turn.setTimer('try', rule.timeout, { type: 'TryTimeoutDue', request: asking.tryId }, { label: 'clientTimeout' });
}

function attempt(state: PodState, asking: Asking, workload: WorkloadRow, turn: Turn): void {
  asking.stage = 'try';
  asking.attempt += 1;
  asking.tryId = `${asking.id}.${String(asking.attempt)}`;
  const { resource, clientId } = workload;
  const profile = clientOf(state, workload, turn);
  if (sourceOf(state, workload) !== 'metadata') {
    askEntra(state, asking, workload, turn);
    return;
  }
  const call: MetadataCall = {
    method: 'GET',
    path: workload.path ?? IMDS_TOKEN_PATH,
    ...(profile.metadataHeader === 'never' ? {} : { metadataHeader: 'true' }),
    query: {
      resource,
      apiVersion: '2018-02-01',
      ...(clientId === '' ? {} : { clientId }),
      ...(workload.bypassCache === undefined ? {} : { bypassCache: 'true' }),
    },
  };
  send(state, asking, { profile, call }, turn);
  const { tryTimeout } = profile;
  if (tryTimeout !== undefined)
    turn.setTimer('try', tryTimeout, { type: 'TryTimeoutDue', request: asking.tryId }, { label: 'clientTimeout' });
}

/** Sends a client secret, or the service-account token that stands in the pod's volume now. */
function askEntra(state: PodState, asking: Asking, workload: WorkloadRow, turn: Turn): void {
  const credential = shownBy(state, workload, turn);
  if (credential === undefined) return;
  asking.tryStartedAt = turn.now;
  const { resource } = workload;
  const clientId = clientIdOf(state, workload);
  const request = asking.tryId;
  const { tryTimeout, connectTimeout = turn.knob('net.connectTimeout') } = clientOf(state, workload, turn);
  turn.send('aad', { type: 'AadTokenRequest', request, clientId, credential, resource }, unreached(request, connectTimeout));
  if (tryTimeout !== undefined) turn.setTimer('try', tryTimeout, { type: 'TryTimeoutDue', request }, { label: 'clientTimeout' });
}

function send(
  state: PodState,
  asking: Asking,
  { profile, call }: { readonly profile: Profile; readonly call: MetadataCall },
  turn: Turn,
): void {
  const { connection, place } = state;
  if (connection.id === '' || turn.now - connection.usedAt > CONNECTION_IDLE) {
    connection.opened += 1;
    connection.id = `${turn.self}#${String(place.startedAt)}/c${String(connection.opened)}`;
  }
  connection.usedAt = turn.now;
  asking.tryStartedAt = turn.now;
  const request = asking.tryId;
  const { connectTimeout } = profile;
  const spoofs = workloadOf(state, turn)?.spoofs;
  const taken = spoofs === undefined ? undefined : spoofedAddress(place.pod, spoofs, turn);
  turn.send(
    place.gateway,
    {
      type: 'MetadataRequest',
      request,
      call,
      sourceIP: taken ?? place.ip,
      replyTo: turn.self,
      sender: nameOf(turn),
      network: place.network,
      connection: connection.id,
      ...(connectTimeout === undefined ? {} : { connectTimeout }),
    },
    { ifAbsent: { type: 'MetadataResponse', request, status: REFUSED, servedBy: 'kernel' } },
  );
}

/** Entra answered. */
export function onAadTokenResponse(state: PodState, message: MessageOf<'AadTokenResponse'>, turn: Turn): Ended {
  const { asking } = state;
  if (asking?.tryId !== message.request) return 'going';
  turn.cancelTimer('try');
  const { status, retryAfter, token, error } = message;
  tellOfSecret(state, { error, shownAt: asking.tryStartedAt }, turn);
  endTry(asking, status, 'aad', turn);
  if (token !== undefined) return answered(state, asking, { token, isCached: false, servedBy: 'aad' }, turn);
  return settle(state, asking, { status, ...(retryAfter === undefined ? {} : { retryAfter }) }, turn);
}

/** An answer came. Late ones, and resets of what was answered before, change nothing. */
export function onMetadataResponse(state: PodState, message: MessageOf<'MetadataResponse'>, turn: Turn): Ended {
  const { asking } = state;
  if (asking?.tryId !== message.request) return 'going';
  turn.cancelTimer('try');
  if (message.status === REFUSED) state.connection.id = '';
  state.connection.usedAt = turn.now;
  const { status, retryAfter } = message;
  endTry(asking, status, message.servedBy, turn);
  if (asking.stage === 'probe') return probed(state, asking, status, turn);
  if (status === 200 && message.body !== undefined)
    return answered(state, asking, { ...message.body, servedBy: SERVED_BY[message.servedBy] }, turn);
  return settle(state, asking, { status: status === 200 ? REFUSED : status, ...(retryAfter === undefined ? {} : { retryAfter }) }, turn);
}

/** The client's own time-out: it hangs up. */
export function onTryTimeout(state: PodState, { request }: MessageOf<'TryTimeoutDue'>, turn: Turn): Ended {
  const { asking } = state;
  if (asking?.tryId !== request) return 'going';
  const workload = workloadOf(state, turn);
  if (workload !== undefined && sourceOf(state, workload) === 'metadata')
    turn.send(state.place.gateway, { type: 'ConnectionClosed', request });
  state.connection.id = '';
  endTry(asking, TIMED_OUT, '', turn);
  return asking.stage === 'probe' ? probed(state, asking, TIMED_OUT, turn) : settle(state, asking, { status: TIMED_OUT }, turn);
}

/** The back-off is over: the next try, or the failure that was only slept over. */
export function onRetryDue(state: PodState, { request }: MessageOf<'RetryDue'>, turn: Turn): Ended {
  const { asking } = state;
  const workload = workloadOf(state, turn);
  if (asking?.id !== request || workload === undefined) return 'going';
  if (asking.stage === 'failing') return fail(state, asking.status, reasonOf(asking.status), turn);
  attempt(state, asking, workload, turn);
  return 'going';
}

function endTry(asking: Asking, status: number, servedBy: string, turn: Turn): void {
  asking.tryId = '';
  asking.status = status;
  const took = between(asking.tryStartedAt, turn.now);
  turn.fact({ type: 'token-try-ended', pod: nameOf(turn), request: asking.id, attempt: asking.attempt, status, servedBy, took });
}

/** Any answer below 500 says that there is an endpoint: NMI and IMDS refuse a probe with 400, for it has no header. */
function probed(state: PodState, asking: Asking, status: number, turn: Turn): Ended {
  const workload = workloadOf(state, turn);
  if (workload === undefined) return 'going';
  if (status > 0 && status < 500) {
    state.endpoint = 'available';
    attempt(state, asking, workload, turn);
    return 'going';
  }
  state.endpoint = clientOf(state, workload, turn).failedProbe === 'final' ? 'unavailable' : 'unknown';
  return fail(state, status, 'unavailable', turn);
}

function settle(state: PodState, asking: Asking, outcome: TryOutcome, turn: Turn): Ended {
  const workload = workloadOf(state, turn);
  if (workload === undefined) return 'going';
  asking.status = outcome.status;
  const step = nextStep(clientOf(state, workload, turn), asking.counts, outcome, () => chance(workload, turn));
  if (step.kind === 'retry') {
    asking.stage = 'backoff';
    asking.counts = step.counts;
    turn.setTimer('retry', step.wait, { type: 'RetryDue', request: asking.id }, { label: 'clientBackoff' });
    return 'going';
  }
  if (step.kind === 'giveUp' && step.after > 0) {
    asking.stage = 'failing';
    turn.setTimer('retry', step.after, { type: 'RetryDue', request: asking.id }, { label: 'clientBackoff' });
    return 'going';
  }
  return fail(state, outcome.status, reasonOf(outcome.status), turn);
}

/** One draw for the jitter. That of @azure/identity is a knob: its factor between 0.5 and 1 is taken back to an even draw. */
function chance(workload: WorkloadRow, turn: Turn): number {
  if (!drawsJitterOfJs(workload.client)) return turn.uniform('client.jitter', nameOf(turn));
  return (turn.draw('client.azidentityJs.retries.jitter', nameOf(turn)) - 0.5) * 2;
}

function answered(state: PodState, asking: Asking, answer: Answer, turn: Turn): Ended {
  const { token, isCached, servedBy } = answer;
  const isFirst = state.first === 'pending';
  turn.fact({
    type: 'token-answered',
    pod: nameOf(turn),
    request: asking.id,
    ordinal: asking.ordinal,
    isFirst,
    since: isFirst ? state.place.startedAt : asking.askedAt,
    uti: token.uti,
    objectId: token.objectId,
    appId: token.appId,
    requestedClientId: requestedBy(state, turn),
    servedBy,
    isCachedAtImds: isCached,
  });
  state.first = 'got';
  state.held = { token: copyOfToken(token), receivedAt: turn.now };
  state.refreshedAt = undefined;
  state.asking = undefined;
  return 'answered';
}

function fail(state: PodState, status: number, reason: string, turn: Turn): Ended {
  const { asking } = state;
  if (asking === undefined) return 'going';
  turn.fact({
    type: 'token-failed',
    pod: nameOf(turn),
    request: asking.id,
    ordinal: asking.ordinal,
    status,
    reason,
    askedAt: asking.askedAt,
    purpose: asking.kind,
  });
  state.asking = undefined;
  state.refreshedAt = turn.now;
  return { failed: status };
}

function reasonOf(status: number): string {
  if (status === TIMED_OUT) return 'timedOut';
  return status === REFUSED ? 'refused' : `http ${String(status)}`;
}
