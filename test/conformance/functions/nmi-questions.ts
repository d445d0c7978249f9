/** Functions of NMI that are conversations: a request to its port stands for each, and what NMI states about it is the result. */
import type { AzureIdentity } from '../../../src/model/kubernetes.ts';
import type { MetadataCall } from '../../../src/model/messages/token.ts';
import { NoSeam } from '../case.ts';
import { httpAnswerOf } from '../http.ts';
import { NodeWorld, played } from '../stage/node-world.ts';
import type { NmiAnswer } from '../stage/node-world.ts';
import { isMap, listAt, mapAt, textAt, textsAt } from '../stage/objects.ts';
import type { Data, DataMap } from '../stage/objects.ts';
import { Timeline } from '../timeline.ts';
import { CallFailure, nodeOf, Outcome } from './stage.ts';
import type { HttpEquivalent } from './http-equivalent.ts';
import type { CallStage, TimedCall } from './stage.ts';

const SOME_RESOURCE = 'https://management.azure.com/';
const OK = 200;

/** `nmi.findIdentity`: the AzureIdentity NMI takes for a pod. */
export function* findIdentity(args: DataMap, stage: CallStage): TimedCall {
  const node = nodeOf(stage);
  const [namespace, name] = [textAt(args, 'podNamespace'), textAt(args, 'podName')];
  const question = {
    call: tokenCall({ clientId: textAt(args, 'clientID'), resourceId: textAt(args, 'resourceID') }),
    sourceIP: addressOf(node, { namespace, name }, stage.given),
  };
  const asked = node.asked.length;
  const answer = yield* node.askNmi(question);
  const requested = node.asked[asked]?.query.clientId ?? (node.asked.length > asked ? '' : undefined);
  const http = httpEquivalentOf(answer, requested, () => {
    const other = new NodeWorld(withFlag(stage.given, 'set-retry-after-header'), 'gives');
    return playedAlone(other, other.askNmi(question));
  });
  const identity = identityOf(answer, node);
  if (identity !== undefined) return new Outcome({ value: identity, http });
  // Upstream answers an empty identity, not none, where it has seen one in Created.
  const value = answer.stated?.found === 'Created' ? {} : null;
  return new Outcome({ value, error: answer.response.text ?? '', http });
}

/** The pod's address, from which it asks; one that has none, or that nobody wrote down, is given one. */
function addressOf(node: NodeWorld, of: { readonly namespace: string; readonly name: string }, given: DataMap): string {
  const isPod = (one: DataMap): boolean => one['kind'] === 'Pod' && isNamed(one, of.namespace, of.name);
  const manifest = listAt(given, 'objects').filter(isMap).find(isPod) ?? { kind: 'Pod', metadata: of };
  const known = textAt(mapAt(manifest, 'status'), 'podIP');
  if (known !== '') return known;
  node.change([{ ...manifest, status: { ...mapAt(manifest, 'status'), podIP: CLIENT_IP } }], []);
  return CLIENT_IP;
}

/** `nmi.getTokens`: the tokens for one AzureIdentity, as a pod that has it gets them. */
export function getTokens(args: DataMap, stage: CallStage): unknown {
  const [, namespace = '', name = ''] = textAt(args, 'identity').split('/');
  const manifest = listAt(stage.given, 'objects')
    .filter(isMap)
    .find((one) => one['kind'] === 'AzureIdentity' && isNamed(one, namespace, name));
  if (manifest === undefined) throw new NoSeam('the AzureIdentity is not among the objects');
  const world = new NodeWorld(withClient(stage.given, manifest), 'gives');
  return tokensOf(playedAlone(world, world.askNmi({ call: tokenCall({ resource: textAt(args, 'resource') }), sourceIP: CLIENT_IP })));
}

/** `auth.servicePrincipalToken`: the same for a service principal that a case only describes. */
export function servicePrincipalToken(args: DataMap, { given }: CallStage): unknown {
  const secret = { kind: 'Secret', metadata: { name: 'sp', namespace: NAMESPACE }, stringData: { clientSecret: textAt(args, 'secret') } };
  const spec = {
    type: 1,
    tenantID: textAt(args, 'tenantID'),
    clientID: textAt(args, 'clientID'),
    adEndpoint: textAt(args, 'adEndpoint'),
    auxiliaryTenantIDs: textsAt(args, 'auxiliaryTenantIDs'),
    clientPassword: { name: 'sp', namespace: NAMESPACE },
  };
  const identity = { kind: 'AzureIdentity', metadata: { name: 'sp', namespace: NAMESPACE }, spec };
  const surroundings = { ...given, objects: [...listAt(given, 'objects'), secret, identity] };
  const world = new NodeWorld(withClient(surroundings, identity), 'gives');
  return tokensOf(playedAlone(world, world.askNmi({ call: tokenCall({ resource: textAt(args, 'resource') }), sourceIP: CLIENT_IP })));
}

