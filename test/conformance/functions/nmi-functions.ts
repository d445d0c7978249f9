/** Functions of NMI (pkg/nmi, pkg/pod, pkg/k8s), each on the rule of the simulator that stands for it. */
import { isExcepted, replicaSetOf } from '../../../src/model/nmi/exceptions.ts';
import { hasResource, parseTokenRequest } from '../../../src/model/nmi/token-request.ts';
import { textAt } from '../stage/objects.ts';
import { givenObjects, manifestIn } from './stage.ts';
import type { CaseFunction } from './stage.ts';

/** By name. */
export const NMI_FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  'nmi.parseTokenRequest': (args) => {
    const { searchParams } = new URL(textAt(args, 'url'));
    const valueOf = (name: string): string => searchParams.get(name) ?? '';
    const resourceIdOf = valueOf('msi_res_id') === '' ? valueOf('mi_res_id') : valueOf('msi_res_id');
    const { clientId, resourceId, resource } = parseTokenRequest({
      clientId: valueOf('client_id'),
      resourceId: resourceIdOf,
      resource: valueOf('resource'),
    });
    return { clientID: clientId, resourceID: resourceId, resource };
  },
  'nmi.hasResourceParam': (args) => hasResource({ clientId: '', resourceId: '', resource: textAt(args, 'resource') }),
  'pod.isExcepted': (args, { given }) => {
    const [, namespace, name] = textAt(args, 'pod').split('/');
    const pod = givenObjects(given, 'Pod').find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
    if (pod === undefined) throw new Error('the pod is not among the objects');
    const exceptions = givenObjects(given, 'AzurePodIdentityException').filter(({ metadata }) => metadata.namespace === namespace);
    return isExcepted(pod.metadata.labels, exceptions);
  },
  'kube.replicaSetNameOf': (args) => {
    const pod = manifestIn(args['pod']);
    if (pod.kind !== 'Pod') throw new Error('the argument is no pod');
    return replicaSetOf(pod);
  },
};
