/**
 * Client secrets that people look after, and which of their versions a container holds.
 *
 * Follows the Kubernetes documentation of Secrets: a mounted one is new in the pod after the kubelet's sync period and the delay of its
 * watch; one in an environment variable is what it was when the container began. The secrets-store driver polls its vault.
 * Simplified: an application reads a mounted file anew each time it signs in.
 */
import { hashString } from '../kernel/random.ts';
import { after, between, scaled } from '../kernel/time.ts';
import type { Moment } from '../kernel/time.ts';
import type { Turn } from './vocabulary.ts';
import type { ClientSecret } from './workload.ts';

/** Process that holds a secret: when its container began, and a name of its own. */
export interface SecretHolder {
  readonly startedAt: Moment;
  readonly name: string;
}

/** The version that a process holds at a moment; `''` where there is none. */
export function heldSecret({ versions }: ClientSecret, holder: SecretHolder, at: Moment, turn: Turn): string {
  let held = versions[0]?.value ?? '';
  for (const [n, { value, writtenAt }] of versions.entries()) {
    if (n > 0 && hasArrived(writtenAt, n, holder, at, turn)) held = value;
  }
  return held;
}

/** Newest version of a secret in the cluster; `''` where there is none. */
export function newestSecret({ versions }: ClientSecret): string {
  return versions.at(-1)?.value ?? '';
}

/** Whether a secret in the environment of a container stays what it was. */
export function needsRestart(turn: Turn): boolean {
  return turn.knob('secret.distribution') === 'env' && turn.knob('secret.env.needsRestart');
}

function hasArrived(writtenAt: Moment, n: number, holder: SecretHolder, at: Moment, turn: Turn): boolean {
  if (writtenAt > at) return false;
  if (writtenAt <= holder.startedAt) return true;
  if (needsRestart(turn)) return false;
  if (turn.knob('secret.distribution') === 'csi') {
    const interval = turn.knob('secret.csi.pollInterval');
    const phase = scaled(interval, (hashString(`poll of ${holder.name}`) + 0.5) / 4294967296);
    // Polls at phase, phase + interval, … after the container began: the first one after the write brings it.
    const since = between(after(holder.startedAt, phase), writtenAt);
    const polls = Math.max(0, Math.ceil(since / Math.max(1, interval)));
    return at >= after(after(holder.startedAt, phase), scaled(interval, polls));
  }
  const arrives = after(
    after(writtenAt, turn.drawAt('secret.k8sVolume.delay', holder.name, n)),
    turn.drawAt('watch.latency', holder.name, n),
  );
  return at >= arrives;
}
