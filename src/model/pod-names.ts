/**
 * Names that controllers give to pods.
 *
 * Follows Kubernetes `apiserver/pkg/storage/names` and `util/rand` (alphabet and length of suffixes) and the controllers' conventions:
 * Deployment `name-hash-suffix`, StatefulSet `name-ordinal`, DaemonSet and Job `name-suffix`.
 */
import { hashString } from '../kernel/random.ts';
import type { PodTemplate } from './kubernetes.ts';
import { canonicalText } from './plain-data.ts';

/** Consonants and digits only, so that no suffix spells a word. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const HASH_LENGTH = 7;

/** A suffix of five letters for a uniform draw in (0, 1). */
export function nameSuffix(u: number): string {
  let rest = 1;
  for (let i = 0; i < SUFFIX_LENGTH; i += 1) rest *= ALPHABET.length;
  return spelled(Math.floor(u * rest), SUFFIX_LENGTH);
}

/** Hashes of templates seen, by object: controllers ask at each pod, and rows of tables never change. */
const knownHashes = new WeakMap<PodTemplate, string>();

/** Hash of a pod template, as it stands in ReplicaSet names and revision labels: equal for equal templates only (32 bits). */
export function templateHash(template: PodTemplate): string {
  let hash = knownHashes.get(template);
  if (hash === undefined) knownHashes.set(template, (hash = spelled(hashString(canonicalText(template)), HASH_LENGTH)));
  return hash;
}

/** Name of the ReplicaSet of a Deployment's present template. */
export function replicaSetName(deployment: string, hash: string): string {
  return `${deployment}-${hash}`;
}

/** Name of a StatefulSet's pod with that ordinal. */
export function ordinalName(statefulSet: string, ordinal: number): string {
  return `${statefulSet}-${String(ordinal)}`;
}

/** Ordinal in a StatefulSet pod's name; -1 when the name has none. */
export function ordinalOf(statefulSet: string, pod: string): number {
  const text = pod.startsWith(`${statefulSet}-`) ? pod.slice(statefulSet.length + 1) : '';
  return /^\d+$/.test(text) ? Number(text) : -1;
}

function spelled(n: number, length: number): string {
  let rest = n;
  let text = '';
  for (let i = 0; i < length; i += 1) {
    text += ALPHABET.charAt(rest % ALPHABET.length);
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
