/** Functions of MIC and its API types (pkg/mic, pkg/crd, pkg/apis, pkg/utils), each on the rule of the simulator that stands for it. */
import { matchingBindings } from '../../../src/model/mic/desired.ts';
import { missingIdentities, surveyAssignments } from '../../../src/model/mic/assignment-survey.ts';
import type { SurveyedResource } from '../../../src/model/mic/assignment-survey.ts';
import { withoutFinalizer } from '../../../src/model/mic/assigned-identity.ts';
import { isUsable, isUserAssignedId } from '../../../src/model/mic/naming.ts';
import { isMap, listAt, mapAt, textAt, textsAt } from '../stage/objects.ts';
import type { Data, DataMap } from '../stage/objects.ts';
import { CallFailure, ExactMap, givenObjects, manifestIn, planeOf } from './stage.ts';
import type { CallStage, CaseFunction } from './stage.ts';

/** By name. */
export const MIC_FUNCTIONS: Readonly<Record<string, CaseFunction>> = {
  'mic.findUsableIdentity': (args, { given, plane }) => {
    const identity = (plane?.objects('AzureIdentity') ?? givenObjects(given, 'AzureIdentity')).find(
      ({ metadata }) => metadata.namespace === textAt(args, 'namespace') && metadata.name === textAt(args, 'name'),
    );
    return identity === undefined || !isUsable(identity) ? { found: false } : { found: true, identity };
  },
  'mic.assignmentState': assignmentState,
  'mic.assignmentDiff': (args) => {
    const [current, desired] = [mapAt(args, 'current'), mapAt(args, 'desired')];
    const missing = Object.keys(desired).map((name) => [name, missingIdentities(textsAt(desired, name), textsAt(current, name))] as const);
    return new ExactMap(Object.fromEntries(missing.filter(([, ids]) => ids.length > 0)));
  },
  'crd.removeFinalizer': (args) => {
    const object = manifestIn(args['object']);
    if (object.kind !== 'AzureAssignedIdentity') throw new Error('only AzureAssignedIdentities carry the finalizer');
    return withoutFinalizer(object);
  },
  'utils.validateResourceID': (args) => {
    if (!isUserAssignedId(textAt(args, 'id'))) throw new CallFailure('no id of a user-assigned identity');
    return undefined;
  },
  'apis.sortBindings': (args) => {
    const bindings = listAt(args, 'bindings')
      .filter(isMap)
      .map((one) => manifestIn({ metadata: one, ...one, kind: 'AzureIdentityBinding' }));
    const pod = manifestIn({ kind: 'Pod', metadata: { name: 'p', labels: { aadpodidbinding: 's' } }, spec: { nodeName: 'n' } });
    if (pod.kind !== 'Pod') throw new Error('a pod is a pod');
    return matchingBindings(pod, { bindingsOf: () => bindings.filter((one) => one.kind === 'AzureIdentityBinding') });
  },
};

/** What ARM reports and what is wanted, resource by resource. */
function assignmentState(_args: DataMap, stage: CallStage): ExactMap {
  const { plane } = planeOf(stage);
  const nodes = plane.objects('Node');
  const survey = surveyAssignments({
    assigned: plane.objects('AzureAssignedIdentity'),
    nodeAt: (name) => nodes.find((node) => node.metadata.name === name),
  });
  if (typeof survey === 'string') throw new CallFailure(survey);
  const byName = (valueOf: (one: SurveyedResource) => Data): DataMap => Object.fromEntries(survey.map((one) => [one.name, valueOf(one)]));
  return new ExactMap({
    current: byName(({ kind, name }) => plane.cloud.answer({ op: 'get', resource: { kind, name } }).resource?.userAssigned ?? []),
    desired: byName(({ wanted }) => wanted),
    isVMSS: byName(({ kind }) => kind === 'vmss'),
  });
}
