/**
 * People who look after client secrets: they are warned, rotate in time or forget it, and repair what broke once they know.
 *
 *   expiry − secret.alertLead ─► warned
 *   expiry − secret.rotation.lead, unless forgotten ─► new secret in Entra ─(secret.rotation.duration)─► written into the cluster
 *        ─► environment: pods restarted one after the other (secret.rollout.duration); volume, driver: it comes by itself
 *   a pod is refused with the newest secret ─(secret.outage.detect)─► noticed ─► as above
 *
 * Follows what was reported of rotations that were missed (jenkins-infra/helpdesk#3026: noticed on the day, 57 minutes of work) and the
 * documentation of Kubernetes Secrets. The old secret stays in Entra until it ends. Simplified: a secret that ends sooner than its people
 * would rotate it counts as forgotten; a rotation goes wrong by a wrong text, and reaches all or nobody; pods that nobody owns are not
 * restarted.
 */
import { after, before, between, scaled } from '../../kernel/time.ts';
import { needsRestart, newestSecret } from '../../model/client-secret.ts';
import { keyOf } from '../../model/kubernetes.ts';
import type { MessageOf } from '../../model/messages/index.ts';
import { podsSelectedBy, workloadOf } from '../../model/selectors.ts';
import type { Turn } from '../../model/vocabulary.ts';
import type { ClientSecret } from '../../model/workload.ts';
import { askApi } from './api-calls.ts';
import type { OperatorState } from './state.ts';

type Step = MessageOf<'SecretCareDue'>['step'];

/** Begins to look after all secrets. */
export function lookAfterSecrets(turn: Turn): void {
  for (const secret of turn.table('clientSecrets').all()) plan(secret, turn);
}

/** What will be done about a secret before it ends. */
function plan({ clientId, expiresAt }: ClientSecret, turn: Turn): void {
  const warnedAt = before(expiresAt, turn.knob('secret.alertLead'));
  if (warnedAt > turn.now) schedule(turn, clientId, 'warn', between(turn.now, warnedAt));
  const rotatedAt = before(expiresAt, turn.draw('secret.rotation.lead', clientId));
  const isForgotten = turn.draw('secret.rotation.missedProb', clientId) === 1;
  if (!isForgotten && rotatedAt > turn.now) schedule(turn, clientId, 'rotate', between(turn.now, rotatedAt));
}

/** Entra refused the secret that a pod holds: where that is the newest, somebody will notice, once. */
export function onSecretRefused(state: OperatorState, { clientId, value }: MessageOf<'SecretRefused'>, turn: Turn): void {
  const secret = turn.table('clientSecrets').get(clientId);
  if (secret === undefined || newestSecret(secret) !== value || state.rotating[clientId] === true) return;
  state.rotating[clientId] = true;
  schedule(turn, clientId, 'notice', turn.draw('secret.outage.detect', clientId));
}

/** Something is due. */
export function onSecretCareDue(state: OperatorState, { clientId, step, pod }: MessageOf<'SecretCareDue'>, turn: Turn): void {
  const secret = turn.table('clientSecrets').get(clientId);
  if (secret === undefined) return;
  if (step === 'restart') {
    askApi(state, { verb: 'delete', kind: 'Pod', key: pod }, turn);
    return;
  }
  turn.fact({ type: 'client-secret-cared', clientId, what: step });
  if (step === 'write') write(state, secret, turn);
  else if (step !== 'warn') rotate(state, secret, turn);
}

/** A new secret in Entra; the cluster is told when the work is done. */
function rotate(state: OperatorState, { clientId, objectId, versions }: ClientSecret, turn: Turn): void {
  state.rotating[clientId] = true;
  const life = turn.draw('secret.lifetime', clientId);
  const { value, keyId } = nextOf(clientId, versions.length);
  turn.send('aad', { type: 'CredentialWanted', objectId, kind: 'secret', keyId, value, life, others: 'kept' });
  const secret = turn.table('clientSecrets').get(clientId);
  if (secret !== undefined) turn.table('clientSecrets').put(clientId, { ...secret, expiresAt: after(turn.now, life) });
  schedule(turn, clientId, 'write', turn.draw('secret.rotation.duration', clientId));
}

function nextOf(clientId: string, n: number): { readonly value: string; readonly keyId: string } {
  return { value: `secret ${String(n + 1)} for ${clientId}`, keyId: `secret-${String(n + 1)}-of-${clientId}` };
}

/** The new secret comes into the cluster, right or wrong, and pods that cannot take it otherwise are restarted. */
function write(state: OperatorState, secret: ClientSecret, turn: Turn): void {
  const { clientId, versions } = secret;
  delete state.rotating[clientId];
  const isWrong = turn.draw('secret.rotation.errorProb', clientId) === 1;
  const { value } = nextOf(clientId, versions.length);
  const written = { value: isWrong ? `${value}, mistyped` : value, writtenAt: turn.now };
  const next: ClientSecret = { ...secret, versions: [...versions, written] };
  turn.table('clientSecrets').put(clientId, next);
  plan(next, turn);
  if (needsRestart(turn)) restartAll(clientId, turn);
}

/** One pod after the other, evenly over the time of a rollout. */
function restartAll(clientId: string, turn: Turn): void {
  const workloads = turn.table('workloads');
  const pods = workloads
    .by('client', clientId)
    .flatMap((workload) => podsSelectedBy(workload, turn.table('pods')))
    .filter((pod) => pod.metadata.ownerReferences.length > 0 && workloadOf(pod, workloads)?.clientId === clientId);
  const keys = [...new Set(pods.map(keyOf))].sort();
  const all = turn.draw('secret.rollout.duration', clientId);
  for (const [n, key] of keys.entries()) schedule(turn, clientId, 'restart', scaled(all, (n + 1) / keys.length), key);
}

function schedule(turn: Turn, clientId: string, step: Step, wait: ReturnType<typeof between>, pod = ''): void {
  turn.setTimer(`secret ${clientId} ${step} ${pod}`, wait, { type: 'SecretCareDue', clientId, step, pod }, { label: 'idle' });
}
