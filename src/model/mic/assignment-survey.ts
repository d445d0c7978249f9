/**
 * What the reconcile pass takes to be wanted, and what of it is missing.
 *
 * Follows pkg/mic/mic.go (generateIdentityAssignmentState, generateIdentityAssignmentDiff).
 */
import type { AzureAssignedIdentity, Node } from '../kubernetes.ts';
import { placementOf } from './placement.ts';
import type { Placement } from './placement.ts';

/** A VM or scale set with assigned identities, and the resource ids it should carry, as they are spelled. */
export interface SurveyedResource {
  readonly kind: 'vm' | 'vmss';
  readonly name: string;
  readonly wanted: readonly string[];
}

/** What a survey looks at: the caches of MIC, or whatever stands for them. */
export interface SurveySources {
  readonly assigned: readonly AzureAssignedIdentity[];
  nodeAt(name: string): Node | undefined;
}

/** Resources with assigned identities and what each should carry, or why that cannot be said. Wanted is what is Assigned, of type 0. */
export function surveyAssignments(sources: SurveySources): readonly SurveyedResource[] | string {
  const resources = new Map<string, { kind: 'vm' | 'vmss'; name: string; wanted: Set<string> }>();
  const places = new Map<string, Placement>();
  for (const { spec, status } of sources.assigned) {
    const { nodename, azureIdentityRef } = spec;
    let place = places.get(nodename);
    if (place === undefined) {
      const node = sources.nodeAt(nodename);
      if (node === undefined) return `node ${nodename} not found`;
      places.set(nodename, (place = placementOf(node.spec.providerID)));
    }
    if (place.kind === 'unreadable') return `providerID of node ${nodename} is no resource id`;
    const name = place.kind === 'vmss' ? place.name : nodename;
    let resource = resources.get(name);
    if (resource === undefined) resources.set(name, (resource = { kind: place.kind, name, wanted: new Set() }));
    if (status.status === 'Assigned' && azureIdentityRef.spec.type === 0) resource.wanted.add(azureIdentityRef.spec.resourceID);
  }
  return [...resources.values()].map(({ kind, name, wanted }) => ({ kind, name, wanted: [...wanted] }));
}

/** Faithful: compared letter by letter. What ARM spells otherwise counts as missing, and costs a GET that finds it present. */
export function missingIdentities(wanted: readonly string[], present: readonly string[]): readonly string[] {
  return wanted.filter((id) => !present.includes(id));
}
