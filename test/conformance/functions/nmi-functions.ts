/** Functions of NMI (pkg/nmi, pkg/pod, pkg/k8s), each on the rule of the simulator that stands for it, or asked of its NMI over HTTP. */
import { isExcepted, replicaSetOf } from '../../../src/model/nmi/exceptions.ts';
import { redactedClientId } from '../../../src/model/nmi/redaction.ts';
import { hasResource, parseTokenRequest } from '../../../src/model/nmi/token-request.ts';
import { queryOf } from '../http.ts';
import { textAt } from '../stage/objects.ts';
import { findIdentity, getTokens, podInfoByAddress, servicePrincipalToken } from './nmi-questions.ts';
import { CallFailure, givenObjects, manifestIn, nodeOf } from './stage.ts';
import type { CaseFunction } from './stage.ts';

/** By name. */
export const NMI_FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  'nmi.parseTokenRequest': (args) => {
    const { clientId, resourceId, resource } = parseTokenRequest(queryOf(textAt(args, 'url').replace(/^[^?]*\??/u, '')));
    return { clientID: clientId, resourceID: resourceId, resource };
  },
  'nmi.hasResourceParam': (args) => hasResource({ clientId: '', resourceId: '', resource: textAt(args, 'resource') }),
  'utils.redactClientID': (args) => redactedClientId(textAt(args, 'clientID')),
  'nmi.findIdentity': findIdentity,
  'nmi.getTokens': getTokens,
  'auth.servicePrincipalToken': servicePrincipalToken,
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
  'kube.podInfoByIP': podInfoByAddress,
  *'kube.getSecret'(args, stage) {
    const key = `${textAt(args, 'namespace')}/${textAt(args, 'name')}`;
    const { status, object, reason } = yield* nodeOf(stage).askApi({ verb: 'get', kind: 'Secret', key });
    if (status !== 200 || object === undefined) throw new CallFailure(reason ?? `status ${String(status)}`);
    return object;
  },
};
