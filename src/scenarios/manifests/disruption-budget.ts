/** PodDisruptionBudgets (policy/v1). */
import type { PodDisruptionBudget } from '../../model/kubernetes-extras.ts';
import type { Fields } from './fields.ts';
import { metaOf } from './object-meta.ts';

const AMOUNT = /^(?:\d+|(?:\d{1,2}|100)%)$/u;

/** A budget: how many of the pods with some labels must be available, or may be not. */
export function podDisruptionBudgetOf(fields: Fields): PodDisruptionBudget {
  const spec = fields.map('spec');
  const amounts = (['minAvailable', 'maxUnavailable'] as const).filter((name) => spec.has(name));
  if (amounts.length !== 1) fields.problem('spec', 'needs one of minAvailable and maxUnavailable');
  for (const name of amounts) {
    if (!AMOUNT.test(amountOf(spec, name))) spec.problem(name, 'must be a whole number, or a percentage such as 50%');
  }
  return {
    kind: 'PodDisruptionBudget',
    metadata: metaOf(fields, 'namespaced'),
    spec: {
      matchLabels: spec.map('selector').textMap('matchLabels'),
      ...Object.fromEntries(amounts.map((name) => [name, amountOf(spec, name)])),
    },
  };
}

function amountOf(spec: Fields, name: string): string {
  return spec.isText(name) ? spec.text(name) : String(spec.integer(name, 0));
}
