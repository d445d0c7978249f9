/** Metadata of Kubernetes objects: k8s.io/apimachinery `ObjectMeta`, the fields that something reads. */
import type { ObjectMeta } from '../../model/object-meta.ts';
import type { Fields } from './fields.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/u;

/** Metadata of the object in `fields`; `scope` says whether its kind lives in namespaces. The API server sets uid and resourceVersion. */
export function metaOf(fields: Fields, scope: 'namespaced' | 'cluster'): ObjectMeta {
  const meta = fields.map('metadata');
  const name = meta.requiredText('name');
  const namespace = scope === 'cluster' ? '' : meta.text('namespace', 'default');
  if (name !== '' && !SUBDOMAIN.test(name)) meta.problem('name', `must be lower-case letters, digits, "-" and ".", not "${name}"`);
  if (namespace !== '' && !SUBDOMAIN.test(namespace))
    meta.problem('namespace', `must be lower-case letters, digits and "-", not "${namespace}"`);
  return {
    name,
    namespace,
    uid: '',
    resourceVersion: '',
    labels: meta.textMap('labels'),
    annotations: meta.textMap('annotations'),
    finalizers: meta.texts('finalizers'),
    ownerReferences: meta.list('ownerReferences').map((owner) => ({ kind: owner.requiredText('kind'), name: owner.requiredText('name') })),
  };
}
