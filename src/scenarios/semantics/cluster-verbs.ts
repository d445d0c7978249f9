/** Resolves the verbs of the story that change the cluster: apply, delete, scale, drain and their like. */
import { keyIn } from '../../model/kubernetes.ts';
import type { KubernetesKind } from '../../model/kubernetes.ts';
import type { StepAction } from '../description.ts';
import { isUsedKindName, usedKind, USED_KIND_NAMES } from '../manifests/kinds.ts';
import type { StepSource } from '../schema/story-schema.ts';
import { parseTaint, parseTaintName } from '../../model/taints.ts';
import { unknownRule } from '../text/schema-issue.ts';
import type { Path } from '../text/yaml-source.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Scope } from './scope.ts';

type ScaleSource = NonNullable<StepSource['scale']>;

/** The action of a step whose verb is one of these; undefined for other verbs, and where something is wrong. */
export function clusterAction(scope: Scope, source: StepSource, path: Path, manifests: ManifestReader): StepAction | undefined {
  const { apply, delete: targets, deleteNamespace, scale, drain, removeNode } = source;
  if (apply !== undefined) return applyAction(apply, [...path, 'apply'], manifests);
  if (targets !== undefined) return deleteAction(scope, targets, [...path, 'delete']);
  if (deleteNamespace !== undefined) return { verb: 'deleteNamespace', namespace: deleteNamespace };
  if (scale !== undefined) return scaleAction(scope, scale, [...path, 'scale']);
  if (drain !== undefined) {
    const node = scope.node(drain, [...path, 'drain']);
    return node === undefined ? undefined : { verb: 'drain', node };
  }
  if (removeNode !== undefined) {
    const at = [...path, 'removeNode'];
    const node = typeof removeNode === 'string' ? scope.node(removeNode, at) : scope.node(removeNode.node, [...at, 'node']);
    return node === undefined
      ? undefined
      : { verb: 'removeNode', node, how: (typeof removeNode === 'string' ? undefined : removeNode.how) ?? 'deleted' };
  }
  return nodeAction(scope, source, path);
}

/** Verbs about one node that is there before and after. */
function nodeAction(scope: Scope, source: StepSource, path: Path): StepAction | undefined {
  const { taint, untaint } = source;
  for (const [verb, state] of [
    ['cordon', 'cordoned'],
    ['uncordon', 'open'],
  ] as const) {
    const node = nodeAt(scope, source[verb], [...path, verb]);
    if (node !== undefined) return { verb: 'cordon', node, state };
  }
  for (const [verb, how] of [
    ['reboot', 'reboot'],
    ['failNode', 'fail'],
    ['evictSpot', 'evictSpot'],
  ] as const) {
    const node = nodeAt(scope, source[verb], [...path, verb]);
    if (node !== undefined) return { verb: 'machine', node, how };
  }
  const tainted = nodeAt(scope, taint?.node ?? untaint?.node, [...path, taint === undefined ? 'untaint' : 'taint', 'node']);
  // Texts that are no taints have been refused by the schema.
  const add = taint?.taints.flatMap((text) => parseTaint(text) ?? []) ?? [];
  const remove = untaint?.taints.flatMap((text) => parseTaintName(text) ?? []) ?? [];
  return tainted === undefined ? undefined : { verb: 'taint', node: tainted, add, remove };
}

function nodeAt(scope: Scope, text: string | undefined, path: Path): string | undefined {
  return text === undefined ? undefined : scope.node(text, path);
}

function applyAction(apply: NonNullable<StepSource['apply']>, path: Path, manifests: ManifestReader): StepAction {
  if (!Array.isArray(apply)) return { verb: 'apply', file: apply.file, objects: manifests.readFile(apply.file, apply.fill ?? {}, path) };
  return { verb: 'apply', file: '', objects: apply.flatMap((object, index) => manifests.readInline(object, [...path, index])) };
}

function deleteAction(scope: Scope, targets: readonly string[], path: Path): StepAction {
  const found: { readonly kind: KubernetesKind; readonly key: string }[] = [];
  for (const [index, text] of targets.entries()) {
    const target = targetOf(scope, text, [...path, index]);
    if (target !== undefined) found.push(target);
  }
  return { verb: 'delete', targets: found };
}

/** `Kind/name` in the default namespace, or `Kind/namespace/name`. */
function targetOf(scope: Scope, text: string, path: Path): { readonly kind: KubernetesKind; readonly key: string } | undefined {
  const parts = text.split('/');
  const [kind = '', first = '', second] = parts;
  if (parts.length > 3 || parts.length < 2 || parts.includes('')) {
    scope.problem(path, `must be Kind/name or Kind/namespace/name, not "${text}"`);
    return undefined;
  }
  if (text.includes('*') && !/^[\w.*/-]+$/u.test(text)) {
    scope.problem(path, `must hold letters, digits, -, . and * only, not "${text}"`);
    return undefined;
  }
  if (!isUsedKindName(kind)) {
    scope.problem(path, unknownRule('kind', kind, USED_KIND_NAMES));
    return undefined;
  }
  if (kind === 'Node') {
    // A pool's node is POOL/N, which looks like a namespaced name.
    const node = scope.node(second === undefined ? first : `${first}/${second}`, path);
    return node === undefined ? undefined : { kind, key: node };
  }
  if (usedKind(kind)?.scope === 'cluster') {
    if (second !== undefined) scope.problem(path, `${kind} has no namespace: write ${kind}/${second}`);
    return { kind, key: first };
  }
  return { kind, key: second === undefined ? keyIn('default', first) : keyIn(first, second) };
}

function scaleAction(scope: Scope, source: ScaleSource, path: Path): StepAction | undefined {
  const { deployment, statefulSet, nodePool, scaleSet, namespace = 'default', to } = source;
  if (deployment !== undefined) return { verb: 'scale', what: 'Deployment', key: keyIn(namespace, deployment), to };
  if (statefulSet !== undefined) return { verb: 'scale', what: 'StatefulSet', key: keyIn(namespace, statefulSet), to };
  if (to > 1000) scope.problem([...path, 'to'], 'must be at most 1000: Azure allows no more in one scale set');
  if (nodePool !== undefined) return scope.pool(nodePool, [...path, 'nodePool']) && { verb: 'scalePool', pool: nodePool, to };
  if (scaleSet === undefined) return undefined;
  return scope.machine(`vmss:${scaleSet}`, [...path, 'scaleSet']) && { verb: 'scaleScaleSet', name: scaleSet, to };
}
