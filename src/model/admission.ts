/**
 * Rules of admission: which objects the API server refuses whatever else is right about them.
 *
 * They stand for validating webhooks and policy engines (Gatekeeper and its like) as their users see them. Simplified: a rule takes no
 * time and is always there, and sees the object as the server keeps it, defaults filled in. Of what a client sends only fields that nothing
 * reads are lost on the way (the weight of a binding, `replicas` of the pod-identity kinds). Types are checked where a manifest is read,
 * before the run: the schemas of the four kinds take any integer and any text, so the server has nothing of them left to refuse.
 */
import type { KubernetesKind, KubernetesObject } from './kubernetes.ts';

/** What a field must be for a rule to hold: a value, or a text that does not match. */
type AdmissionCondition = string | number | boolean | { readonly notMatching: string };

/** Refuses the objects of a kind for which all conditions hold. Key: `rule-0001`. */
export interface AdmissionRule {
  readonly id: string;
  readonly kind: KubernetesKind;
  /** Condition by dotted path. */
  readonly when: Readonly<Record<string, AdmissionCondition>>;
}

/** Whether the rule refuses the object. */
export function isDenied(rule: AdmissionRule, object: KubernetesObject): boolean {
  if (rule.kind !== object.kind) return false;
  return Object.entries(rule.when).every(([path, condition]) => holds(condition, valueAt(object, path)));
}

/** A regular expression in the syntax of Go as far as JavaScript shares it, with `(?i)` in front for either case; undefined if it is none. */
export function patternOf(text: string): RegExp | undefined {
  const isCaseless = text.startsWith('(?i)');
  try {
    return new RegExp(isCaseless ? text.slice('(?i)'.length) : text, isCaseless ? 'iu' : 'u');
  } catch {
    return undefined;
  }
}

function holds(condition: AdmissionCondition, value: unknown): boolean {
  if (typeof condition !== 'object') return value === condition;
  const text = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  return patternOf(condition.notMatching)?.test(text) !== true;
}

/** Value at a dotted path. Names may have dots of their own, as labels do: the longest that is there is taken. */
function valueAt(root: unknown, path: string): unknown {
  if (typeof root !== 'object' || root === null) return undefined;
  const fields = root as Readonly<Record<string, unknown>>;
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const name = path.slice(0, end);
    if (Object.hasOwn(fields, name)) return end === path.length ? fields[name] : valueAt(fields[name], path.slice(end + 1));
  }
  return undefined;
}
