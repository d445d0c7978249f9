/** What the API server refuses before it looks at what it has: names and labels that are too long, namespaces on their way out. */
import { isDenied } from '../../model/admission.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { stored, timesUsed } from './objects.ts';
import type { Verdict } from './objects.ts';

/** RFC 1123 subdomain [characters]. */
const LONGEST_NAME = 253;
/** apimachinery `validation.LabelValueMaxLength` [characters]. */
const LONGEST_LABEL_VALUE = 63;

/** 422 for a name or a label value that is too long; undefined when the object is fit. */
export function invalidity(object: KubernetesObject): Verdict | undefined {
  const { name, labels } = object.metadata;
  if (name === '' || name.length > LONGEST_NAME) {
    return {
      status: 422,
      reason: `Invalid: metadata.name has ${String(name.length)} characters, at least 1 and at most ${String(LONGEST_NAME)}`,
    };
  }
  for (const label of Object.keys(labels).sort()) {
    const { length } = labels[label] ?? '';
    if (length > LONGEST_LABEL_VALUE) {
      return { status: 422, reason: `Invalid: label ${label} has ${String(length)} characters, at most ${String(LONGEST_LABEL_VALUE)}` };
    }
  }
  return undefined;
}

/** 403 for what a rule of the scenario's admission refuses. */
export function forbiddance(turn: Turn, object: KubernetesObject): Verdict | undefined {
  const rules = turn.table('admissionRules');
  if (rules.size === 0) return undefined;
  const broken = rules.all().find((rule) => isDenied(rule, object));
  return broken === undefined ? undefined : { status: 403, reason: `Forbidden: admission ${broken.id} denied the request` };
}

/**
 * 403 in a namespace that is being deleted, 404 in one that was.
 *
 * Simplified: a namespace nobody ever wrote down counts as there.
 */
export function homelessness(turn: Turn, object: KubernetesObject): Verdict | undefined {
  const { namespace } = object.metadata;
  if (namespace === '') return undefined;
  const home = stored(turn, 'Namespace', namespace);
  if (home === undefined) {
    return timesUsed(turn, 'Namespace', namespace) === 0 ? undefined : { status: 404, reason: `NotFound: namespace ${namespace}` };
  }
  if (home.metadata.deletionTimestamp === undefined) return undefined;
  return { status: 403, reason: `Forbidden: namespace ${namespace} is being terminated` };
}