/** `kube.podInfoByIP`: the pod NMI takes a sender for. */
export function* podInfoByAddress(args: DataMap, stage: CallStage): TimedCall {
  const { pod, response } = yield* nodeOf(stage).askNmi({ call: tokenCall({}), sourceIP: textAt(args, 'ip') });
  if (pod === undefined) throw new CallFailure(response.text ?? '');
  const [namespace, name] = pod.split('/');
  return { name, namespace };
}

/** What a pod of NMI's node is told where IMDS refuses every token, or where nothing can reach it. */
export function answerWithout(given: DataMap, imds: 'refuses' | 'absent'): NmiAnswer {
  const identity = { metadata: { name: 'msi', namespace: NAMESPACE }, spec: { type: 0, clientID: 'client' } };
  const world = new NodeWorld(withClient(given, identity), imds);
  return playedAlone(world, world.askNmi({ call: tokenCall({}), sourceIP: CLIENT_IP }));
}

/** What HTTP says in place of a function. */
export function httpEquivalentOf(answer: NmiAnswer, tokenRequestedFor: string | undefined, again: () => NmiAnswer): HttpEquivalent {
  return {
    status: answer.response.status,
    ...(tokenRequestedFor === undefined ? {} : { tokenRequestedFor }),
    withRetryAfterFlag: () => {
      const { status, headers } = httpAnswerOf(again().response);
      return { status, headers };
    },
  };
}

/** A request of that name and no other matters to a pod that asks for a token. */
function tokenCall(query: { readonly clientId?: string; readonly resourceId?: string; readonly resource?: string }): MetadataCall {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return {
    method: 'GET',
    path: '/metadata/identity/oauth2/token',
    metadataHeader: 'true',
    query: { resource: SOME_RESOURCE, ...Object.fromEntries(given), ...(query.resource === '' ? { resource: '' } : {}) },
  };
}

const NAMESPACE = 'default';
const CLIENT = 'client';
const CLIENT_IP = '10.0.0.250';

/** The surroundings with one more pod, to which an AzureIdentity is assigned. */
function withClient(given: DataMap, identity: DataMap): DataMap {
  const pod = { kind: 'Pod', metadata: { name: CLIENT, namespace: NAMESPACE }, status: { phase: 'Running', podIP: CLIENT_IP } };
  const assigned = {
    kind: 'AzureAssignedIdentity',
    metadata: { name: `${CLIENT}-${NAMESPACE}-identity`, namespace: NAMESPACE },
    spec: { pod: CLIENT, podNamespace: NAMESPACE, azureIdentityRef: identity },
    status: { status: 'Assigned' },
  };
  return { ...given, objects: [...listAt(given, 'objects'), pod, assigned] };
}

/** The surroundings with one flag of NMI switched on. */
export function withFlag(given: DataMap, name: string): DataMap {
  const flags = mapAt(given, 'flags');
  return { ...given, flags: { ...flags, nmi: { ...mapAt(flags, 'nmi'), [name]: true } } };
}

function playedAlone(world: NodeWorld, question: ReturnType<NodeWorld['askNmi']>): NmiAnswer {
  return played(world, question, (list) => {
    const timeline = new Timeline(world);
    timeline.begin(list);
    timeline.run();
  });
}

function tokensOf({ response }: NmiAnswer): readonly unknown[] {
  if (response.status !== OK || response.body === undefined) throw new CallFailure(response.text ?? `status ${String(response.status)}`);
  return [response.body.token];
}

/** The AzureIdentity NMI says it took: one of its own, or the copy inside an AzureAssignedIdentity. */
function identityOf({ stated }: NmiAnswer, node: NodeWorld): AzureIdentity | undefined {
  if (stated === undefined || stated.identity === '') return undefined;
  const [namespace, name] = stated.identity.split('/');
  return node.identities().find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
}

function isNamed(manifest: DataMap, namespace: string, name: string): boolean {
  const metadata: Readonly<Record<string, Data>> = mapAt(manifest, 'metadata');
  return metadata['name'] === name && metadata['namespace'] === namespace;
}
