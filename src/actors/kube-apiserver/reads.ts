/** GET and LIST. A list is read whole from the storage, by namespace, labels and fields, and takes time by what it holds. */
import { plus, scaled } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import type { ApiCall } from '../../model/messages/kubernetes.ts';
import { hasLabels } from '../../model/selectors.ts';
import type { Turn } from '../../model/vocabulary.ts';
import { stored, tableOf } from './objects.ts';
import type { Verdict } from './objects.ts';

type Call<Verb extends ApiCall['verb']> = Extract<ApiCall, { readonly verb: Verb }>;

/** Field by which the pods of a node are listed; the one field selector that has an index. */
const NODE_FIELD = 'spec.nodeName';

/** One object: 404 if absent. */
export function get(call: Call<'get'>, turn: Turn): Verdict {
  const object = stored(turn, call.kind, call.key);
  return object === undefined ? { status: 404, reason: `NotFound: ${call.kind} ${call.key}` } : { status: 200, object };
}

/** The objects of a kind that fit the selectors, by creation. */
export function list(call: Call<'list'>, turn: Turn): Verdict {
  const { labelSelector = {}, fieldSelector = {} } = call;
  const objects = candidates(call, turn).filter(
    (object) =>
      (call.namespace === undefined || object.metadata.namespace === call.namespace) &&
      hasLabels(object.metadata.labels, labelSelector) &&
      Object.keys(fieldSelector).every((path) => fieldOf(object, path) === fieldSelector[path]),
  );
  return { status: 200, objects };
}

/** How long a list takes that holds so many objects. */
export function listLatency(objects: number, client: string, turn: Turn): Duration {
  return plus(turn.draw('api.list.latency', client), scaled(turn.knob('api.list.latency.perThousandObjects'), objects / 1000));
}

function candidates(call: Call<'list'>, turn: Turn): readonly KubernetesObject[] {
  const table = tableOf(turn, call.kind);
  const node = call.fieldSelector?.[NODE_FIELD];
  if (call.kind === 'Pod' && node !== undefined) return table.by('node', node);
  if (call.namespace !== undefined) return table.by('namespace', call.namespace);
  return table.all();
}

function fieldOf(object: KubernetesObject, path: string): string {
  let value: unknown = object;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
