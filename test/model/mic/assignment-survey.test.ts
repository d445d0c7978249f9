/** What the reconcile pass wants on each resource, and which entries of a PATCH go when an error blames them. */
import { describe, expect, test } from 'vitest';
import type { AzureAssignedIdentity, Node } from '../../../src/model/kubernetes.ts';
import { missingIdentities, surveyAssignments } from '../../../src/model/mic/assignment-survey.ts';
import type { SurveyedResource } from '../../../src/model/mic/assignment-survey.ts';
import { withoutIds } from '../../../src/model/mic/bad-identity.ts';
import { nodeObject } from '../../../src/model/node-object.ts';

const scaleSetNode = 'azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/pool/virtualMachines/0';
const providers: Readonly<Record<string, string>> = { n0: scaleSetNode, n1: scaleSetNode.replace(/0$/u, '1'), vm: '', bad: 'nonsense' };

function nodeAt(name: string): Node | undefined {
  const providerID = providers[name];
  return providerID === undefined ? undefined : nodeObject({ name, pool: 'pool', providerID, maxPods: 30, isReady: true });
}

function assigned(nodename: string, resourceID: string, more: { readonly status?: 'Created' | 'Assigned'; readonly type?: number } = {}) {
  const { status = 'Assigned', type = 0 } = more;
  return { spec: { nodename, azureIdentityRef: { spec: { type, resourceID } } }, status: { status } } as AzureAssignedIdentity;
}

describe('surveyAssignments', () => {
  test('two nodes of one scale set are one resource that wants each identity once', () => {
    const survey = surveyAssignments({ assigned: [assigned('n0', 'a'), assigned('n1', 'a'), assigned('n1', 'b')], nodeAt });
    const pool: SurveyedResource = { kind: 'vmss', name: 'pool', wanted: ['a', 'b'] };
    expect(survey).toEqual([pool]);
  });

  test('what is Created, or of another type, is not wanted, but its resource is looked at', () => {
    const survey = surveyAssignments({ assigned: [assigned('vm', 'a', { status: 'Created' }), assigned('vm', 'b', { type: 1 })], nodeAt });
    expect(survey).toEqual([{ kind: 'vm', name: 'vm', wanted: [] }]);
  });

  test('one unknown node or unreadable providerID ends the survey of all', () => {
    expect(surveyAssignments({ assigned: [assigned('vm', 'a'), assigned('gone', 'a')], nodeAt })).toBe('node gone not found');
    expect(surveyAssignments({ assigned: [assigned('bad', 'a')], nodeAt })).toBe('providerID of node bad is no resource id');
  });

  test('an identity that ARM spells in another letter case counts as missing', () => {
    expect(missingIdentities(['a', 'B', 'c'], ['a', 'b'])).toEqual(['B', 'c']);
  });
});

describe('withoutIds', () => {
  test('drops entries in whatever letter case they are blamed', () => {
    const delta = [
      { id: 'a', action: 'add' },
      { id: 'b', action: 'remove' },
    ] as const;
    expect(withoutIds(delta, ['A', 'x'])).toEqual([{ id: 'b', action: 'remove' }]);
  });
});
