/**
 * Taints and tolerations: which pods a node keeps away.
 *
 * Follows `k8s.io/component-helpers/scheduling/corev1/helpers.go`. Simplified: `PreferNoSchedule` keeps nobody away, and
 * `tolerationSeconds` is not read.
 */
import type { Node, PodSpec, Taint, Toleration } from './kubernetes.ts';

/** Whether a text names an effect of taints. */
export function isTaintEffect(text: string): text is Taint['effect'] {
  return text === 'NoSchedule' || text === 'PreferNoSchedule' || text === 'NoExecute';
}

/** Reads a taint as kubectl writes it: `key=value:Effect` or `key:Effect`; undefined if it is none. */
export function parseTaint(text: string): Taint | undefined {
  const [, key, value = '', effect] = /^([^=:\s]+)(?:=([^:\s]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/u.exec(text) ?? [];
  return key === undefined || effect === undefined || !isTaintEffect(effect) ? undefined : { key, value, effect };
}

/** Whether a node keeps anyone away who does not tolerate it. */
export function isTainted(taints: readonly Taint[] | undefined): boolean {
  return taints?.some(({ effect }) => effect !== 'PreferNoSchedule') === true;
}

/** A taint that is to go. */
export interface TaintName {
  readonly key: string;
  /** `''`: every effect. */
  readonly effect: Taint['effect'] | '';
}

/** Reads what kubectl takes away: `key:Effect` or `key`; undefined if it is none. */
export function parseTaintName(text: string): TaintName | undefined {
  const [, key, effect = ''] = /^([^=:\s]+)(?::(NoSchedule|PreferNoSchedule|NoExecute))?$/u.exec(text) ?? [];
  return key === undefined || (effect !== '' && !isTaintEffect(effect)) ? undefined : { key, effect };
}

/** Taints of a node after a change: one of the same key and effect is replaced. */
export function withTaints(
  present: readonly Taint[],
  { add, remove }: { readonly add: readonly Taint[]; readonly remove: readonly TaintName[] },
): readonly Taint[] {
  const gone: readonly TaintName[] = [...remove, ...add];
  const kept = present.filter((taint) => !gone.some(({ key, effect }) => key === taint.key && (effect === '' || effect === taint.effect)));
  return [...kept, ...add];
}

/** Whether a pod may be placed on a node, as far as its taints go. */
export function isAdmittedBy(taints: Node['spec']['taints'], spec: PodSpec): boolean {
  return taints === undefined || taints.every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(spec, taint));
}

/** Whether a pod that is on a node already has to leave it. */
export function isDrivenOutBy(taints: Node['spec']['taints'], spec: PodSpec): boolean {
  return taints?.some((taint) => taint.effect === 'NoExecute' && !tolerates(spec, taint)) ?? false;
}

/** The taints of a node as one text, to see a change by. Nothing for most nodes, so that watching them costs no more. */
export function taintsText(node: Node): string {
  return node.spec.taints === undefined ? '' : node.spec.taints.map(({ key, effect }) => `|${key}:${effect}`).join('');
}

function tolerates(spec: PodSpec, taint: Taint): boolean {
  return spec.toleratesAll || (spec.tolerations?.some((toleration) => covers(toleration, taint)) ?? false);
}

function covers(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.key !== taint.key && !(toleration.key === '' && toleration.operator === 'Exists')) return false;
  return toleration.operator === 'Exists' || toleration.value === taint.value;
}
